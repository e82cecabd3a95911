import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import type { ArtifactFile } from '../../ports/artifacts.ts';
import type { ByteStream } from '../../ports/blobs.ts';

/** Content up to this is held in memory until its header is written; more goes to a temporary file. */
const IN_MEMORY = 1024 * 1024;

/** Content whose size and checksum are known: the local header in front of it states both. */
export interface Measured {
  readonly size: number;
  readonly crc32: number;
  readonly chunks: readonly Uint8Array[] | ByteStream;
  /** Removes what the measuring left on disk. */
  discard(): Promise<void>;
}

const nothing = async (): Promise<void> => undefined;

/** Reads what is to be packed once, to its end. `dir` takes temporary files. */
export async function measure(content: ArtifactFile['content'], dir: string): Promise<Measured> {
  if (content instanceof Uint8Array) return { size: content.length, crc32: crc32(content), chunks: [content], discard: nothing };
  const path = join(dir, `pack-${randomUUID()}`);
  const discard = (): Promise<void> => rm(path, { force: true });
  const spool = lazySpool(path);
  let [size, checksum] = [0, 0];
  try {
    for await (const chunk of content()) {
      size += chunk.length;
      checksum = crc32(chunk, checksum);
      await spool.add(chunk);
    }
    const held = await spool.finish();
    return { size, crc32: checksum, chunks: held ?? createReadStream(path, { highWaterMark: IN_MEMORY }), discard };
  } catch (error) {
    await spool.finish().catch(() => undefined);
    await discard();
    throw error;
  }
}

/** Holds chunks in memory, and from a megabyte on in a file. `finish` answers what is in memory, if no file was made. */
function lazySpool(path: string) {
  let held: Uint8Array[] = [];
  let bytes = 0;
  let file: Awaited<ReturnType<typeof open>> | undefined;
  const flush = async (): Promise<void> => {
    file ??= await open(path, 'wx', 0o600);
    for (const chunk of held) await file.writeFile(chunk);
    [held, bytes] = [[], 0];
  };
  return {
    async add(chunk: Uint8Array): Promise<void> {
      held.push(chunk);
      bytes += chunk.length;
      if (bytes > IN_MEMORY) await flush();
    },
    async finish(): Promise<readonly Uint8Array[] | undefined> {
      if (!file) return held;
      try {
        await flush();
      } finally {
        await file.close();
      }
      return undefined;
    },
  };
}
