import { randomUUID } from 'node:crypto';
import { open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { PipewrightError } from '../../kernel/errors.ts';
import type { Oid, RefUpdate } from '../../ports/git.ts';
import { syncFolder, noSuchRepository } from './folders.ts';
import { tryGit, type GitProgram } from './environment.ts';

const NONE = '0'.repeat(40);
/** References of our own: scratch and cache. */
const HIDDEN = 'refs/pipewright/';

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EISDIR' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

async function looseRefs(path: string, found: Map<string, Oid>, below: string): Promise<void> {
  let entries;
  try {
    entries = await readdir(join(path, below), { withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  const one = async (name: string, isFolder: boolean): Promise<void> => {
    const ref = `${below}/${name}`;
    if (isFolder) return looseRefs(path, found, ref);
    if (ref.endsWith('.lock')) return;
    const id = (await textOf(join(path, ref)))?.trim();
    if (id && /^[0-9a-f]{40}$/.test(id)) found.set(ref, id);
  };
  await Promise.all(entries.map((entry) => one(entry.name, entry.isDirectory())));
}

/**
 * All references but our own, read as git's files backend keeps them (https://git-scm.com/docs/gitrepository-layout): loose ones win over
 * packed ones, and are read first, so that a reference packed between the two reads is seen at least once.
 */
export async function readRefs(path: string, repository: string): Promise<ReadonlyMap<string, Oid>> {
  const loose = new Map<string, Oid>();
  await looseRefs(path, loose, 'refs');
  const all = new Map<string, Oid>();
  for (const line of ((await textOf(join(path, 'packed-refs'))) ?? '').split('\n')) {
    const match = /^([0-9a-f]{40}) (\S+)$/.exec(line);
    if (match) all.set(match[2]!, match[1]!);
  }
  for (const [ref, id] of loose) all.set(ref, id);
  if (all.size === 0 && (await textOf(join(path, 'HEAD'))) === undefined) throw noSuchRepository(repository);
  return new Map(
    [...all].filter(([ref]) => !ref.startsWith(HIDDEN)).toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
  );
}

export async function readHead(path: string, repository: string): Promise<string> {
  const text = await textOf(join(path, 'HEAD'));
  if (text === undefined) throw noSuchRepository(repository);
  return text.replace(/^ref: /, '').trim();
}

/** HEAD is one small file, written aside and renamed as git does. */
export async function writeHead(path: string, ref: string): Promise<void> {
  const aside = join(path, `HEAD.${randomUUID()}`);
  const file = await open(aside, 'wx');
  try {
    await file.writeFile(`ref: ${ref}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(aside, join(path, 'HEAD'));
  await syncFolder(path);
}

export async function updateRefs(program: GitProgram, path: string, updates: readonly RefUpdate[]): Promise<void> {
  // NUL-separated, so that no name can end a command.
  const commands = updates.map(({ ref, from, to }) =>
    to === undefined ? `delete ${ref}\0${from ?? ''}\0` : `update ${ref}\0${to}\0${from ?? NONE}\0`,
  );
  const stdin = Buffer.from(commands.join(''));
  const { code, stderr } = await tryGit(program, [`--git-dir=${path}`, 'update-ref', '--stdin', '-z'], { stdin });
  if (code === 0) return;
  const lost = /cannot lock ref|reference already exists|but expected|unable to resolve/.test(stderr);
  throw new PipewrightError(lost ? 'RefConflict' : 'GitFailed', `git update-ref: ${stderr.trim()}`);
}

/** The folders that hold these references, up to the repository itself: git syncs files, not the folders they are named in. */
export async function syncRefs(path: string, refs: Iterable<string>): Promise<void> {
  const folders = new Set(['objects/pack', '']);
  for (const ref of refs) {
    for (
      let folder = ref.slice(0, ref.lastIndexOf('/'));
      folder.startsWith('refs');
      folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/')))
    ) {
      folders.add(folder);
    }
  }
  await Promise.all(
    [...folders].map((folder) =>
      syncFolder(join(path, folder)).catch((error: unknown) => {
        // Deleting the last branch of a folder deletes the folder.
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }),
    ),
  );
}
