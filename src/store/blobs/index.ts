import { existsSync, renameSync, utimesSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../kernel/clock.ts';
import { PipewrightError } from '../../kernel/errors.ts';
import type { Blobs } from '../../ports/blobs.ts';
import { collectBlobs } from './collect.ts';
import type { Collected, Collection } from './collect.ts';
import { disk, isMissing } from './disk.ts';
import { openFolders } from './folders.ts';
import { noSuchBlob, readRange } from './read.ts';
import { hold, receive, writeFile } from './spool.ts';
import type { Received } from './spool.ts';

export type { Collected, Collection } from './collect.ts';

export interface FileBlobs extends Blobs {
  /** Deletes what nothing refers to any more. */
  collect(collection: Collection): Promise<Collected>;
  /** Deletes everything (the reset endpoint). */
  clear(): Promise<void>;
  close(): Promise<void>;
}

const SHA256 = /^[0-9a-f]{64}$/;

/** A content-addressed store in a folder of this process alone. What an earlier process left half written is swept away. */
export async function openFileBlobs({ dir, clock }: { readonly dir: string; readonly clock: Clock }): Promise<FileBlobs> {
  const temporary = join(dir, 'tmp');
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  const folders = await openFolders(join(dir, 'sha256'));
  let spools = 0;

  const pathOf = (sha256: string): string => {
    // Names come from rows and requests; a name that is no hash must not become a path.
    if (!SHA256.test(sha256)) throw new PipewrightError('NoSuchBlob', 'not a SHA-256');
    return folders.path(sha256);
  };

  /** Synchronous on purpose: see `collect`. */
  const keep = (sha256: string): boolean => {
    const seconds = clock.now() / 1000;
    const path = pathOf(sha256);
    // Asked first, because most puts bring something new, and an exception costs them more than the question.
    if (!existsSync(path)) return false;
    try {
      utimesSync(path, seconds, seconds);
      return true;
    } catch (error) {
      if (isMissing(error)) return false;
      throw error;
    }
  };

  const store = async (path: string, { stored, held }: Received): Promise<void> => {
    if (keep(stored.sha256)) {
      if (!held) await disk.unlink(path);
      return;
    }
    if (held) await writeFile(path, held, stored.size);
    renameSync(path, folders.path(stored.sha256));
  };

  return {
    async put(content, { limit = Number.MAX_SAFE_INTEGER } = {}) {
      const path = join(temporary, String(++spools));
      try {
        const received = content instanceof Uint8Array ? hold(content, limit) : await receive(path, content, limit);
        await store(path, received);
        // Also after a dedupe hit: the put that brought the file may not have come this far yet.
        await folders.sync(received.stored.sha256);
        return received.stored;
      } catch (error) {
        await rm(path, { force: true });
        throw error;
      }
    },
    get: (sha256, { start = 0, end = Number.MAX_SAFE_INTEGER } = {}) => readRange(pathOf(sha256), sha256, start, end),
    async path(sha256) {
      const path = pathOf(sha256);
      if (!existsSync(path)) throw noSuchBlob(sha256);
      return path;
    },
    has: async (sha256) => existsSync(pathOf(sha256)),
    keep: async (sha256) => keep(sha256),
    collect: (collection) => collectBlobs(folders, collection),
    clear: () => clearFolders(folders.names.map(folders.folder)),
    close: () => folders.close(),
  };
}

async function clearFolders(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    for (const name of await disk.readdir(path)) await disk.unlink(join(path, name));
  }
}
