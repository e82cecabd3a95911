import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PipewrightClient } from '../../client/client.ts';
import { messageOf } from '../../kernel/errors.ts';
import { quote } from '../../kernel/shell-quote.ts';
import type { Workspace } from '../../runtimes/runtime.ts';
import type { CacheSpec } from '../../services/codebuild/rules/buildspec/types.ts';
import type { BuildCache as CacheJob, BuildJob } from '../../services/pipewright/api.gen.ts';
import type { Commands } from '../build/commands.ts';
import type { CacheStore, Saved } from './cache-store.ts';
import { collect } from './collect.ts';
import { FolderStore } from './folder-store.ts';
import { decodeManifest, sameEntries, type Manifest } from './manifest.ts';
import { COMMON_PATHS, placesOf, versionOf, type Place } from './places.ts';
import { restore } from './restore.ts';
import { S3Store } from './s3-store.ts';
import { save } from './save.ts';

export interface CacheTools {
  readonly s3: PipewrightClient['s3'];
  /** LOCAL caches of this runner. */
  readonly folder: string;
  readonly workspace: Workspace;
  /** The build runs in one. */
  readonly container: boolean;
  readonly commands: Commands;
  readonly signal: AbortSignal;
  tell(line: string): void;
}

/** AWS's limit. */
const FALLBACK_KEYS = 5;
/** Unnamed chunks that are younger are left alone: another build may be about to name them. */
const DAY_MS = 24 * 60 * 60 * 1000;

function storeOf({ kind, bucket = '', prefix = '', scope }: CacheJob, version: string, { s3, folder }: CacheTools): CacheStore {
  if (kind === 'S3') return new S3Store({ s3, bucket, prefix: prefix === '' ? scope : `${prefix}/${scope}` }, version);
  return new FolderStore(join(folder, createHash('sha256').update(scope).digest('hex').slice(0, 32)), version);
}

/** The name of a copy in the store: with a key, or the one that every build replaces. */
const nameOf = (key: string | undefined): string => (key === undefined ? 'newest' : `key:${key}`);

const sizeOf = (bytes: number): string => (bytes < 1e5 ? `${bytes} bytes` : `${(bytes / 1e6).toFixed(1)} MB`);

const amount = ({ entries, chunks }: Manifest): string => {
  const files = entries.filter(({ kind }) => kind === 'file').length;
  const bytes = chunks.reduce((sum, { size }) => sum + size, 0);
  return `${files} ${files === 1 ? 'file' : 'files'}, ${sizeOf(bytes)}`;
};

/**
 * A build's cache: put back before its commands, saved after them where it has changed. It only saves time: whatever goes wrong with it
 * is said in the log, and the build goes on without.
 */
export class BuildCache {
  readonly #tools: CacheTools;
  readonly #spec: CacheSpec;
  readonly #places: readonly Place[];
  readonly #store: CacheStore;
  readonly #key: string | undefined;
  readonly #fallbackKeys: readonly string[];
  #found: { readonly name: string; readonly manifest: Manifest } | undefined;

  private constructor(tools: CacheTools, spec: CacheSpec, parts: { places: readonly Place[]; store: CacheStore; keys: readonly string[] }) {
    this.#tools = tools;
    this.#spec = spec;
    this.#places = parts.places;
    this.#store = parts.store;
    const [key, ...fallbackKeys] = parts.keys;
    this.#key = spec.key === undefined ? undefined : key;
    this.#fallbackKeys = fallbackKeys.slice(0, FALLBACK_KEYS);
  }

  /** The cache of this build; undefined where project or buildspec want none. */
  static async open(job: BuildJob, given: CacheSpec | undefined, tools: CacheTools): Promise<BuildCache | undefined> {
    if (!job.cache) {
      if (given && given.paths.length > 0) tools.tell('The cache of the buildspec is not kept: the project has none');
      return undefined;
    }
    const spec: CacheSpec = given ?? { paths: [], fallbackKeys: [] };
    const { commands, workspace, container } = tools;
    const wanted = spec.paths.length > 0 ? spec.paths : COMMON_PATHS;
    const texts = await commands.expand([...wanted, ...(spec.key === undefined ? [] : [spec.key, ...spec.fallbackKeys])]);
    const paths = texts.slice(0, wanted.length);
    const { places, outside } = placesOf(paths, workspace, container);
    for (const path of outside) tools.tell(`Cache: ${path} is outside of what a build on the host may change, and is not cached`);
    if (places.length === 0) return undefined;
    return new BuildCache(tools, spec, { places, store: storeOf(job.cache, versionOf(wanted), tools), keys: texts.slice(wanted.length) });
  }

  /** Puts the saved copy back, where there is one. */
  async restore(): Promise<void> {
    if (this.#spec.action === 'save') return;
    await this.#try('was not restored', async () => {
      const began = Date.now();
      const saved = await this.#find();
      if (!saved)
        return this.#tools.tell(this.#key === undefined ? 'Cache: nothing is saved yet' : `Cache: nothing is saved for ${this.#key}`);
      const manifest = decodeManifest(saved.manifest);
      await restore(manifest, this.#places, { store: this.#store, signal: this.#tools.signal });
      await this.#moveIn();
      this.#found = { name: saved.key, manifest };
      const from = this.#key === undefined ? '' : ` from ${saved.key.slice(nameOf('').length)}`;
      this.#tools.tell(`Cache: restored ${amount(manifest)}${from} in ${((Date.now() - began) / 1000).toFixed(1)} s`);
    });
  }

  /** Saves what the build has made of it; a copy with a key is never changed. */
  async save(): Promise<void> {
    const name = nameOf(this.#key);
    if (this.#spec.action === 'restore' || (this.#key !== undefined && this.#found?.name === name)) return;
    await this.#try('was not saved', async () => {
      const began = Date.now();
      if (this.#key !== undefined && (await this.#store.find(name))) return;
      await this.#moveOut();
      const entries = await collect(this.#places);
      if (!entries.some(({ kind }) => kind === 'file')) return this.#tools.tell('Cache: there is nothing to save');
      if (this.#found?.name === name && sameEntries(entries, this.#found.manifest.entries))
        return this.#tools.tell('Cache: nothing has changed');
      const { bytes, sent } = await save(name, entries, this.#places, { store: this.#store, signal: this.#tools.signal });
      const seconds = ((Date.now() - began) / 1000).toFixed(1);
      this.#tools.tell(`Cache: saved ${sizeOf(bytes)}, ${sizeOf(sent)} of them new, in ${seconds} s`);
      if (this.#key === undefined && sent > 0) await this.#store.sweep(Date.now() - DAY_MS);
    });
  }

  async #find(): Promise<Saved | undefined> {
    const exact = await this.#store.find(nameOf(this.#key));
    if (exact || this.#key === undefined) return exact;
    for (const key of this.#fallbackKeys) {
      const newest = await this.#store.findNewest(nameOf(key));
      if (newest) return newest;
    }
    return undefined;
  }

  async #try(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (this.#tools.signal.aborted) throw error;
      this.#tools.tell(`Cache: it ${what}: ${messageOf(error)}`);
    }
  }

  /** From the workspace into the container's own folders. */
  async #moveIn(): Promise<void> {
    for (const { inside, root } of this.#places) {
      if (!inside) continue;
      const [stage, base] = [quote(inside.stage), quote(inside.base)];
      await this.#tools.commands.quietly(
        `if [ -d ${stage} ]; then mkdir -p ${base} && cp -a ${stage}/. ${base}/; elif [ -e ${stage} ]; then mkdir -p ${quote(dirname(inside.base))} && cp -a ${stage} ${base}; fi; rm -rf ${quote(root)}`,
      );
    }
  }

  /** The other way: the runner reads the workspace. */
  async #moveOut(): Promise<void> {
    for (const { inside, root } of this.#places) {
      if (!inside) continue;
      await rm(root, { recursive: true, force: true });
      await this.#tools.commands.quietly(
        `if [ -e ${quote(inside.base)} ]; then mkdir -p ${quote(dirname(inside.stage))} && cp -a ${quote(inside.base)} ${quote(inside.stage)}; fi`,
      );
    }
  }
}
