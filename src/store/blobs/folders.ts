import { mkdirSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { disk } from './disk.ts';

/**
 * Makes renames into a folder durable. Calls that come while one is under way share the next. The descriptor stays open:
 * opening and closing it would cost a put as much as its own file does.
 */
function folderSync(path: string): { sync(): Promise<void>; close(): Promise<void> } {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  let descriptor: Promise<number> | undefined;
  const open = (): Promise<number> =>
    disk.open(path, 'r').catch((error: unknown) => {
      descriptor = undefined;
      throw error;
    });
  const syncOnce = async (): Promise<void> => disk.fsync(await (descriptor ??= open()));
  const start = (): Promise<void> => {
    const mine = syncOnce().finally(() => {
      if (running === mine) running = undefined;
    });
    running = mine;
    return mine;
  };
  const sync = (): Promise<void> => {
    if (!running) return start();
    // The one under way may have begun before the caller's rename; only the one after it surely covers that.
    next ??= running
      .catch(() => undefined)
      .then(() => {
        next = undefined;
        return start();
      });
    return next;
  };
  const close = async (): Promise<void> => {
    const opened = descriptor;
    descriptor = undefined;
    if (opened !== undefined) await disk.close(await opened);
  };
  return { sync, close };
}

async function syncFolder(path: string): Promise<void> {
  const fd = await disk.open(path, 'r');
  try {
    await disk.fsync(fd);
  } finally {
    await disk.close(fd);
  }
}

/**
 * The 256 folders of the content-addressed files, by the first byte of their name. One level, so that the folder syncs of puts
 * that come together coalesce; ten million blobs are 40,000 names a folder, which file systems with indexed folders do not feel.
 */
export async function openFolders(root: string) {
  const names = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
  await mkdir(root, { recursive: true, mode: 0o700 });
  const present = new Set(await disk.readdir(root));
  const missing = names.filter((name) => !present.has(name));
  for (const name of missing) mkdirSync(join(root, name), { mode: 0o700 });
  if (missing.length > 0) await syncFolder(root);
  const syncs = new Map(names.map((name) => [name, folderSync(join(root, name))]));
  return {
    names,
    path: (sha256: string): string => join(root, sha256.slice(0, 2), sha256),
    folder: (name: string): string => join(root, name),
    sync: (sha256: string): Promise<void> => syncs.get(sha256.slice(0, 2))!.sync(),
    close: async (): Promise<void> => {
      for (const folder of syncs.values()) await folder.close();
    },
  };
}

export type Folders = Awaited<ReturnType<typeof openFolders>>;
