import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { deleteRepository, listRepositories, pathOf } from './folders.ts';
import { readRefs } from './refs.ts';
import { isCache } from './remotes.ts';
import { runGit, type GitProgram } from './environment.ts';

/** Packs a repository may hold before they are gathered: each is one more place to look an object up. */
const MANY_PACKS = 40;
const MANY_LOOSE_REFS = 200;
/** Git holds a lock for less than this. */
const MOMENT_MS = 1000;
/** How long a cache of a foreign repository is kept after the last fetch into it. */
const CACHE_MS = 7 * 24 * 3600_000;

async function count(folder: string, suffix: string): Promise<number> {
  return (await readdir(folder).catch(() => [])).filter((name) => name.endsWith(suffix)).length;
}

/**
 * Gathers packs in geometric steps, so that each object is copied a few times in its life, not at every turn. Objects are never
 * dropped here: what a push has just brought is safe, and so is what a reader still uses.
 */
export async function maintain(program: GitProgram, path: string, repository: string): Promise<void> {
  if ((await count(join(path, 'objects', 'pack'), '.pack')) > MANY_PACKS) {
    await runGit(program, [`--git-dir=${path}`, 'repack', '--quiet', '-d', '--geometric=2']);
  }
  const loose = (await readdir(join(path, 'refs'), { recursive: true })).length;
  if (loose > MANY_LOOSE_REFS && (await readRefs(path, repository)).size > MANY_LOOSE_REFS) {
    await runGit(program, [`--git-dir=${path}`, 'pack-refs', '--all']);
  }
}

/** What a git that was killed may leave behind: locks, which would refuse every later push, and objects half received. */
async function leavings(path: string): Promise<string[]> {
  const below = async (folder: string, wanted: RegExp, recursive = false) =>
    (await readdir(join(path, folder), { recursive })).filter((name) => wanted.test(name)).map((name) => join(path, folder, name));
  const found = await Promise.all([
    below('.', /^(packed-refs|HEAD|config)\.lock$|^fast_import_crash_/),
    below('refs', /\.lock$/, true),
    below('objects', /^tmp_objdir-/),
    below('objects/pack', /^\.?tmp[-_]/),
  ]);
  return found.flat();
}

/**
 * Removes what processes of an earlier run left when they were killed. One may be in its last moments still: what is younger than
 * a moment is given that moment, and left alone if it changes.
 */
export async function removeLeavings(path: string, now: () => number): Promise<void> {
  for (const name of await leavings(path)) {
    const before = await stat(name).catch(() => undefined);
    if (!before) continue;
    const age = now() - before.mtimeMs;
    if (age < MOMENT_MS) await setTimeout(Math.min(MOMENT_MS, MOMENT_MS - age));
    const after = await stat(name).catch(() => undefined);
    if (after?.mtimeMs === before.mtimeMs) await rm(name, { recursive: true, force: true });
  }
}

/** Deletes the caches into which nothing has been fetched for a week; they are made again when they are needed. */
export async function pruneCaches(folder: string, now: number): Promise<void> {
  for (const repository of await listRepositories(folder)) {
    if (!isCache(repository)) continue;
    const packs = await stat(join(pathOf(folder, repository), 'objects', 'pack')).catch(() => undefined);
    if (!packs || now - packs.mtimeMs > CACHE_MS) await deleteRepository(folder, repository);
  }
}
