/**
 * What a second build saves: a cache of 10,000 files beside tar, and a git source of 100 MB beside a clone and a plain copy.
 * Run: node tools/run.mjs bench/caches.ts
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pattern } from '../src/runner/artifacts/patterns.ts';
import { collect } from '../src/runner/cache/collect.ts';
import { FolderStore } from '../src/runner/cache/folder-store.ts';
import { decodeManifest, sameEntries } from '../src/runner/cache/manifest.ts';
import { restore } from '../src/runner/cache/restore.ts';
import { save } from '../src/runner/cache/save.ts';
import { fetchGit } from '../src/runner/source/git.ts';
import { Mirrors } from '../src/runner/source/mirror.ts';

const ROUNDS = 5;
const folder = mkdtempSync(join(tmpdir(), 'pipewright-bench-'));
const at = (...names: readonly string[]): string => join(folder, ...names);
const signal = new AbortController().signal;
const run = (cwd: string, command: string, ...args: readonly string[]): string =>
  execFileSync(command, [...args], { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });

const times = new Map<string, number[]>();
async function timed<T>(name: string, work: () => Promise<T> | T): Promise<T> {
  const start = performance.now();
  const result = await work();
  times.set(name, [...(times.get(name) ?? []), performance.now() - start]);
  return result;
}
const median = (name: string): number => times.get(name)!.toSorted((a, b) => a - b)[Math.floor(times.get(name)!.length / 2)]!;
function told(name: string, floor: string): void {
  const ratio = (median(name) / median(floor)).toFixed(2);
  console.log(`${name.padEnd(44)} ${median(name).toFixed(0).padStart(6)} ms   ${ratio} × ${floor} (${median(floor).toFixed(0)} ms)`);
}

async function caches(): Promise<void> {
  const store = new FolderStore(at('store'), 'v');
  const places = (root: string) => [{ root: at(root), pattern: pattern('deps') }];
  for (let file = 0; file < 10_000; file++) {
    if (file < 200) mkdirSync(at('in', 'deps', String(file)), { recursive: true });
    writeFileSync(at('in', 'deps', String(file % 200), `${file}`), randomBytes(1_000 + ((file * 7919) % 18_000)));
  }
  for (let round = 0; round < ROUNDS; round++) {
    rmSync(at('store'), { recursive: true, force: true });
    const entries = await collect(places('in'));
    await timed('save a cache, all of it new', () => save('k', entries, places('in'), { store, signal }));
    await timed('tar cf', () => run(at('in'), 'tar', 'cf', at('deps.tar'), 'deps'));
    const manifest = decodeManifest((await store.find('k'))!.manifest);
    mkdirSync(at('out'));
    await timed('restore it', () => restore(manifest, places('out'), { store, signal }));
    await timed('find that nothing has changed', async () => {
      if (!sameEntries(await collect(places('out')), manifest.entries)) throw new Error('changed');
    });
    mkdirSync(at('tarred'));
    await timed('tar xf', () => run(at('tarred'), 'tar', 'xf', at('deps.tar')));
    for (const name of ['out', 'tarred']) rmSync(at(name), { recursive: true });
  }
  told('save a cache, all of it new', 'tar cf');
  told('restore it', 'tar xf');
  told('find that nothing has changed', 'tar cf');
}

async function sources(): Promise<void> {
  mkdirSync(at('remote'));
  const git = (...args: readonly string[]) => run(at('remote'), 'git', '-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args);
  git('init', '--quiet', '--initial-branch=main');
  // A history of 100 MB, of which the newest commit shows a tenth.
  for (let commit = 0; commit < 10; commit++) {
    for (let file = 0; file < 100; file++) writeFileSync(at('remote', `file-${file}`), randomBytes(100_000));
    git('add', '.');
    git('commit', '--quiet', '-m', String(commit));
  }
  git('repack', '-adq');
  const mirrors = new Mirrors(at('mirrors'), { info: console.error, warn: console.error, error: console.error });
  const fetch = async (name: string) => {
    mkdirSync(at(name));
    const url = `file://${at('remote')}`;
    const source = {
      url,
      version: 'main',
      depth: 0,
      submodules: false,
      insecureSsl: false,
      directory: at(name),
      signal,
      protocols: 'file',
    };
    await fetchGit({ ...source, mirrors: { mirrors, project: 'p' } });
  };
  await fetch('first');
  for (let round = 0; round < ROUNDS; round++) {
    writeFileSync(at('remote', 'file-0'), randomBytes(10_000));
    git('commit', '--quiet', '-am', 'new');
    await timed('a warm git source of 100 MB', () => fetch('warm'));
    await timed('git clone', () => run(folder, 'git', 'clone', '--quiet', `file://${at('remote')}`, at('cloned')));
    await timed('cp -r of the clone', () => run(folder, 'cp', '-r', at('cloned'), at('copied')));
    for (const name of ['warm', 'cloned', 'copied']) rmSync(at(name), { recursive: true });
  }
  told('a warm git source of 100 MB', 'git clone');
  told('a warm git source of 100 MB', 'cp -r of the clone');
}

try {
  await caches();
  await sources();
} finally {
  rmSync(folder, { recursive: true });
}
