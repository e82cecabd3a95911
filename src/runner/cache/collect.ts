import { lstat, readdir, readlink, realpath } from 'node:fs/promises';
import { dirname, join, posix } from 'node:path';
import type { Pattern } from '../artifacts/patterns.ts';
import type { Entry } from './manifest.ts';

/** One of a cache's paths: what matches the pattern below the root. */
export interface CachedPlace {
  readonly root: string;
  readonly pattern: Pattern;
}

const isGone = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '');

async function entryOf(place: number, root: string, path: string): Promise<Entry> {
  const full = join(root, path);
  const stats = await lstat(full);
  const mode = stats.mode & 0o777;
  if (stats.isSymbolicLink()) return { place, path, kind: 'link', mode, size: 0, modified: 0, target: await readlink(full) };
  if (stats.isDirectory()) return { place, path, kind: 'folder', mode, size: 0, modified: 0 };
  return { place, path, kind: 'file', mode, size: stats.size, modified: Math.round(stats.mtimeMs) };
}

/** How many files are looked at at once. */
const AT_ONCE = 32;

async function below(place: number, root: string, folder: string, wanted: (path: string) => boolean): Promise<readonly Entry[]> {
  const found: Entry[] = [];
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const inside = await readdir(join(root, next), { withFileTypes: true });
    for (let at = 0; at < inside.length; at += AT_ONCE) {
      const names = inside.slice(at, at + AT_ONCE).filter((one) => one.isFile() || one.isDirectory() || one.isSymbolicLink());
      const paths = names.map((one) => ({ path: posix.join(next, one.name), folder: one.isDirectory() }));
      folders.push(...paths.filter((one) => one.folder).map(({ path }) => path));
      const matching = paths.filter(({ path }) => wanted(path));
      found.push(...(await Promise.all(matching.map(({ path }) => entryOf(place, root, path)))));
    }
  }
  return found;
}

/** A link on the way could lead to files that are not the build's. */
async function isBelow(path: string, root: string): Promise<boolean> {
  const [folder, realRoot] = await Promise.all([realpath(dirname(path)), realpath(root)]);
  return path === root || folder === realRoot || folder.startsWith(`${realRoot}/`);
}

async function collectPlace({ root, pattern }: CachedPlace, place: number): Promise<readonly Entry[]> {
  try {
    const base = pattern.base === '' ? '.' : pattern.base;
    if (!(await isBelow(join(root, base), root))) return [];
    const top = await lstat(join(root, base));
    if (!top.isDirectory()) return [await entryOf(place, root, base)];
    // A folder that is named without a wildcard is cached with all that is in it.
    const wanted = pattern.isGlob ? (path: string) => pattern.matches(path) : () => true;
    const own = pattern.isGlob || base === '.' ? [] : [await entryOf(place, root, base)];
    return [...own, ...(await below(place, root, base, wanted))];
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** All that a cache's paths hold, links not followed, in an order that does not change. */
export async function collect(places: readonly CachedPlace[]): Promise<readonly Entry[]> {
  const all = (await Promise.all(places.map(collectPlace))).flat();
  return all.sort((a, b) => a.place - b.place || (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}
