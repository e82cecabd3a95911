import { closeSync, openSync } from 'node:fs';
import { PipewrightError } from '../../kernel/errors.ts';
import type { ByteStream } from '../../ports/blobs.ts';
import { isMissing, readAt } from './disk.ts';

const CHUNK = 256 * 1024;

export function noSuchBlob(sha256: string): PipewrightError {
  return new PipewrightError('NoSuchBlob', `no blob ${sha256}`);
}

/** Synchronous: of a small object's read, the way to the thread pool and back would be the larger part. The bytes are read there. */
function openBlob(path: string, sha256: string): number {
  try {
    return openSync(path, 'r');
  } catch (error) {
    throw isMissing(error) ? noSuchBlob(sha256) : error;
  }
}

/** The bytes from `start` to before `end` of a file; the next chunk is read while the caller has the one before. */
export async function* readRange(path: string, sha256: string, start: number, end: number): ByteStream & AsyncGenerator<Uint8Array> {
  const fd = openBlob(path, sha256);
  let ahead: Promise<Uint8Array> | undefined;
  const request = (position: number): Promise<Uint8Array> | undefined => {
    if (position >= end) return undefined;
    const chunk = readAt(fd, Math.min(CHUNK, end - position), position);
    chunk.catch(() => undefined);
    return chunk;
  };
  try {
    let position = start;
    ahead = request(position);
    while (ahead) {
      const chunk = await ahead;
      position += chunk.length;
      ahead = chunk.length === 0 ? undefined : request(position);
      if (chunk.length > 0) yield chunk;
    }
  } finally {
    // A read still under way must not meet a descriptor that was given to another file.
    await ahead?.catch(() => undefined);
    closeSync(fd);
  }
}
