import type { BlobRef, ByteStream, StoredBlob } from './blobs.ts';

/** One file of an artifact. Paths are relative, with forward slashes, without `..`; the reader guarantees that. */
export interface ArtifactEntry {
  readonly path: string;
  /** Unix permission bits, 0o644 or 0o755 in what we write. */
  readonly mode: number;
  /** Bytes of the file itself. */
  readonly size: number;
  readonly crc32: number;
  readonly kind: 'file' | 'symlink' | 'directory';
  /** Where the content lies, as it is, inside the artifact's blob; absent where the archive compressed it. */
  readonly offset?: number;
}

/** What somebody wants packed. */
export interface ArtifactFile {
  readonly path: string;
  readonly mode: number;
  readonly kind: 'file' | 'symlink' | 'directory';
  readonly content: Uint8Array | (() => ByteStream);
}

/**
 * Artifacts are trees kept as one deterministic stored zip: the blob is what AWS's API promises, its directory is the tree,
 * and each file is a slice of it (docs/decisions/0003). Nothing is deflated on the way from source to build to deploy.
 */
export interface Artifacts {
  /** Packs the files, in the order given, into one blob. */
  pack(files: AsyncIterable<ArtifactFile> | Iterable<ArtifactFile>): Promise<StoredBlob>;
  /**
   * The entries of a zip blob, ours or anybody's. Rejects with code InvalidArchive: absolute paths, `..`, backslashes,
   * links that leave the tree, more entries or bytes than `limits`, broken structure.
   */
  entries(blob: BlobRef, limits?: { readonly entries?: number; readonly bytes?: number }): Promise<readonly ArtifactEntry[]>;
  /** One file's bytes, inflated where the archive compressed it. */
  read(blob: BlobRef, entry: ArtifactEntry): ByteStream;
}
