import type { ArtifactFile } from '../../ports/artifacts.ts';
import type { ByteStream } from '../../ports/blobs.ts';
import { measure } from './measure.ts';
import { checkLink, checkTree, invalidArchive, normalisePath } from '../../kernel/zip/paths.ts';
import type { Kind } from '../../kernel/zip/paths.ts';
import { centralHeader, directoryEnd, localHeader } from '../../kernel/zip/format.ts';
import type { ZipEntry } from '../../kernel/zip/format.ts';

const FILE_TYPE = { file: 0o100000, directory: 0o040000, symlink: 0o120000 } as const;
const SLAB = 256 * 1024;

/** The zip's bytes, in many small pieces. `dir` takes temporary files. */
async function* pieces(files: AsyncIterable<ArtifactFile> | Iterable<ArtifactFile>, dir: string): AsyncGenerator<Uint8Array> {
  const written: ZipEntry[] = [];
  const tree: { path: string; kind: Kind }[] = [];
  let offset = 0;
  for await (const file of files) {
    const path = normalisePath(file.path);
    if (path === '') throw invalidArchive('an entry needs a path');
    tree.push({ path, kind: file.kind });
    const name = Buffer.from(file.kind === 'directory' ? `${path}/` : path);
    if (name.length > 0xffff) throw invalidArchive('the path of an entry is too long');
    const content = await measure(file.kind === 'directory' ? new Uint8Array() : file.content, dir);
    try {
      if (file.kind === 'symlink') checkLink(path, await textOf(content.chunks));
      const entry: ZipEntry = { name, mode: FILE_TYPE[file.kind] | (file.mode & 0o777), crc32: content.crc32, size: content.size, offset };
      const header = localHeader(entry);
      yield header;
      yield* content.chunks;
      written.push(entry);
      offset += header.length + content.size;
    } finally {
      await content.discard();
    }
  }
  checkTree(tree);
  yield* directory(written, offset);
}

function* directory(entries: readonly ZipEntry[], start: number): Generator<Uint8Array> {
  let size = 0;
  for (const entry of entries) {
    const header = centralHeader(entry);
    size += header.length;
    yield header;
  }
  yield directoryEnd(entries.length, start, size);
}

async function textOf(chunks: Iterable<Uint8Array> | ByteStream): Promise<string> {
  const all: Uint8Array[] = [];
  for await (const chunk of chunks) all.push(chunk);
  return Buffer.concat(all).toString();
}

/** Copies small pieces together: hashing and writing cost per piece, and ten thousand files are thirty thousand pieces. */
async function* coalesce(stream: ByteStream): AsyncGenerator<Uint8Array> {
  let slab = Buffer.allocUnsafeSlow(SLAB);
  let used = 0;
  for await (const piece of stream) {
    if (used + piece.length > SLAB && used > 0) {
      yield slab.subarray(0, used);
      [slab, used] = [Buffer.allocUnsafeSlow(SLAB), 0];
    }
    if (piece.length >= SLAB) yield piece;
    else {
      slab.set(piece, used);
      used += piece.length;
    }
  }
  if (used > 0) yield slab.subarray(0, used);
}

/**
 * A stored zip of the files, in the order given: fixed times, Unix modes, no data descriptors; the same files give the same bytes.
 * Rejects with InvalidArchive where our own reader would refuse the result.
 */
export function packZip(files: AsyncIterable<ArtifactFile> | Iterable<ArtifactFile>, dir: string): ByteStream {
  return coalesce(pieces(files, dir));
}
