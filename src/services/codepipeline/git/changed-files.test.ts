import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commit as commitFiles, git as run } from '../../../../test/support/git.ts';
import type { GitEvent } from '../../../kernel/git-event.ts';
import type { GitConnections } from '../../../ports/connections.ts';
import type { Git } from '../../../ports/git.ts';
import { openGit } from '../../../store/git/index.ts';
import { localSpawner } from '../../../store/spawn-local.ts';
import { changedFiles } from './changed-files.ts';
import type { GitSource } from './sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'changed-files-'));
const remote = join(folder, 'remote');
const NEVER = new AbortController().signal;
let git: Git;
const commits: Record<string, string> = {};

/** Every repository is the one in our folder. */
const connections: GitConnections = {
  repository: async () => ({ url: `file://${remote}`, access: {}, providerType: 'GitHub' }),
  report: async () => undefined,
  register: async () => undefined,
  deregister: async () => undefined,
};
const source: GitSource = {
  pipelineId: '123456789012/us-east-1/p',
  account: '123456789012',
  region: 'us-east-1',
  sourceRegion: 'us-east-1',
  pipeline: 'p',
  role: 'arn:aws:iam::123456789012:role/r',
  action: 'Source',
  kind: 'connection',
  arn: 'arn:aws:codeconnections:us-east-1:123456789012:connection/c',
  repository: 'a/b',
  branch: 'main',
  trigger: undefined,
  detects: true,
};
const aws = {
  as: () => {
    throw new Error('a connection needs no call');
  },
};
const files = (event: GitEvent) => changedFiles({ git, connections, aws }, event, source, NEVER);
const push = (commit: string, before?: string): GitEvent => ({
  kind: 'push',
  ref: 'branch',
  name: 'x',
  repository: 'a/b',
  commit: commits[commit]!,
  ...(before !== undefined && { before: commits[before] ?? before }),
});
const pull = (commit: string, base?: string): GitEvent => ({
  kind: 'pullRequest',
  action: 'CLOSED',
  id: '1',
  title: '',
  repository: 'a/b',
  commit: commits[commit]!,
  sourceBranch: 'topic',
  destinationBranch: 'main',
  ...(base !== undefined && { base: commits[base]! }),
});

/** main: one ─ two ─ three; topic leaves at one: t1 ─ t2; merged leaves at one and is merged into main last. */
beforeAll(async () => {
  await run(folder, ['init', '--quiet', remote]);
  const make = async (name: string, file: string) => (commits[name] = await commitFiles(remote, { [file]: name }, name));
  await make('one', 'a.txt');
  await run(remote, ['checkout', '--quiet', '-b', 'merged']);
  await make('m1', 'merged.txt');
  await run(remote, ['checkout', '--quiet', '-b', 'topic', commits.one!]);
  await make('t1', 'topic.txt');
  await make('t2', 'src/topic.txt');
  await run(remote, ['checkout', '--quiet', 'main']);
  await make('two', 'b.txt');
  await make('three', 'a.txt');
  await run(remote, ['merge', '--quiet', '--no-edit', 'merged']);
  git = await openGit({ folder: join(folder, 'store'), spawner: localSpawner(), protocols: 'file' });
});
afterAll(async () => {
  await git.close();
  rmSync(folder, { recursive: true });
});

describe('the changed files', () => {
  it('of a push are those between its ends', async () => {
    expect(await files(push('three', 'one'))).toEqual(['a.txt', 'b.txt']);
    expect(await files(push('two', 'two'))).toEqual([]);
  });

  it('of a new branch are those since it left the default branch', async () => {
    expect(await files(push('t2'))).toEqual(['src/topic.txt', 'topic.txt']);
  });

  it('of a push whose old end is gone are measured like those of a new branch', async () => {
    expect(await files(push('t1', 'f'.repeat(40)))).toEqual(['topic.txt']);
  });

  it('of a pull request are those since it left the branch it goes into, not what came there meanwhile', async () => {
    expect(await files(pull('t2'))).toEqual(['src/topic.txt', 'topic.txt']);
    expect(await files(pull('t2', 'three'))).toEqual(['src/topic.txt', 'topic.txt']);
  });

  it('of a merged pull request are told only where the host says from where it began', async () => {
    expect(await files(pull('m1', 'one'))).toEqual(['merged.txt']);
    await expect(files(pull('m1'))).rejects.toMatchObject({ code: 'FilesUnknown' });
  });
});
