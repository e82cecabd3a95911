import { Readable, pipeline } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { PipewrightError, messageOf } from '../../kernel/errors.ts';
import type { Blobs, ByteStream } from '../../ports/blobs.ts';
import { invalidArchive } from '../../kernel/zip/paths.ts';
import type { LocatedEntry } from './read-directory.ts';

async function* inflate(compressed: ByteStream): AsyncGenerator<Uint8Array> {
  const inflated = pipeline(Readable.from(compressed), createInflateRaw(), () => undefined);
  try {
    for await (const chunk of inflated) yield chunk as Uint8Array;
  } catch (error) {
    if (error instanceof PipewrightError) throw error;
    throw invalidArchive(messageOf(error));
  } finally {
    inflated.destroy();
  }
}

/** An entry's content, checked against the size and checksum that the directory states: more is never given. */
export async function* readContent(blobs: Blobs, sha256: string, located: LocatedEntry): AsyncGenerator<Uint8Array> {
  const { entry, start, compressedSize, deflated } = located;
  const raw = blobs.get(sha256, { start, end: start + compressedSize });
  let [size, checksum] = [0, 0];
  for await (const chunk of deflated ? inflate(raw) : raw) {
    size += chunk.length;
    if (size > entry.size) throw invalidArchive(`entry ${JSON.stringify(entry.path)} is larger than it claims`);
    checksum = crc32(chunk, checksum);
    yield chunk;
  }
  if (size !== entry.size || checksum !== entry.crc32) throw invalidArchive(`entry ${JSON.stringify(entry.path)} is damaged`);
}
