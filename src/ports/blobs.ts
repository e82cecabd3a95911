/** Bytes as they stream through the system. */
export type ByteStream = AsyncIterable<Uint8Array>;

/** A stored blob: content-addressed, immutable. */
export interface BlobRef {
  /** Lower-case hex SHA-256 of the content. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}

export interface StoredBlob extends BlobRef {
  /** Lower-case hex MD5, computed in the same pass: what S3 calls the ETag. */
  readonly md5: string;
}

/**
 * Content-addressed storage. A blob that `put` has returned is on disk (file and folder fsynced).
 * A put or a dedupe hit keeps the blob for 24 hours even if nothing refers to it; afterwards only references keep it.
 */
export interface Blobs {
  /** Stores a stream; rejects, having kept nothing, when the stream does or when it exceeds `limit` bytes (code EntityTooLarge). */
  put(content: ByteStream | Uint8Array, options?: { readonly limit?: number }): Promise<StoredBlob>;
  /** The bytes from `start` (default 0) to before `end` (default: all). Rejects with code NoSuchBlob where it is not there. */
  get(sha256: string, range?: { readonly start?: number; readonly end?: number }): ByteStream;
  /** A path of a local file with exactly this content, for random access (zip directories). Read only. */
  path(sha256: string): Promise<string>;
  has(sha256: string): Promise<boolean>;
  /**
   * Keeps the blob for another 24 hours; false where it is not there. Whoever is about to commit a reference to a blob that it
   * did not put itself calls this first, so that collection cannot take the blob between the two.
   */
  keep(sha256: string): Promise<boolean>;
}

/** Bytes `offset` to before `offset + length` of a blob. */
export interface Slice {
  readonly sha256: string;
  readonly offset: number;
  readonly length: number;
}

/**
 * Bytes that lie in blobs already. To its reader it is a stream like any other; who stores streams (S3) keeps the slices instead
 * of copying the bytes.
 */
export class SliceBody implements AsyncIterable<Uint8Array> {
  readonly slices: readonly Slice[];
  /** Bytes of all slices. */
  readonly size: number;
  /** Lower-case hex MD5 of all the bytes, where it is known. */
  readonly md5: string | undefined;
  readonly #blobs: Pick<Blobs, 'get'>;

  constructor(blobs: Pick<Blobs, 'get'>, slices: readonly Slice[], md5?: string) {
    this.#blobs = blobs;
    this.slices = slices;
    this.size = slices.reduce((sum, slice) => sum + slice.length, 0);
    this.md5 = md5;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const [only] = this.slices;
    // Most objects are one slice, and every generator in between costs each chunk a turn.
    if (this.slices.length !== 1 || !only || only.length === 0) return this.#all();
    return this.#blobs.get(only.sha256, { start: only.offset, end: only.offset + only.length })[Symbol.asyncIterator]();
  }

  async *#all(): AsyncGenerator<Uint8Array> {
    for (const { sha256, offset, length } of this.slices) {
      if (length > 0) yield* this.#blobs.get(sha256, { start: offset, end: offset + length });
    }
  }
}
