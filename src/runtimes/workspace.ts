import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Workspace } from './runtime.ts';

export type Folders = Pick<Workspace, 'root' | 'source' | 'sources' | 'home' | 'temporary' | 'scratch'> & {
  /** The homes of other users that the build's commands run as. */
  readonly homes: string;
};

export function foldersOf(folder: string, id: string): Folders {
  const root = join(folder, id);
  const below = (name: string): string => join(root, name);
  const scratch = join(scratchFolder(folder), id);
  return {
    root,
    source: below('src'),
    sources: below('sources'),
    home: below('home'),
    homes: below('homes'),
    temporary: below('tmp'),
    scratch,
  };
}

/** Beside the workspaces: no workload sees it. */
const scratchFolder = (folder: string): string => `${folder}-scratch`;

/** The ids of which something is left there. */
export function leftScratch(folder: string): readonly string[] {
  return existsSync(scratchFolder(folder)) ? readdirSync(scratchFolder(folder)) : [];
}

/** `folder` itself lets nobody else in. */
export async function makeFolders(folder: string, id: string): Promise<Folders> {
  const folders = foldersOf(folder, id);
  const { root, scratch, temporary } = folders;
  await Promise.all([mkdir(folder, { recursive: true, mode: 0o700 }), mkdir(dirname(scratch), { recursive: true, mode: 0o700 })]);
  await Promise.all([mkdir(root, { mode: 0o755 }), mkdir(scratch, { mode: 0o700 })]);
  await Promise.all([folders.source, folders.sources, folders.home, folders.homes, temporary].map((path) => mkdir(path)));
  // As /tmp is: users that the build's commands run as share it. The mode that mkdir is given is cut by our umask.
  await Promise.all([chmod(temporary, 0o1777), chmod(root, 0o755), chmod(folders.homes, 0o755)]);
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
