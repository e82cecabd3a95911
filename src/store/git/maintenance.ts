import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { deleteRepository, listRepositories, pathOf } from './folders.ts';
import { readRefs } from './refs.ts';
import { isCache } from './remotes.ts';
import { runGit, type GitProgram } from './environment.ts';

/** Packs a repository may hold before they are gathered: each is one more place to look an object up. */
const MANY_PACKS = 40;
const MANY_LOOSE_REFS = 200;
/** A lock older than this has lost its process: git holds one for moments. */
const STALE_LOCK_MS = 10_000;
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

/** Removes the locks of processes that a power cut ended; they would refuse every later push. */
export async function removeStaleLocks(path: string, now: number): Promise<void> {
  const inRefs = (await readdir(join(path, 'refs'), { recursive: true })).map((name) => join('refs', name));
  const candidates = [...inRefs, 'packed-refs.lock', 'HEAD.lock', 'config.lock'].filter((name) => name.endsWith('.lock'));
  for (const name of candidates) {
    const found = await stat(join(path, name)).catch(() => undefined);
    if (found && now - found.mtimeMs > STALE_LOCK_MS) await rm(join(path, name), { force: true });
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
