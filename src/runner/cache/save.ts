import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Chunker } from './chunker.ts';
import type { CachedPlace } from './collect.ts';
import { encodeManifest, hashOf, type ChunkReference, type Entry, type Manifest } from './manifest.ts';
import { Pool } from './pool.ts';
import type { CacheStore } from './cache-store.ts';

/** Files up to this many bytes are read at once, so many of them ahead. */
const SMALL = 1024 * 1024;
const AHEAD = 16;
const PIECE = 1024 * 1024;
/** Chunks under way to the store at once. */
const SENDING = 4;

/** The contents of files, one after the other. */
async function* contents(files: readonly Entry[], places: readonly CachedPlace[]): AsyncGenerator<Buffer> {
  const ahead: Promise<Buffer | undefined>[] = [];
  const begin = (entry: Entry | undefined): void => {
    if (!entry) return;
    const reading = entry.size <= SMALL ? readFile(join(places[entry.place]!.root, entry.path)) : Promise.resolve(undefined);
    // It is waited for in its turn.
    reading.catch(() => undefined);
    ahead.push(reading);
  };
  files.slice(0, AHEAD).forEach(begin);
  for (const [index, entry] of files.entries()) {
    const whole = await ahead.shift()!;
    begin(files[index + AHEAD]);
    if (whole) yield exactly(whole, entry);
    else yield* pieces(entry, join(places[entry.place]!.root, entry.path));
  }
}

/** The manifest says how long it is: something still writes to it where it is not. */
function exactly(bytes: Buffer, { path, size }: Entry): Buffer {
  if (bytes.length !== size) throw new Error(`${path} changed while it was read`);
  return bytes;
}

async function* pieces(entry: Entry, path: string): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    const buffer = Buffer.allocUnsafe(PIECE);
    for (let at = 0; at < entry.size;) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(PIECE, entry.size - at), at);
      if (bytesRead === 0) throw new Error(`${entry.path} changed while it was read`);
      yield buffer.subarray(0, bytesRead);
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
}

/** Sends chunks, some at once. */
class Sender {
  readonly #store: CacheStore;
  readonly #there: Set<string>;
  readonly #signal: AbortSignal;
  readonly #sending = new Pool(SENDING);
  readonly references: ChunkReference[] = [];
  sent = 0;

  constructor(store: CacheStore, there: Iterable<string>, signal: AbortSignal) {
    this.#store = store;
    this.#there = new Set(there);
    this.#signal = signal;
  }

  async take(bytes: Buffer): Promise<void> {
    this.#signal.throwIfAborted();
    const hash = hashOf(bytes);
    this.references.push({ hash, size: bytes.length });
    if (this.#there.has(hash)) return;
    this.#there.add(hash);
    this.sent += bytes.length;
    await this.#sending.add(() => this.#store.saveChunk(hash, bytes));
  }

  done(): Promise<void> {
    return this.#sending.done();
  }
}

export interface SaveResult {
  readonly bytes: number;
  /** Of these, what the store did not have. */
  readonly sent: number;
}

/** Stores what the entries say, chunk by chunk where the store has it not, and the manifest at last: a copy is whole or not there. */
export async function save(
  key: string,
  entries: readonly Entry[],
  places: readonly CachedPlace[],
  { store, signal }: { readonly store: CacheStore; readonly signal: AbortSignal },
): Promise<SaveResult> {
  const sender = new Sender(store, (await store.chunks()).keys(), signal);
  const chunker = new Chunker();
  const files = entries.filter(({ kind }) => kind === 'file');
  for await (const bytes of contents(files, places)) for (const chunk of chunker.push(bytes)) await sender.take(chunk);
  const last = chunker.flush();
  if (last) await sender.take(last);
  await sender.done();
  const manifest: Manifest = { entries, chunks: sender.references };
  await store.save(key, encodeManifest(manifest));
  return { bytes: files.reduce((sum, { size }) => sum + size, 0), sent: sender.sent };
}
