import { rm } from 'node:fs/promises';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../kernel/clock.ts';
import { PipewrightError } from '../../kernel/errors.ts';
import type { LogStore } from '../../ports/logs.ts';
import { createFlusher } from './flusher.ts';
import { LONGEST_MESSAGE } from './record.ts';
import { openStream } from './stream.ts';
import type { LogStream } from './stream.ts';

export interface FileLogs extends LogStore {
  /** Deletes every stream (the reset endpoint). */
  clear(): Promise<void>;
  /** Resolves once everything appended so far is on disk. */
  close(): Promise<void>;
}

/** Streams whose places are kept in memory; the others are read again when somebody asks. */
const OPEN_STREAMS = 1000;

/** Streams by id, the least recently used forgotten, but never one that is written: two that write one file would cut each other's tail. */
function openStreams(dirOf: (stream: string) => string, isWritten: (stream: string) => boolean) {
  const streams = new Map<string, Promise<LogStream>>();
  const close = async (stream: Promise<LogStream> | undefined): Promise<void> => {
    // One that could not be opened holds nothing.
    await (await stream?.catch(() => undefined))?.close();
  };
  const forget = async (stream: string): Promise<void> => {
    const found = streams.get(stream);
    streams.delete(stream);
    await close(found);
  };
  return {
    get(stream: string): Promise<LogStream> {
      const found = streams.get(stream) ?? openStream(dirOf(stream));
      streams.delete(stream);
      streams.set(stream, found);
      found.catch(() => streams.delete(stream));
      for (const [oldest] of streams) {
        if (streams.size <= OPEN_STREAMS) break;
        if (!isWritten(oldest)) void forget(oldest);
      }
      return found;
    },
    forget,
    async clear(): Promise<void> {
      const all = [...streams.values()];
      streams.clear();
      await Promise.all(all.map(close));
    },
  };
}

function createListeners() {
  const listeners = new Map<string, Set<() => void>>();
  return {
    add(stream: string, listener: () => void): () => void {
      const set = listeners.get(stream) ?? new Set();
      listeners.set(stream, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0 && listeners.get(stream) === set) listeners.delete(stream);
      };
    },
    call: (stream: string): void => listeners.get(stream)?.forEach((listener) => listener()),
  };
}

/** Append-only streams in a folder of this process alone: segments of 8 MB, each append durable before it is acknowledged. */
export function openFileLogs({ dir, clock }: { readonly dir: string; readonly clock: Clock }): FileLogs {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const dirOf = (stream: string): string => {
    if (!/^[\w-]{1,128}$/.test(stream)) throw new PipewrightError('BadStreamId', `no id of a log stream: ${JSON.stringify(stream)}`);
    return join(dir, stream);
  };
  const written = new Set<string>();
  const streams = openStreams(dirOf, (stream) => written.has(stream));
  const listeners = createListeners();
  const flusher = createFlusher(async (stream, batches) => {
    written.add(stream);
    try {
      await (await streams.get(stream)).append(batches);
    } catch (error) {
      // The file may end in half a record now. Opening it again cuts that.
      await streams.forget(stream);
      throw error;
    } finally {
      written.delete(stream);
    }
    listeners.call(stream);
  });
  return {
    async append(stream, events) {
      dirOf(stream);
      if (events.some(({ message }) => message.length > LONGEST_MESSAGE))
        throw new PipewrightError('EntityTooLarge', 'a log message is too long');
      if (events.length > 0) await flusher.add(stream, events, clock.now());
      return { next: (await streams.get(stream)).next };
    },
    read: async (stream, from, limit) => (await streams.get(stream)).read(from, limit),
    seek: async (stream, timestamp) => (await streams.get(stream)).seek(timestamp),
    info: async (stream) => (await streams.get(stream)).info(),
    onAppend: (stream, listener) => listeners.add(stream, listener),
    async delete(stream) {
      const path = dirOf(stream);
      await flusher.idle();
      await streams.forget(stream);
      await rm(path, { recursive: true, force: true });
    },
    async clear() {
      await flusher.idle();
      await streams.clear();
      await rm(dir, { recursive: true, force: true });
      mkdirSync(dir, { recursive: true, mode: 0o700 });
    },
    async close() {
      await flusher.idle();
      await streams.clear();
    },
  };
}
