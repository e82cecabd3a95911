import type { LogEvent } from '../../ports/logs.ts';
import type { Batch } from './stream.ts';

/** In the long run flushes follow each other no closer than this, in milliseconds: a chatty build costs a hundred fsyncs a second, not thousands. */
const PACE = 10;
/** So many may follow each other at once: the end of a short build waits for its last lines. */
const BURST = 64;

/** Resolves when the next flush is due. */
function pacer(): () => Promise<void> | undefined {
  let [credit, last] = [BURST, performance.now()];
  return () => {
    const now = performance.now();
    credit = Math.min(BURST, credit + (now - last) / PACE) - 1;
    last = now;
    return credit >= 0 ? undefined : new Promise((resolve) => setTimeout(resolve, PACE));
  };
}

interface Waiting extends Batch {
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers appends of all streams. The first after a quiet time goes out at once; those that come while a flush is under way, or
 * within the pace after it, go together.
 */
export function createFlusher(flush: (stream: string, batches: readonly Batch[]) => Promise<void>) {
  let waiting = new Map<string, Waiting[]>();
  let running: Promise<void> | undefined;
  const due = pacer();

  const flushStream = async (stream: string, batches: readonly Waiting[]): Promise<void> => {
    try {
      await flush(stream, batches);
      for (const { resolve } of batches) resolve();
    } catch (error) {
      for (const { reject } of batches) reject(error);
    }
  };

  const run = async (): Promise<void> => {
    while (waiting.size > 0) {
      const all = waiting;
      waiting = new Map();
      await Promise.all(Array.from(all, ([stream, batches]) => flushStream(stream, batches)));
      await due();
    }
    running = undefined;
  };

  return {
    add: (stream: string, events: readonly LogEvent[], ingested: number): Promise<void> =>
      new Promise((resolve, reject) => {
        const batches = waiting.get(stream);
        const batch = { events, ingested, resolve, reject };
        if (batches) batches.push(batch);
        else waiting.set(stream, [batch]);
        // A microtask later, so that appends of the same moment go together.
        running ??= Promise.resolve().then(run);
      }),
    /** Resolves when nothing waits any more. */
    idle: async (): Promise<void> => {
      while (running) await running;
    },
  };
}
