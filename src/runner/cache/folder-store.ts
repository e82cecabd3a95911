import { mkdir, readdir, readFile, rename, rm, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { CacheStore, Saved } from './cache-store.ts';
import { decodeManifest } from './manifest.ts';

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

async function orMissing<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Copies that nobody has used for so long are removed, ms. */
const UNUSED_MS = 14 * 24 * 60 * 60 * 1000;

/** Caches on this machine's own disk: LOCAL caches, which AWS keeps on a build's host. What is written appears whole or not at all. */
export class FolderStore implements CacheStore {
  readonly #chunks: string;
  readonly #copies: string;

  /** `version`: as of CacheStore. */
  constructor(folder: string, version: string) {
    this.#chunks = join(folder, 'chunks');
    this.#copies = join(folder, 'copies', version);
  }

  async find(key: string): Promise<Saved | undefined> {
    const path = this.#copy(key);
    const manifest = await orMissing(readFile(path));
    if (!manifest) return undefined;
    await this.#used(path);
    return { key, manifest };
  }

  async findNewest(beginning: string): Promise<Saved | undefined> {
    const names = ((await orMissing(readdir(this.#copies))) ?? []).filter((name) => name.startsWith(encodeURIComponent(beginning)));
    const aged = await Promise.all(
      names.map(async (name) => ({ name, at: (await orMissing(stat(join(this.#copies, name))))?.ctimeMs ?? 0 })),
    );
    const [newest] = aged.toSorted((a, b) => b.at - a.at);
    return newest && this.find(decodeURIComponent(newest.name));
  }

  async save(key: string, manifest: Uint8Array): Promise<void> {
    await this.#write(this.#copies, this.#copy(key), manifest);
  }

  chunk(hash: string): Promise<Buffer | undefined> {
    return orMissing(readFile(join(this.#chunks, hash)));
  }

  async saveChunk(hash: string, bytes: Buffer): Promise<void> {
    await this.#write(this.#chunks, join(this.#chunks, hash), bytes);
  }

  async chunks(): Promise<ReadonlyMap<string, number>> {
    const names = (await orMissing(readdir(this.#chunks))) ?? [];
    const found = await Promise.all(names.map(async (name) => [name, await orMissing(stat(join(this.#chunks, name)))] as const));
    return new Map(found.flatMap(([name, stats]) => (stats ? [[name, stats.mtimeMs] as const] : [])));
  }

  async sweep(youngest: number): Promise<void> {
    const named = new Set<string>();
    for (const path of await this.#allCopies()) {
      const stats = await orMissing(stat(path));
      if (stats && stats.mtimeMs < Date.now() - UNUSED_MS) await orMissing(unlink(path));
      else if (stats) for (const { hash } of decodeManifest(await readFile(path)).chunks) named.add(hash);
    }
    for (const [hash, at] of await this.chunks())
      if (at < youngest && !named.has(hash)) await rm(join(this.#chunks, hash), { force: true });
  }

  #copy(key: string): string {
    return join(this.#copies, encodeURIComponent(key));
  }

  /** Of all versions. */
  async #allCopies(): Promise<readonly string[]> {
    const root = join(this.#copies, '..');
    const versions = (await orMissing(readdir(root))) ?? [];
    const names = await Promise.all(
      versions.map(async (version) => (await readdir(join(root, version))).map((name) => join(root, version, name))),
    );
    return names.flat().filter((path) => !path.endsWith('.new'));
  }

  /** Its time tells when it was last of use. */
  async #used(path: string): Promise<void> {
    const now = new Date();
    await orMissing(utimes(path, now, now));
  }

  async #write(folder: string, path: string, bytes: Uint8Array): Promise<void> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const half = join(folder, `${randomUUID()}.new`);
    try {
      await writeFile(half, bytes, { mode: 0o600 });
      await rename(half, path);
    } catch (error) {
      await rm(half, { force: true });
      throw error;
    }
  }
}
