import { chmod, open, rm, symlink, utimes, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { placer } from '../source/place.ts';
import type { CacheStore } from './cache-store.ts';
import type { CachedPlace } from './collect.ts';
import { Pool } from './pool.ts';
import { hashOf, type ChunkReference, type Entry, type Manifest } from './manifest.ts';

/** Chunks that are fetched ahead of the one that is unpacked. */
const AHEAD = 8;
/** Files that are written at once. */
const WRITING = 32;

async function* fetched(chunks: readonly ChunkReference[], store: CacheStore, signal: AbortSignal): AsyncGenerator<Buffer> {
  const ahead: Promise<Buffer>[] = [];
  const begin = (reference: ChunkReference | undefined): void => {
    if (!reference) return;
    const coming = fetchOne(reference, store);
    coming.catch(() => undefined);
    ahead.push(coming);
  };
  chunks.slice(0, AHEAD).forEach(begin);
  for (const index of chunks.keys()) {
    signal.throwIfAborted();
    const bytes = await ahead.shift()!;
    begin(chunks[index + AHEAD]);
    yield bytes;
  }
}

async function fetchOne({ hash, size }: ChunkReference, store: CacheStore): Promise<Buffer> {
  const bytes = await store.chunk(hash);
  if (!bytes) throw new Error('a part of it is no longer there');
  if (bytes.length !== size || hashOf(bytes) !== hash) throw new Error('a part of it is damaged');
  return bytes;
}

/** Writes the files of a cache from the stream of their contents. What is there already under their names is replaced, as in AWS. */
class Unpacker {
  readonly #places: readonly ((path: string) => string)[];
  readonly #writing = new Pool(WRITING);
  #open: FileHandle | undefined;

  constructor(places: readonly CachedPlace[]) {
    this.#places = places.map(({ root }) => placer(root));
  }

  pathOf({ place, path }: Entry): string {
    const locate = this.#places[place];
    if (!locate) throw new Error('it names a path that the buildspec does not');
    return locate(path);
  }

  /** A folder that is there then, and no link to one. */
  folderOf(entry: Entry): string {
    return dirname(this.pathOf({ ...entry, path: `${entry.path}/.in` }));
  }

  /** A file of which these bytes are all. */
  whole(entry: Entry, bytes: Buffer): Promise<void> {
    return this.#writing.add(() => this.#write(entry, bytes));
  }

  /** Some of a file's bytes, in their order. */
  async part(entry: Entry, bytes: Buffer, last: boolean): Promise<void> {
    const path = this.pathOf(entry);
    if (!this.#open) {
      await rm(path, { recursive: true, force: true });
      this.#open = await open(path, 'wx', entry.mode);
    }
    await this.#open.write(bytes);
    if (!last) return;
    await this.close();
    await dress(path, entry);
  }

  done(): Promise<void> {
    return this.#writing.done();
  }

  async close(): Promise<void> {
    await this.#open?.close();
    this.#open = undefined;
  }

  async #write(entry: Entry, bytes: Buffer): Promise<void> {
    const path = this.pathOf(entry);
    try {
      await writeFile(path, bytes, { mode: entry.mode, flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      // A link there would lead us elsewhere.
      await rm(path, { recursive: true, force: true });
      await writeFile(path, bytes, { mode: entry.mode, flag: 'wx' });
    }
    await dress(path, entry);
  }
}

/** Its time, by which tools and the next saving tell that it has not changed; its mode, of which the umask may have taken some. */
async function dress(path: string, { mode, modified }: Entry): Promise<void> {
  if (mode & 0o022) await chmod(path, mode);
  await utimes(path, modified / 1000, modified / 1000);
}

async function unpackFiles(manifest: Manifest, unpacker: Unpacker, chunks: AsyncIterable<Buffer>): Promise<void> {
  const files = manifest.entries.filter(({ kind }) => kind === 'file');
  for (const entry of files) if (entry.size === 0) await unpacker.whole(entry, Buffer.alloc(0));
  const filled = files.filter(({ size }) => size > 0);
  let at = 0;
  /** Bytes of the file under way that have been written. */
  let written = 0;
  for await (const chunk of chunks) {
    for (let start = 0; start < chunk.length;) {
      const entry = filled[at];
      if (!entry) throw new Error('it is longer than its files');
      const bytes = chunk.subarray(start, start + entry.size - written);
      start += bytes.length;
      const last = written + bytes.length === entry.size;
      if (written === 0 && last) await unpacker.whole(entry, bytes);
      else await unpacker.part(entry, bytes, last);
      written = last ? 0 : written + bytes.length;
      if (last) at++;
    }
  }
  if (at !== filled.length) throw new Error('it is shorter than its files');
}

/** Puts a saved copy back. Rejects where it is damaged; what has been written by then stays. */
export async function restore(
  manifest: Manifest,
  places: readonly CachedPlace[],
  { store, signal }: { readonly store: CacheStore; readonly signal: AbortSignal },
): Promise<void> {
  const unpacker = new Unpacker(places);
  const folders = manifest.entries.filter(({ kind }) => kind === 'folder');
  for (const folder of folders) unpacker.folderOf(folder);
  try {
    await unpackFiles(manifest, unpacker, fetched(manifest.chunks, store, signal));
    await unpacker.done();
  } finally {
    await unpacker.close();
  }
  // Last: nothing is written below a link of the cache's own.
  for (const link of manifest.entries.filter(({ kind }) => kind === 'link')) {
    const path = unpacker.pathOf(link);
    await rm(path, { recursive: true, force: true });
    await symlink(link.target ?? '', path);
  }
  // Folders that nobody may write to only once they are full.
  for (const folder of folders.toReversed()) await chmod(unpacker.folderOf(folder), folder.mode);
}
