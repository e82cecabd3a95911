import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Git, GitChange, GitEdit, GitPerson, Oid } from '../../ports/git.ts';
import { localSpawner } from '../spawn-local.ts';
import { readDirectory } from '../artifacts/read-directory.ts';
import { collect } from './environment.ts';
import { openGit } from './index.ts';

const ann: GitPerson = { name: 'Ann', email: 'ann@example.com', seconds: 1_700_000_000, offset: '+0200' };
const MAIN = 'refs/heads/main';

let folder: string;
let git: Git;

const open = () => openGit({ folder, spawner: localSpawner(), protocols: 'file:https' });
const cli = (...args: string[]) =>
  execFileSync('git', [`--git-dir=${join(folder, 'r1.git')}`, ...args], { encoding: 'utf8', env: process.env }).trim();
const put = (path: string, text: string, mode = '100644'): GitEdit => ({ kind: 'put', path, mode, content: Buffer.from(text) });
const commit = (edits: GitEdit[], parent?: Oid, message = 'a change\n') =>
  git.write('r1', { ref: MAIN, ...(parent && { parent }), author: ann, committer: ann, message, edits });

async function changes(before: Oid | undefined, after: Oid | undefined): Promise<GitChange[]> {
  const found: GitChange[] = [];
  for await (const change of git.diff('r1', before, after)) found.push(change);
  return found;
}

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'git-store-'));
  git = await open();
  await git.create('r1');
});

afterEach(async () => {
  await git.close();
  rmSync(folder, { recursive: true });
});

describe('repositories', () => {
  test('are made once, listed, and gone when deleted', async () => {
    await expect(git.create('r1')).rejects.toMatchObject({ code: 'RepositoryExists' });
    expect(await git.list()).toEqual(['r1']);
    await commit([put('a', 'x')]);
    await git.delete('r1');
    await git.delete('r1');
    expect(await git.list()).toEqual([]);
    await expect(git.refs('r1')).rejects.toMatchObject({ code: 'NoSuchRepository' });
    await expect(git.commit('r1', 'a'.repeat(40))).rejects.toMatchObject({ code: 'NoSuchRepository' });
    expect(readdirSync(folder)).toEqual(['.home']);
  });

  test('ids that are paths are refused', async () => {
    await expect(git.create('../x')).rejects.toMatchObject({ code: 'NoSuchRepository' });
  });

  test('what a crash left half made is swept at the next start', async () => {
    mkdirSync(join(folder, '.new-1'));
    mkdirSync(join(folder, '.old-1'));
    const below = (...names: string[]) => join(folder, 'r1.git', ...names);
    writeFileSync(below('refs', 'heads', 'main.lock'), '');
    writeFileSync(below('objects', 'pack', 'tmp_pack_1'), '');
    mkdirSync(below('objects', 'tmp_objdir-incoming-1', 'pack'), { recursive: true });
    utimesSync(below('objects', 'tmp_objdir-incoming-1'), 1, 1);
    await git.close();
    git = await open();
    expect(readdirSync(folder).toSorted()).toEqual(['.home', 'r1.git']);
    expect([readdirSync(below('objects')).toSorted(), readdirSync(below('objects', 'pack'))]).toEqual([['info', 'pack'], []]);
    await commit([put('a', 'x')]);
    expect([...(await git.refs('r1')).keys()]).toEqual([MAIN]);
  });

  test('are told to have on disk what they acknowledge', () => {
    expect(cli('config', '--get-all', 'core.fsync')).toBe('committed,reference');
  });
});

describe('references', () => {
  test('loose and packed ones together, loose ones first', async () => {
    const one = await commit([put('a', '1')]);
    cli('tag', '-m', 'first', 'v1', one.commit);
    cli('branch', 'topic/deep', one.commit);
    cli('pack-refs', '--all');
    const two = await commit([put('a', '2')], one.commit);
    const refs = await git.refs('r1');
    expect([...refs]).toEqual([
      [MAIN, two.commit],
      ['refs/heads/topic/deep', one.commit],
      ['refs/tags/v1', cli('rev-parse', 'v1')],
    ]);
    expect(await git.peel('r1', refs.get('refs/tags/v1')!)).toBe(one.commit);
  });

  test('an update that comes too late changes nothing', async () => {
    const one = await commit([put('a', '1')]);
    const two = await commit([put('a', '2')], one.commit);
    const updates = [
      { ref: 'refs/heads/new', from: undefined, to: one.commit },
      { ref: MAIN, from: one.commit, to: undefined },
    ];
    await expect(git.updateRefs('r1', updates)).rejects.toMatchObject({ code: 'RefConflict' });
    expect([...(await git.refs('r1'))]).toEqual([[MAIN, two.commit]]);
    await git.updateRefs('r1', [{ ref: MAIN, from: two.commit, to: undefined }]);
    expect((await git.refs('r1')).size).toBe(0);
  });

  test('HEAD names what it is told to', async () => {
    expect(await git.head('r1')).toBe(MAIN);
    await git.setHead('r1', 'refs/heads/trunk');
    expect(cli('symbolic-ref', 'HEAD')).toBe('refs/heads/trunk');
    expect(await git.head('r1')).toBe('refs/heads/trunk');
  });
});

describe('commits', () => {
  test('are read as they were written', async () => {
    const one = await commit(
      [put('a/b.txt', 'hello'), put('run', '#!/bin/sh\n', '100755'), put('link', 'run', '120000')],
      undefined,
      'héllo\n\nbody',
    );
    expect(await git.commit('r1', one.commit)).toEqual({
      id: one.commit,
      tree: one.tree,
      parents: [],
      author: ann,
      committer: ann,
      message: 'héllo\n\nbody',
    });
    const tree = (await git.tree('r1', one.tree))!;
    expect(tree.map(({ mode, name }) => [mode, name])).toEqual([
      ['040000', 'a'],
      ['120000', 'link'],
      ['100755', 'run'],
    ]);
    expect(Buffer.from((await git.blob('r1', tree[1]!.id))!).toString()).toBe('run');
    expect(await git.blob('r1', one.commit)).toBeUndefined();
    expect(await git.tree('r1', 'a'.repeat(40))).toBeUndefined();
    await expect(git.blob('r1', tree[1]!.id, 2)).rejects.toMatchObject({ code: 'BlobTooLarge' });
    expect(cli('fsck', '--full', '--strict')).toBe('');
  });

  test('of two on the same parent one wins, and the other leaves nothing to see', async () => {
    const one = await commit([put('a', '1')]);
    const results = await Promise.allSettled([commit([put('a', '2')], one.commit), commit([put('a', '3')], one.commit)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(results.find((result) => result.status === 'rejected')?.reason).toMatchObject({ code: 'RefConflict' });
    expect(cli('for-each-ref', '--format=%(refname)')).toBe(MAIN);
  });

  test('names that would break the commit are cleaned, paths are taken as they are', async () => {
    const odd = { ...ann, name: 'A <b>\nparent x', email: 'a>\n@b' };
    const path = 'sp ace/"quote"\\back\nline';
    const { commit: id } = await git.write('r1', { ref: MAIN, author: odd, committer: odd, message: '', edits: [put(path, 'x')] });
    expect((await git.commit('r1', id))?.author).toMatchObject({ name: 'A bparent x', email: 'a@b' });
    expect((await changes(undefined, (await git.commit('r1', id))!.tree)).map((change) => change.path)).toEqual([path]);
  });

  test('history follows one path', async () => {
    const one = await commit([put('a', '1')]);
    const two = await commit([put('b', '1')], one.commit);
    const three = await commit([put('a', '2')], two.commit);
    expect(await git.history('r1', three.commit, 'a')).toEqual([three.commit, one.commit]);
  });

  test('a small archive is what git itself would have made', async () => {
    const one = await commit([
      put('a', '1'),
      put('deep/er/run.sh', '#!/bin/sh', '100755'),
      put('deep/link', '../a', '120000'),
      put('empty', ''),
      put('ünï ✓', 'x'.repeat(70_000)),
    ]);
    const ours = join(folder, 'ours.zip');
    const gits = join(folder, 'gits.zip');
    writeFileSync(ours, await collect(git.archive('r1', one.commit, 'zip')));
    cli('archive', '--format=zip', '-0', '-o', gits, one.commit);
    const listing = async (zip: string) =>
      (await readDirectory(zip, { entries: 100, bytes: 1_000_000 }))
        .map(({ entry: { path, mode, kind, size, crc32 } }) => ({ path, mode, kind, size, crc32 }))
        .toSorted((a, b) => (a.path < b.path ? -1 : 1));
    expect(await listing(ours)).toEqual(await listing(gits));
  });

  test('an archive has every file, whatever .gitattributes say', async () => {
    const one = await commit([
      put('.gitattributes', 'secret export-ignore\nv export-subst\n'),
      put('secret', 'x'),
      put('v', '$Format:%H$'),
    ]);
    writeFileSync(join(folder, 'a.tar'), await collect(git.archive('r1', one.commit, 'tar')));
    expect(execFileSync('tar', ['xOf', join(folder, 'a.tar'), 'v'], { encoding: 'utf8' })).toBe('$Format:%H$');
    const zip = await collect(git.archive('r1', one.commit, 'zip'));
    expect(zip.includes('secret')).toBe(true);
    await expect(collect(git.archive('r1', 'a'.repeat(40), 'zip'))).rejects.toMatchObject({ code: 'GitFailed' });
  });
});

const name = fc.constantFrom('a', 'b', 'a.b', 'a-b', 'ab', 'a0');
const file = fc.tuple(fc.array(name, { minLength: 1, maxLength: 3 }), fc.constantFrom('1', '2', '3'), fc.constantFrom('100644', '100755'));

test('the diff of any two trees is what git diff-tree says', async () => {
  const treeOf = async (files: [string[], string, string][], parent?: Oid) => {
    // A path below a file of the same list cannot be.
    const paths = new Map(files.map(([parts, text, mode]) => [parts.join('/'), put(parts.join('/'), text, mode)]));
    const taken = (path: string) => [...paths.keys()].some((other) => other !== path && path.startsWith(`${other}/`));
    const edits = [...paths].filter(([path]) => !taken(path)).map(([, step]) => step);
    const old = parent ? (await changes(undefined, (await git.commit('r1', parent))!.tree)).map(({ path }) => path) : [];
    const gone = old.filter((path) => !edits.some((step) => step.path === path)).map((path) => ({ kind: 'delete', path }) as const);
    return commit([...gone, ...edits], parent);
  };
  const run = async (before: [string[], string, string][], after: [string[], string, string][]) => {
    const head = (await git.refs('r1')).get(MAIN);
    const one = await treeOf(before, head);
    const two = await treeOf(after, one.commit);
    const said = cli('diff-tree', '-r', '--no-renames', '--raw', '--no-abbrev', one.tree, two.tree);
    const ours = (await changes(one.tree, two.tree)).map(({ path, before: a, after: b }) => {
      const none = '0'.repeat(40);
      const [aMode, bMode] = [a?.mode ?? '000000', b?.mode ?? '000000'];
      return `:${aMode} ${bMode} ${a?.id ?? none} ${b?.id ?? none} ${a && b ? 'M' : a ? 'D' : 'A'}\t${path}`;
    });
    // Git counts a folder that becomes a file as two lines, as we do, but may order the two differently.
    expect(ours.toSorted()).toEqual(said.split('\n').filter(Boolean).toSorted());
  };
  await fc.assert(fc.asyncProperty(fc.array(file, { maxLength: 8 }), fc.array(file, { maxLength: 8 }), run), { numRuns: 12 });
});

describe('foreign repositories', () => {
  test('are listed and fetched one commit at a time', async () => {
    const one = await commit([put('a', '1')]);
    const two = await commit([put('a', '2')], one.commit);
    cli('tag', '-m', 'first', 'v1', one.commit);
    const url = `file://${join(folder, 'r1.git')}`;
    expect(await git.lsRemote(url)).toEqual(
      new Map([
        ['HEAD', two.commit],
        [MAIN, two.commit],
        ['refs/tags/v1', one.commit],
      ]),
    );
    for (let twice = 0; twice < 2; twice++) {
      const fetched = await git.fetchRemote(url, one.commit);
      expect((await collect(git.archive(fetched.repository, fetched.commit, 'tar'))).includes('1')).toBe(true);
    }
    const cache = (await git.list()).find((id) => id !== 'r1')!;
    utimesSync(join(folder, `${cache}.git`, 'objects', 'pack'), 1, 1);
    await git.close();
    git = await open();
    expect(await git.list()).toEqual(['r1']);
  });

  test('servers that give out only what they list are asked for all of it', async () => {
    const one = await commit([put('a', '1')]);
    const two = await commit([put('a', '2')], one.commit);
    for (const rule of ['allowAnySHA1InWant', 'allowReachableSHA1InWant']) cli('config', `uploadpack.${rule}`, 'false');
    const speaking = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'protocol.version', GIT_CONFIG_VALUE_0: '0' };
    const spawner = localSpawner();
    await git.close();
    // Protocol version 2 gives out any commit; a client of version 0 meets the rule.
    git = await openGit({
      folder,
      protocols: 'file',
      spawner: { spawn: (request) => spawner.spawn({ ...request, env: { ...request.env, ...speaking } }) },
    });
    const url = `file://${join(folder, 'r1.git')}`;
    expect((await git.fetchRemote(url, one.commit)).commit).toBe(one.commit);
    expect(await git.commit((await git.fetchRemote(url, two.commit)).repository, one.commit)).toMatchObject({ id: one.commit });
    await expect(git.fetchRemote(url, 'a'.repeat(40))).rejects.toMatchObject({ code: 'RemoteFailed' });
  });

  test('gives its whole history where that is asked for, also after a part of it', async () => {
    const one = await commit([put('a', '1')]);
    const two = await commit([put('b', '2')], one.commit);
    const side = await git.write('r1', {
      ref: 'refs/heads/side',
      author: ann,
      committer: ann,
      message: 'aside\n',
      edits: [put('c', '3')],
    });
    const url = `file://${join(folder, 'r1.git')}`;
    await git.fetchRemote(url, two.commit);
    const cache = await git.fetchHistory(url, [two.commit]);
    expect(await git.mergeBase(cache, two.commit, one.commit)).toBe(one.commit);
    expect(await git.mergeBase(cache, two.commit, side.commit)).toBeUndefined();
    await expect(git.fetchHistory(url, ['a'.repeat(40)])).rejects.toMatchObject({ code: 'RemoteFailed' });
  });

  test('is kept apart for each that may read it', async () => {
    const one = await commit([put('a', '1')]);
    const url = `file://${join(folder, 'r1.git')}`;
    const [anybody, ann1, ann2] = await Promise.all([
      git.fetchRemote(url, one.commit),
      git.fetchRemote(url, one.commit, { username: 'ann', password: '1' }),
      git.fetchRemote(url, one.commit, { username: 'ann', password: '2' }),
    ]);
    expect(new Set([anybody.repository, ann1.repository, ann2.repository]).size).toBe(3);
  });

  test('transports that run programs, and URLs that are options, are refused', async () => {
    await expect(git.lsRemote('ext::sh -c "touch /tmp/x"')).rejects.toMatchObject({ code: 'RemoteFailed' });
    await expect(git.lsRemote('--upload-pack=touch /tmp/x')).rejects.toMatchObject({ code: 'RemoteFailed' });
    const refused = await git.lsRemote('https://ann:hunter2@127.0.0.1:1/x').catch((error: Error) => error.message);
    expect(refused).toContain('cannot list');
    expect(refused).not.toContain('hunter2');
  });
});

test('many packs become few', async () => {
  let parent: Oid | undefined;
  for (let n = 0; n < 42; n++) parent = (await commit([put('a', String(n))], parent)).commit;
  const packs = () => readdirSync(join(folder, 'r1.git', 'objects', 'pack')).filter((file_) => file_.endsWith('.pack')).length;
  expect(packs()).toBe(42);
  await git.maintain('r1');
  expect(packs()).toBeLessThan(10);
  expect(await git.blob('r1', (await git.tree('r1', (await git.commit('r1', parent!))!.tree))![0]!.id)).toEqual(Buffer.from('41'));
  expect(cli('fsck', '--full')).toBe('');
});

describe('ranges of history', () => {
  test('commits between two, how they relate, and lines per file', async () => {
    const first = await commit([put('a', 'one\n'), put('b', 'x\n')]);
    const second = await commit([put('a', 'one\ntwo\n'), put('tab\tname', 'y\n'), put('c', '\0\0')], first.commit, 'second\n\nbody\n');
    const third = await commit([{ kind: 'delete', path: 'b' }], second.commit, 'third\n');
    const ids = async (from: Oid | undefined, to: Oid, limit = 10) => (await git.log('r1', from, to, limit)).map(({ id }) => id);
    expect(await ids(first.commit, third.commit)).toEqual([third.commit, second.commit]);
    expect(await ids(undefined, third.commit, 2)).toEqual([third.commit, second.commit]);
    expect(await ids(third.commit, first.commit)).toEqual([]);
    expect(await git.relation('r1', first.commit, third.commit)).toEqual({ ahead: true, behind: false });
    expect(await git.relation('r1', third.commit, first.commit)).toEqual({ ahead: false, behind: true });
    expect(await git.numstat('r1', first.commit, third.commit, 3)).toEqual({
      files: [
        { path: 'a', insertions: 1, deletions: 0, binary: false },
        { path: 'b', insertions: 0, deletions: 1, binary: false },
        { path: 'c', insertions: 0, deletions: 0, binary: true },
      ],
      count: 4,
      insertions: 2,
      deletions: 1,
    });
    expect((await git.numstat('r1', first.commit, third.commit, 9)).files.at(-1)?.path).toBe('tab\tname');
  });

  test('take object ids only', async () => {
    const { commit: id } = await commit([put('a', 'x')]);
    await expect(git.log('r1', undefined, '--all', 1)).rejects.toMatchObject({ code: 'GitFailed' });
    await expect(git.relation('r1', 'main', id)).rejects.toMatchObject({ code: 'GitFailed' });
    await expect(git.numstat('r1', id, 'HEAD', 1)).rejects.toMatchObject({ code: 'GitFailed' });
    await expect(git.numstat('r1', id, 'f'.repeat(40), 1)).rejects.toMatchObject({ code: 'GitFailed' });
  });
});
