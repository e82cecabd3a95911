import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Moves everything below `from` into `to`. What is there already gives way, and is told by its path. */
export async function mergeFolder(from: string, to: string, replaced: (path: string) => void, folder = ''): Promise<void> {
  const there = new Map((await readdir(join(to, folder), { withFileTypes: true })).map((entry) => [entry.name, entry]));
  for (const entry of await readdir(join(from, folder), { withFileTypes: true })) {
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const known = there.get(entry.name);
    const both = entry.isDirectory() && known?.isDirectory();
    if (known && !both) {
      replaced(path);
      await rm(join(to, path), { recursive: true });
    }
    if (entry.isDirectory()) {
      if (!both) await mkdir(join(to, path));
      await mergeFolder(from, to, replaced, path);
    } else await rename(join(from, path), join(to, path));
  }
}
