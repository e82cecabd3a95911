import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fetchGit } from './git.ts';
import { Mirrors } from './mirror.ts';

let folder: string;
let mirrors: Mirrors;
const said: string[] = [];
const log = { info: (text: string) => void said.push(text), warn: () => {}, error: () => {} };
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mirror-'));
  mirrors = new Mirrors(join(folder, 'mirrors'), log);
  said.length = 0;
  mkdirSync(join(folder, 'remote'));
  git('init', '--quiet', '--initial-branch=main');
  commit('first', randomBytes(300_000));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const env = {
  PATH: process.env['PATH'],
  HOME: tmpdir(),
  ...Object.fromEntries(
    ['AUTHOR', 'COMMITTER'].flatMap((who) => [
      [`GIT_${who}_NAME`, 'a'],
      [`GIT_${who}_EMAIL`, 'a@example.com'],
    ]),
  ),
};
const git = (...args: readonly string[]) => execFileSync('git', [...args], { cwd: join(folder, 'remote'), env, encoding: 'utf8' }).trim();

function commit(name: string, content: string | Buffer): string {
  writeFileSync(join(folder, 'remote', name), content);
  git('add', '.');
  git('commit', '--quiet', '-m', name);
  return git('rev-parse', 'HEAD');
}

let builds = 0;
async function build(version: string, more: Partial<Parameters<typeof fetchGit>[0]> = {}) {
  const directory = join(folder, `build-${++builds}`);
  mkdirSync(directory);
  const revision = await fetchGit({
    url: join(folder, 'remote'),
    version,
    depth: 0,
    submodules: false,
    insecureSsl: false,
    directory,
    signal: new AbortController().signal,
    protocols: 'file',
    mirrors: { mirrors, project: 'p' },
    ...more,
  });
  const inside = (...args: readonly string[]) => execFileSync('git', [...args], { cwd: directory, env, encoding: 'utf8' }).trim();
  return { directory, revision, inside };
}

const mirror = () => join(folder, 'mirrors', readdirSync(join(folder, 'mirrors'))[0]!);
const packs = () =>
  readdirSync(join(mirror(), 'objects/pack'))
    .filter((name) => name.endsWith('.pack'))
    .map((name) => join(mirror(), 'objects/pack', name));

it('the second build fetches only what is new', async () => {
  await build('main');
  const [first] = packs();
  expect(statSync(first!).size).toBeGreaterThan(300_000);
  const newest = commit('second', 'small');
  const { directory, revision, inside } = await build('main');
  expect(revision).toBe(newest);
  const added = packs().filter((path) => path !== first);
  expect(added.map((path) => statSync(path).size < 5_000)).toEqual([true]);
  expect(readFileSync(join(directory, 'second'), 'utf8')).toBe('small');
  expect(inside('log', '--format=%s')).toBe('second\nfirst');
  expect(inside('remote', 'get-url', 'origin')).toBe(join(folder, 'remote'));
  expect(inside('fsck', '--strict')).toBe('');
  expect(said).toEqual([]);
});

it('a shallow one stays shallow', async () => {
  commit('second', 'x');
  const url = `file://${join(folder, 'remote')}`;
  await build('main', { url, depth: 1 });
  commit('third', 'x');
  const { inside } = await build('main', { url, depth: 1 });
  expect(inside('log', '--format=%s')).toBe('third');
  expect(inside('status', '--short')).toBe('');
});

it('the whole repository comes with its branches and tags', async () => {
  git('tag', '-a', 'v1', '-m', 'one');
  git('branch', 'other');
  const { inside } = await build('v1', { wholeRepository: true });
  expect(
    inside('branch', '-r')
      .split('\n')
      .map((line) => line.trim()),
  ).toEqual(['origin/main', 'origin/other']);
  expect(inside('tag')).toBe('v1');
  expect(inside('describe')).toBe('v1');
});

it('what a build does to its files does not reach the next', async () => {
  const { directory } = await build('main');
  const pack = join(directory, '.git/objects/pack');
  for (const name of readdirSync(pack)) {
    chmodSync(join(pack, name), 0o644);
    writeFileSync(join(pack, name), 'broken');
  }
  const { inside } = await build('main');
  expect(inside('fsck')).toBe('');
});

it('a damaged mirror is made anew, and costs no build', async () => {
  await build('main');
  for (const path of packs()) {
    chmodSync(path, 0o644);
    writeFileSync(path, 'broken');
  }
  const newest = commit('second', 'x');
  expect((await build('main')).revision).toBe(newest);
  expect((await build('main')).inside('show', '--format=%s', 'HEAD~1')).toContain('first');
});

it('one that is damaged where nobody looks is found out by the checkout', async () => {
  await build('main');
  const [path = ''] = packs();
  const bytes = readFileSync(path);
  chmodSync(path, 0o644);
  writeFileSync(path, Buffer.concat([bytes.subarray(0, 5_000), randomBytes(200_000), bytes.subarray(205_000)]));
  const { directory, inside } = await build('main');
  expect(readFileSync(join(directory, 'first')).equals(readFileSync(join(folder, 'remote/first')))).toBe(true);
  expect(inside('fsck')).toBe('');
  expect(readdirSync(join(folder, 'mirrors'))).toEqual([]);
});

it('what the remote does not have fails with its words, and leaves nothing', async () => {
  await expect(build('absent')).rejects.toThrow(/absent/);
  expect(readdirSync(join(folder, 'mirrors'))).toEqual([]);
});

it('a project’s mirror is not another’s', async () => {
  await build('main');
  await build('main', { mirrors: { mirrors, project: 'q' } });
  expect(readdirSync(join(folder, 'mirrors'))).toHaveLength(2);
});

it('builds at once wait for each other', async () => {
  const done = await Promise.all([build('main'), build('main'), build('main')]);
  for (const { inside } of done) expect(inside('fsck')).toBe('');
  for (let index = 0; index < 24; index++) {
    commit(`c${index}`, String(index));
    await build('main');
  }
  expect(packs().length).toBeLessThan(22);
  expect((await build('main')).inside('rev-list', '--count', 'HEAD')).toBe('25');
});
