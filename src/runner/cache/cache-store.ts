/** One saved copy of a cache. */
export interface Saved {
  /** The key under which it was saved. */
  readonly key: string;
  /** The manifest, encoded. */
  readonly manifest: Uint8Array;
}

/**
 * Where caches are kept. A scope is what shares chunks: a project's caches, or those of all projects that name the same cacheNamespace.
 * Within it, copies of different versions (other cached paths) do not see each other.
 */
export interface CacheStore {
  /** The copy of exactly this key. */
  find(key: string): Promise<Saved | undefined>;
  /** The newest copy whose key begins so. */
  findNewest(beginning: string): Promise<Saved | undefined>;
  save(key: string, manifest: Uint8Array): Promise<void>;
  /** Undefined where it is not there (any more). */
  chunk(hash: string): Promise<Buffer | undefined>;
  saveChunk(hash: string, bytes: Buffer): Promise<void>;
  /** The hashes of the chunks that are there, each with its time (epoch ms). */
  chunks(): Promise<ReadonlyMap<string, number>>;
  /** Removes chunks that no copy of the scope names, but for those younger than that (epoch ms): somebody may be about to name them. */
  sweep(youngest: number): Promise<void>;
}
