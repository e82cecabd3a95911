import { copyFileSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PipewrightError } from '../kernel/errors.ts';
import { isObject } from '../kernel/json.ts';
import { openConnection } from './sqlite/connection.ts';
import type { Connection } from './sqlite/connection.ts';

/** The version of what lies in the folder. Grows with a release that migrates data. */
export const DATA_VERSION = 1;

/** Another process has the folder; `pid` and `url` as it announced them. */
export class DataFolderHeld extends PipewrightError {
  readonly pid: number | undefined;
  readonly url: string | undefined;
  constructor(dir: string, pid: number | undefined, url: string | undefined) {
    super('DataFolderHeld', `${dir} is in use by ${pid ? `process ${pid}` : 'another process'}${url ? ` at ${url}` : ''}`);
    this.pid = pid;
    this.url = url;
  }
}

/** A data folder that this process holds. */
export interface DataFolder {
  readonly dir: string;
  /** Where the previous version's files were copied, if the folder was older. */
  readonly copiedTo: string | undefined;
  /** Tells whoever finds the folder held where to find us. */
  announce(url: string): void;
  /** Writes our VERSION: everything is migrated. */
  stamp(): void;
  release(): void;
}

interface Files {
  readonly lock: string;
  readonly holder: string;
  readonly version: string;
}

/** Writes aside and renames, so that a reader never sees half a file. */
function replaceFile(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function readHolder(path: string): { pid?: number; url?: string } {
  if (!existsSync(path)) return {};
  const parsed: unknown = JSON.parse(readFileSync(path, 'utf8'));
  if (!isObject(parsed)) return {};
  return { ...(typeof parsed.pid === 'number' && { pid: parsed.pid }), ...(typeof parsed.url === 'string' && { url: parsed.url }) };
}

/** An exclusive transaction that stays open: the kernel lets go of its file lock however the process ends. */
function hold(dir: string, files: Files): Connection {
  const lock = openConnection(files.lock, ['busy_timeout = 0']);
  try {
    lock.exec('BEGIN EXCLUSIVE');
    return lock;
  } catch (error) {
    lock.close();
    if (!(error instanceof Error && 'code' in error && error.code === 'SQLITE_BUSY')) throw error;
    const { pid, url } = readHolder(files.holder);
    throw new DataFolderHeld(dir, pid, url);
  }
}

/** Ends the transaction itself: libsql closes the file only once its statements are garbage-collected. */
function letGo(lock: Connection): void {
  lock.exec('ROLLBACK');
  lock.close();
}

/** Version 0 stands for an empty folder. */
function readVersion(files: Files): number {
  if (!existsSync(files.version)) return 0;
  const version = Number(readFileSync(files.version, 'utf8').trim());
  if (!Number.isInteger(version)) throw new PipewrightError('DataFolderBroken', `${files.version} holds no version number`);
  return version;
}

/** Copies the files at the folder's top (databases, keys); blobs and logs below it are never rewritten by a migration. */
function copyAside(dir: string, files: Files, version: number): string {
  const target = join(dir, `version-${version}`);
  mkdirSync(target, { recursive: true, mode: 0o700 });
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    // Opening and closing the lock file from here would drop the lock: POSIX locks belong to the process.
    if (entry.isFile() && !join(dir, entry.name).startsWith(files.lock)) copyFileSync(join(dir, entry.name), join(target, entry.name));
  }
  return target;
}

function prepareVersion(dir: string, files: Files, ours: number): string | undefined {
  const version = readVersion(files);
  if (version > ours) throw new PipewrightError('DataTooNew', `${dir} has data version ${version}; this program knows ${ours}`);
  return version > 0 && version < ours ? copyAside(dir, files, version) : undefined;
}

/**
 * Takes the folder for this process, creating it where it is missing. Throws DataFolderHeld where another process has it,
 * DataTooNew where a newer program wrote it. Data of an older version is copied aside before the caller migrates it.
 */
export function openDataFolder(dir: string, { version = DATA_VERSION }: { readonly version?: number } = {}): DataFolder {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const files: Files = { lock: join(dir, 'lock.db'), holder: join(dir, 'holder.json'), version: join(dir, 'VERSION') };
  const lock = hold(dir, files);
  const announce = (url?: string): void => replaceFile(files.holder, JSON.stringify({ pid: process.pid, url }));
  try {
    announce();
    const copiedTo = prepareVersion(dir, files, version);
    return {
      dir,
      copiedTo,
      announce,
      stamp: () => replaceFile(files.version, `${version}\n`),
      release: () => {
        rmSync(files.holder, { force: true });
        letGo(lock);
      },
    };
  } catch (error) {
    letGo(lock);
    throw error;
  }
}
