import { constants } from 'node:fs';
import { chmod, mkdir, open, readlink, realpath, writeFile, type FileHandle } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { StepError } from './step-error.ts';

/** Longer files are refused, bytes. */
const LONGEST = 16 * 1024 * 1024;

const outside = (path: string): StepError => new StepError(`${path} leads out of the build's folders`);

/** Opens what the path leads to, if that is a file below the root. */
async function openInside(root: string, path: string): Promise<FileHandle> {
  const real = await realpath(path);
  if (!real.startsWith(`${await realpath(root)}${sep}`)) throw outside(path);
  const file = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  // A folder on the way may have become a link meanwhile.
  const opened = await readlink(`/proc/self/fd/${file.fd}`).catch(() => real);
  if (opened === real) return file;
  await file.close();
  throw outside(path);
}

/**
 * A file of the build as text; undefined where there is none. What the build can write to may be a link to what only we may read:
 * nothing outside `root` is read.
 */
export async function readInside(root: string, path: string): Promise<string | undefined> {
  let file: FileHandle | undefined;
  try {
    file = await openInside(root, path);
    const stat = await file.stat();
    if (!stat.isFile()) throw new StepError(`${path} is no file`);
    if (stat.size > LONGEST) throw new StepError(`${path} is larger than ${LONGEST} bytes`);
    return await file.readFile('utf8');
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  } finally {
    await file?.close();
  }
}

/** Makes folders that the build may write to, whoever it runs as: nobody else gets into the workspace. */
export async function openFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
  await chmod(path, 0o777);
}

/** Makes files that the build may write to. */
export async function openFiles(folder: string, names: readonly string[]): Promise<void> {
  await openFolder(folder);
  for (const name of names) {
    await writeFile(join(folder, name), '', { flag: 'wx' });
    await chmod(join(folder, name), 0o666);
  }
}
