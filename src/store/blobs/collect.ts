import { statSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { disk, isMissing } from './disk.ts';
import type { Folders } from './folders.ts';

/** A blob that nothing refers to is kept this long after it was last put, in milliseconds. */
export const KEEP_MS = 24 * 3600 * 1000;

export interface Collection {
  /** Epoch ms. */
  readonly now: number;
  /** Which of these blobs somebody refers to; asked for those whose time has passed. */
  readonly referenced: (sha256s: readonly string[]) => Promise<ReadonlySet<string>>;
}

export interface Collected {
  readonly blobs: number;
  readonly bytes: number;
}

/** Undefined where the file is gone. */
function age(path: string, now: number): { readonly ms: number; readonly bytes: number } | undefined {
  try {
    const { mtimeMs, size } = statSync(path);
    return { ms: now - mtimeMs, bytes: size };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isExpired(path: string, now: number): boolean {
  const found = age(path, now);
  return found !== undefined && found.ms > KEEP_MS;
}

/**
 * Deletes it unless it was kept in the meantime. Look and deletion happen without a pause in between, and so does `keep`
 * (one process holds the folder): either the blob is seen as fresh here, or whoever keeps it sees that it is gone.
 */
function deleteExpired(path: string, now: number): number | undefined {
  const found = age(path, now);
  if (!found || found.ms <= KEEP_MS) return undefined;
  unlinkSync(path);
  return found.bytes;
}

/**
 * Deletes the blobs that nothing refers to and that were last put or kept more than 24 hours ago. New references are only made
 * to blobs just put or kept, so that what was unreferenced and expired when we asked can only have become fresh since.
 */
export async function collectBlobs(folders: Folders, { now, referenced }: Collection): Promise<Collected> {
  let [blobs, bytes] = [0, 0];
  for (const name of folders.names) {
    const folder = folders.folder(name);
    const expired = (await disk.readdir(folder)).filter((sha256) => isExpired(join(folder, sha256), now));
    if (expired.length === 0) continue;
    const kept = await referenced(expired);
    for (const sha256 of expired) {
      const size = kept.has(sha256) ? undefined : deleteExpired(join(folder, sha256), now);
      if (size !== undefined) [blobs, bytes] = [blobs + 1, bytes + size];
    }
  }
  return { blobs, bytes };
}
