import { createHash } from 'node:crypto';
import { closeSync, openSync, writevSync } from 'node:fs';
import { PipewrightError } from '../../kernel/errors.ts';
import type { ByteStream, StoredBlob } from '../../ports/blobs.ts';
import { disk, dropBytes, writeAll } from './disk.ts';

/** Bytes gathered before they are written: sockets give 64 KiB at a time, a write of a megabyte costs a tenth of sixteen. */
const GATHER = 1024 * 1024;

/** Content up to this is written synchronously. */
const SMALL = 256 * 1024;

function tooLarge(limit: number): PipewrightError {
  return new PipewrightError('EntityTooLarge', `the content exceeds ${limit} bytes`);
}

function hasher() {
  const sha256 = createHash('sha256');
  const md5 = createHash('md5');
  let size = 0;
  return {
    add(chunk: Uint8Array, limit: number): void {
      size += chunk.length;
      if (size > limit) throw tooLarge(limit);
      sha256.update(chunk);
      md5.update(chunk);
    },
    finish: (): StoredBlob => ({ sha256: sha256.digest('hex'), md5: md5.digest('hex'), size }),
  };
}

/** What came of a stream: small content is still in memory, the rest is on disk at the path that was given. */
export interface Received {
  readonly stored: StoredBlob;
  readonly held: readonly Uint8Array[] | undefined;
}

/** Bytes in memory as if a stream had brought them. Throws EntityTooLarge. */
export function hold(content: Uint8Array, limit: number): Received {
  const hash = hasher();
  hash.add(content, limit);
  return { stored: hash.finish(), held: [content] };
}

/** A file that takes what is gathered while the next is on its way. Opened with the first write. */
function openSpool(path: string) {
  let fd: number | undefined;
  let writing: Promise<void> = Promise.resolve();
  return {
    async write(chunks: readonly Uint8Array[]): Promise<void> {
      fd ??= await disk.open(path, 'wx', 0o600);
      await writing;
      writing = writeAll(fd, chunks);
      // The next write or the closing awaits it; until then a failure must not count as unhandled.
      writing.catch(() => undefined);
    },
    async close({ durable }: { readonly durable: boolean }): Promise<void> {
      if (fd === undefined) return;
      try {
        await writing;
        if (durable) await disk.fdatasync(fd);
      } finally {
        await disk.close(fd);
      }
    },
  };
}

/** Reads the stream to its end; what exceeds a megabyte goes to a new file at `path`, durable. Rejects as the stream does, or with EntityTooLarge. */
export async function receive(path: string, content: ByteStream, limit: number): Promise<Received> {
  const hash = hasher();
  const file = openSpool(path);
  let gathered: Uint8Array[] = [];
  let bytes = 0;
  let spooled = false;
  try {
    for await (const chunk of content) {
      hash.add(chunk, limit);
      gathered.push(chunk);
      bytes += chunk.length;
      if (bytes < GATHER) continue;
      await file.write(gathered);
      [gathered, bytes, spooled] = [[], 0, true];
    }
    if (spooled) await file.write(gathered);
  } catch (error) {
    await file.close({ durable: false }).catch(() => undefined);
    throw error;
  }
  await file.close({ durable: true });
  return { stored: hash.finish(), held: spooled ? undefined : gathered };
}

/**
 * Writes the chunks to a new file and makes them durable. Opening and writing are synchronous for small content: they reach no
 * further than the page cache and cost less than the way to the thread pool and back. Waiting for the disk is not.
 */
export async function writeFile(path: string, chunks: readonly Uint8Array[], size: number): Promise<void> {
  if (size > SMALL) {
    const file = openSpool(path);
    await file.write(chunks);
    return file.close({ durable: true });
  }
  const fd = openSync(path, 'wx', 0o600);
  try {
    let rest = chunks;
    while (rest.length > 0) rest = dropBytes(rest, writevSync(fd, rest));
    await disk.fdatasync(fd);
  } finally {
    closeSync(fd);
  }
}
