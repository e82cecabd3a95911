import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Logger } from '../../kernel/log.ts';
import { messageOf } from '../../kernel/errors.ts';

/** Runs git in a folder with the environment of a fetch (its credentials, its protocols). */
export type RunGit = (folder: string, args: readonly string[]) => Promise<string>;

export interface MirrorFetch {
  /** Whose it is: what one project fetched is given to no other. */
  readonly project: string;
  readonly url: string;
  /** To ask the remote for, the first that it has. */
  readonly candidates: readonly string[];
  /** `--depth=N`, or nothing for the whole history. */
  readonly history: readonly string[];
  readonly wholeRepository: boolean;
  readonly git: RunGit;
}

/** A repository that is being made. */
export interface Filling {
  readonly repository: string;
  /** Settles when it is there, empty. */
  readonly ready: Promise<void>;
  /** Checks out the commit (or the tag that names it), whose objects are in that folder. */
  checkOut(this: void, commit: string, objects: string): Promise<unknown>;
}

/** Packs after which they are made fewer. */
const MANY_PACKS = 20;
/** Mirrors that nobody has used for so long are removed, ms. */
const UNUSED_MS = 14 * 24 * 60 * 60 * 1000;

/** The same name for what is fetched again and again; so many at most, so that what is no longer asked for goes at last. */
const keptAs = (ref: string): string => `refs/kept/${createHash('sha256').update(ref).digest('hex').slice(0, 2)}`;

/**
 * Mirrors of the repositories that builds have been made of, so that the next build fetches only what is new. Each build asks the remote
 * with its own credentials, and gets a copy: what it does to its files it does to its own.
 */
export class Mirrors {
  readonly #folder: string;
  readonly #log: Logger;
  /** The last use of each, by folder: one at a time. */
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(folder: string, log: Logger) {
    this.#folder = folder;
    this.#log = log;
  }

  /**
   * Brings the version into a repository, and has it checked out from the mirror's objects while they are copied. False where it could not
   * be done this way, for whatever reason: then the remote is to be asked directly, and will say why.
   */
  async fill(into: Filling, fetch: MirrorFetch): Promise<boolean> {
    const mirror = this.#folderOf(fetch);
    try {
      return await this.#inTurn(mirror, () => this.#fill(mirror, into, fetch));
    } catch (error) {
      this.#log.info('a source is fetched without its mirror', { mirror: basename(mirror), error: messageOf(error) });
      return false;
    }
  }

  #folderOf({ project, url, history }: MirrorFetch): string {
    const name = createHash('sha256')
      .update(JSON.stringify([project, url, history]))
      .digest('hex');
    return join(this.#folder, `${name}.git`);
  }

  async #inTurn<T>(mirror: string, use: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(mirror) ?? Promise.resolve();
    const work = before.then(use);
    const turn = work.catch(() => undefined);
    this.#turns.set(mirror, turn);
    void turn.then(() => this.#turns.get(mirror) === turn && this.#turns.delete(mirror));
    return work;
  }

  async #fill(mirror: string, { repository, ready, checkOut }: Filling, fetch: MirrorFetch): Promise<boolean> {
    const isNew = await this.#make(mirror, fetch.git);
    const commit = await fetchFirst(mirror, fetch);
    if (commit === undefined) {
      if (isNew) await rm(mirror, { recursive: true, force: true });
      return false;
    }
    try {
      await ready;
      if (fetch.wholeRepository) await copyRefs(mirror, join(repository, '.git'), fetch.git);
      await both(copyObjects(mirror, join(repository, '.git')), checkOut(commit, join(mirror, 'objects')));
      await tidy(mirror, fetch.git);
      return true;
    } catch (error) {
      // Whatever is wrong with it (what is damaged shows when it is read through), the next build makes it anew.
      await rm(mirror, { recursive: true, force: true });
      throw error;
    }
  }

  async #make(mirror: string, git: RunGit): Promise<boolean> {
    if (await stat(join(mirror, 'objects')).catch(() => undefined)) return false;
    await this.#removeUnused();
    await rm(mirror, { recursive: true, force: true });
    await mkdir(mirror, { recursive: true, mode: 0o700 });
    await git(mirror, ['init', '--quiet', '--bare']);
    return true;
  }

  async #removeUnused(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    for (const name of await readdir(this.#folder)) {
      const mirror = join(this.#folder, name);
      const used = await stat(join(mirror, 'FETCH_HEAD')).catch(() => undefined);
      if (used && used.mtimeMs < Date.now() - UNUSED_MS && !this.#turns.has(mirror)) await rm(mirror, { recursive: true, force: true });
    }
  }
}

/** Fetches as packs: a copy of many small files takes longer than one of a few large. */
const FETCH = ['-c', 'fetch.unpackLimit=1', '-c', 'gc.auto=0', 'fetch', '--quiet'];

async function fetchFirst(mirror: string, { url, candidates, history, wholeRepository, git }: MirrorFetch): Promise<string | undefined> {
  if (wholeRepository) await git(mirror, [...FETCH, '--tags', '--prune', '--', url, '+refs/heads/*:refs/remotes/origin/*']);
  for (const ref of candidates) {
    try {
      await git(mirror, [...FETCH, ...history, '--', url, `+${ref}:${keptAs(ref)}`]);
    } catch {
      // The next may be there; where none is, the remote is asked directly and says why.
      continue;
    }
    const [commit = ''] = (await readFile(join(mirror, 'FETCH_HEAD'), 'utf8')).split('\t');
    return /^[0-9a-f]{40}$/.test(commit) ? commit : undefined;
  }
  return undefined;
}

/** Both have ended when it does, well or not. */
async function both(...work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find(({ status }) => status === 'rejected');
  if (failed) throw (failed as PromiseRejectedResult).reason;
}

/** Copies, no links: neither may the build write to our files, nor we to its. Where the file system can share their blocks, it does. */
async function copyObjects(mirror: string, repository: string): Promise<void> {
  const from = join(mirror, 'objects');
  const names = await readdir(from, { recursive: true, withFileTypes: true });
  const copies: [copy: string, target: string][] = [];
  const folders = new Set<string>();
  for (const entry of names.filter((one) => one.isFile())) {
    const source = join(entry.parentPath, entry.name);
    const target = join(repository, 'objects', source.slice(from.length + 1));
    if (!folders.has(dirname(target))) await mkdir(dirname(target), { recursive: true });
    folders.add(dirname(target));
    // As git calls what is not whole yet: whoever reads the repository meanwhile passes it over.
    const copy = join(dirname(target), `tmp_${entry.name}`);
    await copyFile(source, copy, constants.COPYFILE_FICLONE);
    copies.push([copy, target]);
  }
  // A pack is there for git when its index is.
  const isIndex = ([, target]: (typeof copies)[number]): number => Number(target.endsWith('.idx'));
  for (const [copy, target] of copies.toSorted((a, b) => isIndex(a) - isIndex(b))) await rename(copy, target);
  await copyFile(join(mirror, 'shallow'), join(repository, 'shallow')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
}

/** Branches, as origin's, and tags. */
async function copyRefs(mirror: string, repository: string, git: RunGit): Promise<void> {
  const refs = await git(mirror, ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/remotes/origin', 'refs/tags']);
  await writeFile(join(repository, 'packed-refs'), `${refs}\n`);
}

async function tidy(mirror: string, git: RunGit): Promise<void> {
  const packs = (await readdir(join(mirror, 'objects', 'pack'))).filter((name) => name.endsWith('.pack'));
  if (packs.length > MANY_PACKS) await git(mirror, ['repack', '--quiet', '-d', '--geometric=2']);
}
