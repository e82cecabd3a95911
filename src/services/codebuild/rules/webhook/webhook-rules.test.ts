import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WebhookFilter } from '../../api.gen.ts';
import type { WebhookEvent } from './event.ts';
import { isWanted, openGroups, wantedEvents } from './filters.ts';
import { compile, matches } from './matches.ts';
import { readDelivery } from './read.ts';

const [A, B] = ['a'.repeat(40), 'b'.repeat(40)];
const SERVERS = ['GITHUB', 'GITHUB_ENTERPRISE', 'GITLAB', 'GITLAB_SELF_MANAGED', 'BITBUCKET'] as const;

/** The one event of a delivery. */
function read(server: (typeof SERVERS)[number], event: string, payload: object): WebhookEvent {
  const delivered = readDelivery(server, event, payload);
  if (delivered.kind !== 'events') throw new Error(JSON.stringify(delivered));
  expect(delivered.events).toHaveLength(1);
  return delivered.events[0]!;
}

const why = (server: (typeof SERVERS)[number], event: string, payload: object) => {
  const delivered = readDelivery(server, event, payload);
  return delivered.kind === 'nothing' ? delivered.why : delivered.kind;
};

describe('GitHub', () => {
  const common = { repository: { full_name: 'acme/shop', default_branch: 'main' }, sender: { id: 1, login: 'ada' } };
  const github = (event: string, payload: object) => read('GITHUB', event, { ...common, ...payload });

  it('pushes a tag: its commit is built', () => {
    expect(github('push', { ref: 'refs/tags/v1', after: A, head_commit: { id: B, message: 'Release' } })).toMatchObject({
      type: 'PUSH',
      headRef: 'refs/tags/v1',
      trigger: 'tag/v1',
      sourceVersion: B,
      message: 'Release',
      range: { from: 'main', to: B },
    });
  });

  it('tells of files where it tells of all', () => {
    const commits = [{ id: B, added: ['a'], removed: ['b'], modified: ['a', 'c'] }];
    const push = { ref: 'refs/heads/main', before: A, after: B, commits };
    expect(github('push', push).files).toEqual(['a', 'b', 'c']);
    expect(github('push', { ...push, forced: true }).files).toBeUndefined();
    expect(github('push', { ...push, before: '0'.repeat(40) })).not.toHaveProperty('previousCommit');
  });

  it.each([
    ['opened', {}, 'PULL_REQUEST_CREATED'],
    ['reopened', {}, 'PULL_REQUEST_REOPENED'],
    ['synchronize', {}, 'PULL_REQUEST_UPDATED'],
    ['closed', { merged: false }, 'PULL_REQUEST_CLOSED'],
    ['closed', { merged: true, merge_commit_sha: A }, 'PULL_REQUEST_MERGED'],
  ])('%s (%j) is %s', (action, more, type) => {
    const request = { number: 3, head: { ref: 'x', sha: B, repo: { full_name: 'acme/shop' } }, base: { ref: 'main', sha: A }, ...more };
    const event = github('pull_request', { action, pull_request: request });
    expect(event).toMatchObject({ type, baseRef: 'refs/heads/main', headRef: 'refs/heads/x', commit: B, pull: { id: '3', fork: false } });
    expect(event.mergeCommit).toBe(type === 'PULL_REQUEST_MERGED' ? A : undefined);
  });

  it('releases', () => {
    expect(github('release', { action: 'released', release: { tag_name: 'v1', name: 'One' } })).toMatchObject({
      type: 'RELEASED',
      sourceVersion: 'refs/tags/v1',
      tagName: 'v1',
      releaseName: 'One',
    });
    expect(why('GITHUB', 'release', { ...common, action: 'created', release: { tag_name: 'v1' } })).toBe('a release that was created');
  });

  it('queues jobs of workflows for who has the label', () => {
    const job = { head_sha: B, head_branch: 'main', workflow_name: 'CI', labels: ['linux', 'codebuild-shop-1-1'] };
    expect(github('workflow_job', { action: 'queued', workflow_job: job })).toMatchObject({
      type: 'WORKFLOW_JOB_QUEUED',
      workflowName: 'CI',
      label: 'codebuild-shop-1-1',
    });
    expect(why('GITHUB', 'workflow_job', { ...common, action: 'queued', workflow_job: { ...job, labels: ['linux'] } })).toContain(
      'no build',
    );
  });

  it('sends what is no event of ours', () => {
    expect(why('GITHUB', 'push', { ...common, ref: 'refs/heads/x', after: '0'.repeat(40) })).toBe('the deletion of the branch x');
    expect(why('GITHUB', 'ping', common)).toBe('the event ping');
    expect(why('GITHUB', 'ping', {})).toBe('an event of no repository');
    expect(why('GITHUB', 'issue_comment', { ...common, action: 'created', issue: { number: 1 } })).toContain('no build');
  });
});

describe('GitLab', () => {
  const project = { path_with_namespace: 'acme/tools/shop', git_http_url: 'https://gitlab.com/acme/tools/shop.git' };

  it('pushes', () => {
    const commits = [{ id: B, message: 'Mend', added: [], modified: ['a'], removed: [] }];
    const payload = { object_kind: 'push', ref: 'refs/heads/main', before: A, checkout_sha: B, user_id: 9, project, commits };
    expect(read('GITLAB', 'Push Hook', { ...payload, total_commits_count: 1 })).toMatchObject({
      repository: 'acme/tools/shop',
      cloneUrl: project.git_http_url,
      actor: '9',
      files: ['a'],
      message: 'Mend',
      previousCommit: A,
    });
    expect(read('GITLAB', 'Push Hook', { ...payload, total_commits_count: 30 }).files).toBeUndefined();
  });

  it.each([
    [{ action: 'open' }, 'PULL_REQUEST_CREATED'],
    [{ action: 'reopen' }, 'PULL_REQUEST_REOPENED'],
    [{ action: 'update', oldrev: A }, 'PULL_REQUEST_UPDATED'],
    [{ action: 'merge', merge_commit_sha: A }, 'PULL_REQUEST_MERGED'],
    [{ action: 'close' }, 'PULL_REQUEST_CLOSED'],
  ])('merge request %j is %s', (more, type) => {
    const request = {
      iid: 4,
      source_branch: 'x',
      target_branch: 'main',
      last_commit: { id: B },
      source_project_id: 1,
      target_project_id: 2,
    };
    const event = read('GITLAB', '', {
      object_kind: 'merge_request',
      project,
      user: { id: 9 },
      object_attributes: { ...request, ...more },
    });
    expect(event).toMatchObject({ type, sourceVersion: 'pr/4', pull: { id: '4', fork: true } });
  });

  it('leaves alone a merge request that got another title', () => {
    const attributes = { action: 'update', iid: 4 };
    expect(why('GITLAB', '', { object_kind: 'merge_request', project, object_attributes: attributes })).toContain('did not change');
  });

  it('comments', () => {
    const note = {
      object_kind: 'note',
      project,
      user: { id: 9 },
      merge_request: { iid: 4 },
      object_attributes: { note: `/codebuild_run(${B})` },
    };
    expect(readDelivery('GITLAB', 'Note Hook', note)).toEqual({
      kind: 'approval',
      comment: { repository: 'acme/tools/shop', pull: '4', commit: B, actor: '9', actorName: '9' },
    });
  });
});

describe('Bitbucket', () => {
  const common = { repository: { full_name: 'acme/shop' }, actor: { uuid: '{u-1}' } };

  it('pushes several references at once', () => {
    const moved = (type: string, name: string) => ({
      new: { type, name, target: { hash: B, message: 'm' } },
      old: { target: { hash: A } },
    });
    const push = { changes: [moved('branch', 'main'), moved('tag', 'v1'), { new: null, old: {} }] };
    const delivered = readDelivery('BITBUCKET', 'repo:push', { ...common, push });
    expect(delivered).toMatchObject({
      kind: 'events',
      events: [
        { trigger: 'branch/main', actor: 'u-1' },
        { trigger: 'tag/v1', headRef: 'refs/tags/v1' },
      ],
    });
  });

  it.each([
    ['pullrequest:created', 'PULL_REQUEST_CREATED', 'refs/heads/x'],
    ['pullrequest:updated', 'PULL_REQUEST_UPDATED', 'refs/heads/x'],
    ['pullrequest:fulfilled', 'PULL_REQUEST_MERGED', 'refs/heads/main'],
    ['pullrequest:rejected', 'PULL_REQUEST_CLOSED', 'refs/heads/x'],
  ])('%s is %s', (event, type, sourceVersion) => {
    const source = { branch: { name: 'x' }, commit: { hash: 'b'.repeat(12) } };
    const pullrequest = { id: 5, source, destination: { branch: { name: 'main' } }, merge_commit: { hash: 'c'.repeat(12) } };
    expect(read('BITBUCKET', event, { ...common, pullrequest })).toMatchObject({ type, sourceVersion, pull: { id: '5', fork: false } });
  });
});

it('reads whatever comes without an error', () => {
  const events = fc.constantFrom('push', 'pull_request', 'release', 'workflow_job', 'issue_comment', 'repo:push', 'pullrequest:created');
  fc.assert(
    fc.property(fc.constantFrom(...SERVERS), events, fc.jsonValue(), (server, event, payload) => {
      expect(['events', 'approval', 'nothing']).toContain(readDelivery(server, event, payload).kind);
    }),
  );
});

describe('filters', () => {
  const event: WebhookEvent = {
    type: 'PULL_REQUEST_CREATED',
    repository: 'acme/shop',
    actor: '42',
    headRef: 'refs/heads/feature/x',
    baseRef: 'refs/heads/main',
    trigger: 'pr/1',
    sourceVersion: 'pr/1',
  };
  const facts = { files: ['src/a.ts', 'docs/b.md'], message: 'Mend it\n\nall' };
  const EVENT: WebhookFilter = { type: 'EVENT', pattern: 'PUSH, PULL_REQUEST_CREATED' };
  const wants = (...group: WebhookFilter[]) => isWanted({ filterGroups: [[EVENT, ...group]] }, event, facts);

  it.each<[WebhookFilter['type'], string, boolean]>([
    ['HEAD_REF', '^refs/heads/feature/', true],
    ['HEAD_REF', '^feature', false],
    ['BASE_REF', '^refs/heads/main$', true],
    ['BASE_REF', 'develop', false],
    ['ACTOR_ACCOUNT_ID', '^(41|42)$', true],
    ['ACTOR_ACCOUNT_ID', '^4$', false],
    ['FILE_PATH', '^docs/', true],
    ['FILE_PATH', '\\.java$', false],
    ['COMMIT_MESSAGE', '^Mend', true],
    ['COMMIT_MESSAGE', '(?i)mend', true],
    ['COMMIT_MESSAGE', '\\[skip\\]', false],
    ['REPOSITORY_NAME', '^shop$', true],
    ['ORGANIZATION_NAME', '^acme$', true],
    ['ORGANIZATION_NAME', 'shop', false],
  ])('%s %s: %s, and the other way round where it excludes', (type, pattern, expected) => {
    expect(wants({ type, pattern })).toBe(expected);
    expect(wants({ type, pattern, excludeMatchedPattern: true })).toBe(!expected);
  });

  it('that ask what nobody knows say no', () => {
    for (const excludeMatchedPattern of [true, false]) {
      expect(wants({ type: 'TAG_NAME', pattern: 'v', excludeMatchedPattern })).toBe(false);
      expect(isWanted({ filterGroups: [[EVENT, { type: 'FILE_PATH', pattern: 'x', excludeMatchedPattern }]] }, event, {})).toBe(false);
    }
  });

  it('have to fit all in one of the groups', () => {
    const no: WebhookFilter = { type: 'BASE_REF', pattern: 'develop' };
    expect(isWanted({ filterGroups: [[EVENT, no], [EVENT]] }, event, facts)).toBe(true);
    expect(isWanted({ filterGroups: [[EVENT, no], [{ type: 'EVENT', pattern: 'PUSH' }]] }, event, facts)).toBe(false);
    expect(
      openGroups(
        [
          [EVENT, no],
          [EVENT, { type: 'FILE_PATH', pattern: 'x' }],
        ],
        event,
      ),
    ).toHaveLength(1);
  });

  it('that are not there let pushes and pull requests through, on the branches of the branch filter', () => {
    expect(isWanted({}, event, {})).toBe(true);
    expect(isWanted({}, { ...event, type: 'PULL_REQUEST_MERGED' }, {})).toBe(false);
    expect(isWanted({ branchFilter: '^feature' }, event, {})).toBe(true);
    expect(isWanted({ branchFilter: '^main$' }, event, {})).toBe(false);
    expect([...wantedEvents({})]).toContain('PUSH');
  });
});

it('does not let a careless pattern hold anybody up', () => {
  const pattern = compile('^(a+)+$')!;
  expect(matches(pattern, 'aaaa')).toBe(true);
  const before = performance.now();
  expect(matches(pattern, `${'a'.repeat(50)}!`)).toBe(false);
  expect(performance.now() - before).toBeLessThan(5_000);
});
