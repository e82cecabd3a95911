import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { GitPullRequest, GitPush } from '../../../kernel/git-event.ts';
import type { GitConfiguration, PipelineTriggerDeclaration } from '../api.gen.ts';
import { triggerVerdict } from './git-triggers.ts';

const trigger = (configuration: Omit<GitConfiguration, 'sourceActionName'>): PipelineTriggerDeclaration => ({
  providerType: 'CodeStarSourceConnection',
  gitConfiguration: { sourceActionName: 'Source', ...configuration },
});
const push = (name: string, files?: readonly string[], ref: 'branch' | 'tag' = 'branch'): GitPush => ({
  kind: 'push',
  ref,
  name,
  repository: 'a/b',
  commit: '1'.repeat(40),
  ...(files && { files }),
});
const pull = (action: GitPullRequest['action'], destinationBranch: string, files?: readonly string[]): GitPullRequest => ({
  kind: 'pullRequest',
  action,
  id: '1',
  title: 't',
  repository: 'a/b',
  commit: '1'.repeat(40),
  sourceBranch: 'topic',
  destinationBranch,
  ...(files && { files }),
});
const starts = (configuration: Omit<GitConfiguration, 'sourceActionName'>, event: GitPush | GitPullRequest) =>
  triggerVerdict(trigger(configuration), event, 'main').start;

describe('a trigger', () => {
  it('without filters is for pushes to the configured branch', () => {
    expect(starts({}, push('main'))).toBe(true);
    expect(starts({}, push('other'))).toBe(false);
    expect(starts({}, push('main', [], 'tag'))).toBe(false);
    expect(starts({}, pull('OPEN', 'main'))).toBe(false);
  });

  it('of branches does not care for tags, and the other way round', () => {
    const branches = { push: [{ branches: { includes: ['**'] } }] };
    expect([starts(branches, push('x')), starts(branches, push('x', [], 'tag'))]).toEqual([true, false]);
    const tags = { push: [{ tags: { includes: ['v*'] } }] };
    expect([starts(tags, push('v1')), starts(tags, push('v1', [], 'tag')), starts(tags, push('w1', [], 'tag'))]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it('of excludes alone includes everything else', () => {
    const filter = { push: [{ branches: { excludes: ['main'] } }] };
    expect([starts(filter, push('x')), starts(filter, push('main'))]).toEqual([true, false]);
  });

  it('of branches and files needs both, and asks for the files only when the branch passes', () => {
    const filter = { push: [{ branches: { includes: ['main'] }, filePaths: { includes: ['src/**'], excludes: ['**/*.md'] } }] };
    expect(starts(filter, push('other'))).toBe(false);
    expect(starts(filter, push('main'))).toBe('files');
    expect(starts(filter, push('main', ['src/a.md', 'docs/b']))).toBe(false);
    expect(starts(filter, push('main', ['src/a.md', 'src/b']))).toBe(true);
    expect(starts(filter, push('main', []))).toBe(false);
  });

  it('of several filters starts when one of them does', () => {
    const filter = { push: [{ branches: { includes: ['a'] } }, { branches: { includes: ['b'], excludes: ['a'] } }] };
    expect([starts(filter, push('a')), starts(filter, push('b')), starts(filter, push('c'))]).toEqual([true, true, false]);
  });

  it('of pull requests looks at the branch they go into', () => {
    const filter = { pullRequest: [{ events: ['OPEN' as const, 'UPDATED' as const], branches: { includes: ['main'] } }] };
    expect(starts(filter, pull('OPEN', 'main'))).toBe(true);
    expect(starts(filter, pull('CLOSED', 'main'))).toBe(false);
    expect(starts(filter, pull('UPDATED', 'topic'))).toBe(false);
    expect(starts(filter, push('main'))).toBe(false);
    expect(starts({ pullRequest: [{ branches: { includes: ['main'] } }] }, pull('CLOSED', 'main'))).toBe(true);
  });

  it('says why not', () => {
    const said = triggerVerdict(trigger({ push: [{ branches: { includes: ['a', 'b*'], excludes: ['bad'] } }] }), push('bad'), 'main');
    expect(said).toEqual({ start: false, reason: "the branch bad is excluded by 'bad'" });
    const other = triggerVerdict(trigger({ push: [{ branches: { includes: ['a', 'b*'] } }] }), push('c'), 'main');
    expect(other).toEqual({ start: false, reason: "the branch c is not among the includes 'a', 'b*'" });
  });

  const name = fc.string({ unit: fc.constantFrom('a', 'b', '/', '.'), minLength: 1, maxLength: 6 });
  const pattern = fc.oneof(name, fc.constantFrom('*', '**', 'a*', '**/b', '{a,b}', '?'));
  const patterns = fc.array(pattern, { minLength: 1, maxLength: 4 });

  it('never starts for a branch that is excluded, whatever is included', () => {
    fc.assert(
      fc.property(patterns, patterns, name, (includes, excludes, branch) => {
        const literal = branch.replace(/[*?[\]{}\\!]/g, '\\$&');
        const filter = { push: [{ branches: { includes: [...includes, literal], excludes: [...excludes, literal] } }] };
        expect(starts(filter, push(branch))).toBe(false);
        expect(starts({ pullRequest: filter.push }, pull('OPEN', branch))).toBe(false);
      }),
    );
  });

  it('never starts when every changed file is excluded, whatever is included', () => {
    fc.assert(
      fc.property(patterns, fc.array(name, { maxLength: 5 }), (includes, files) => {
        const filter = { push: [{ filePaths: { includes: [...includes, '**'], excludes: ['**'] } }] };
        expect(starts(filter, push('main', files))).toBe(false);
      }),
    );
  });
});
