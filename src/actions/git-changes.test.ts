import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commit, git as run } from '../../test/support/git.ts';
import { silentLogger } from '../kernel/log.ts';
import type { Git } from '../ports/git.ts';
import type { ActionTools } from '../services/codepipeline/provider.ts';
import { localSpawner } from '../store/spawn-local.ts';
import { openGit } from '../store/git/index.ts';
import { gitSource } from './git-source/index.ts';

let folder: string;
let git: Git;
const ids: string[] = [];
const Url = () => `file://${folder}/work`;
const changes = (from: string | undefined, to: string) => {
  const tools = { signal: new AbortController().signal, log: silentLogger } as unknown as ActionTools;
  return gitSource(git).changes!({ Url: Url(), BranchName: 'main' }, from, to, tools);
};

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'changes-'));
  git = await openGit({ folder: join(folder, 'store'), spawner: localSpawner(), protocols: 'file' });
  const work = join(folder, 'work');
  for (let n = 0; n < 60; n++)
    ids.push(await commit(work, { a: `${'line\n'.repeat(n)}`, [`f${n}`]: 'x\n' }, `Change ${n}\n\nwith more to say`));
  await run(work, ['config', 'uploadpack.allowAnySHA1InWant', 'true']);
}, 60_000);
afterAll(async () => {
  await git.close();
  rmSync(folder, { recursive: true });
});

describe('what lies between two commits of a foreign repository', () => {
  it('names commits, authors and lines, newest first', async () => {
    // What pipelines do: they fetch single commits, without history.
    await git.fetchRemote(Url(), ids[2]!);
    await git.fetchRemote(Url(), ids[5]!);
    const found = await changes(ids[2], ids[5]!);
    expect(found).toMatchObject({ relation: 'AHEAD', moreCommits: false, filesChanged: 4, insertions: 6, deletions: 0 });
    expect(found.commits.map(({ subject, author }) => `${author}: ${subject}`)).toEqual([
      'Test: Change 5',
      'Test: Change 4',
      'Test: Change 3',
    ]);
    expect(found.commits[0]).toMatchObject({ commitId: ids[5], at: expect.any(Number) });
    expect(found.files[0]).toEqual({ path: 'a', insertions: 3, deletions: 0, binary: false });
  });

  it('is bounded, and says that there is more', async () => {
    const found = await changes(ids[0], ids[59]!);
    expect(found).toMatchObject({ relation: 'AHEAD', moreCommits: true, filesChanged: 60 });
    expect(found.commits).toHaveLength(50);
  });

  it('says that a revision goes back, and what it takes away', async () => {
    const found = await changes(ids[8], ids[6]!);
    expect(found).toMatchObject({ relation: 'BEHIND', deletions: 4 });
    expect(found.commits.map(({ subject }) => subject)).toEqual(['Change 8', 'Change 7']);
  });

  it('tells of two that went different ways, of the same one, and of a first one', async () => {
    const work = join(folder, 'work');
    await run(work, ['checkout', '--quiet', '-b', 'side', ids[3]!]);
    const side = await commit(work, { b: 'x' }, 'Aside');
    expect((await changes(ids[5], side)).relation).toBe('DIVERGED');
    expect(await changes(side, side)).toMatchObject({ relation: 'SAME', commits: [] });
    const first = await changes(undefined, ids[1]!);
    expect(first).toMatchObject({ relation: 'FIRST', filesChanged: 0 });
    expect(first.commits.map(({ subject }) => subject)).toEqual(['Change 1', 'Change 0']);
  });
});
