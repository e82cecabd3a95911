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
}
