import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Workspace } from './runtime.ts';

export type Folders = Pick<Workspace, 'root' | 'source' | 'home' | 'temporary'>;

export function foldersOf(folder: string, id: string): Folders {
  const root = join(folder, id);
  return { root, source: join(root, 'src'), home: join(root, 'home'), temporary: join(root, 'tmp') };
}

export async function makeFolders(folder: string, id: string): Promise<Folders> {
  const folders = foldersOf(folder, id);
  await mkdir(folders.root, { recursive: true, mode: 0o700 });
  await Promise.all([folders.source, folders.home, folders.temporary].map((path) => mkdir(path)));
  return folders;
}

/** Removes a tree whatever its modes: module caches are often made of folders that nobody may write to. */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    if (!['EACCES', 'EPERM', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    await makeWritable(path);
    await rm(path, { recursive: true, force: true, maxRetries: 3 });
  }
}

async function makeWritable(path: string): Promise<void> {
  await chmod(path, 0o700);
  for (const entry of await readdir(path, { withFileTypes: true })) if (entry.isDirectory()) await makeWritable(join(path, entry.name));
}
