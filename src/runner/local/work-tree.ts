import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { copyFile, cp, lstat, mkdir, readlink, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What git knows of below a folder: tracked and new files, without what is ignored. Undefined where it is no repository. */
async function gitFiles(folder: string): Promise<readonly string[] | undefined> {
  try {
    const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
      cwd: folder,
      maxBuffer: 256 * 1024 * 1024,
    });
    return [...new Set(stdout.split('\0').filter(Boolean))];
  } catch {
    return undefined;
  }
}

async function copyOne(from: string, to: string): Promise<void> {
  const stat = await lstat(from).catch(() => undefined);
  // Deleted in the work tree, though git still lists it.
  if (!stat) return;
  await mkdir(dirname(to), { recursive: true });
  if (stat.isSymbolicLink()) await symlink(await readlink(from), to);
  // A submodule is listed as one entry.
  else if (stat.isDirectory()) await cp(from, to, { recursive: true, verbatimSymlinks: true });
  else if (stat.isFile()) await copyFile(from, to, constants.COPYFILE_FICLONE);
}

/** Copies a folder as it is now, uncommitted changes and all: the build must not change what somebody works on. */
export async function copyWorkTree(folder: string, target: string): Promise<void> {
  const files = await gitFiles(folder);
  if (!files) return cp(folder, target, { recursive: true, verbatimSymlinks: true });
  const waiting = [...files];
  const worker = async (): Promise<void> => {
    for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) await copyOne(join(folder, file), join(target, file));
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}
