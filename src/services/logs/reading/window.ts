import type { LogStore, StoredLogEvent } from '../../../ports/logs.ts';

/** What an answer holds at most: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html */
const MOST_BYTES = 1_048_576;
const OVERHEAD = 26;
const CHUNK = 1_000;

export interface Window {
  readonly events: readonly StoredLogEvent[];
  /** The sequences looked at: from `begin` to before `end`. */
  readonly begin: number;
  readonly end: number;
}

export interface Times {
  /** Epoch ms: from `start` to before `end`. */
  readonly start: number;
  readonly end: number;
}

const isWanted = ({ timestamp }: StoredLogEvent, { start, end }: Times): boolean => timestamp >= start && timestamp < end;
const sizeOf = ({ message }: StoredLogEvent): number => Buffer.byteLength(message) + OVERHEAD;

/** Up to `limit` events of these times from sequence `from` on. */
export async function readForward(logs: LogStore, id: string, from: number, times: Times, limit: number): Promise<Window> {
  const events: StoredLogEvent[] = [];
  let bytes = 0;
  let at = from;
  for (;;) {
    const chunk = await logs.read(id, at, CHUNK);
    if (chunk.length === 0) return { events, begin: from, end: at };
    for (const event of chunk) {
      if (isWanted(event, times)) {
        bytes += sizeOf(event);
        if (events.length === limit || (events.length > 0 && bytes > MOST_BYTES)) return { events, begin: from, end: at };
        events.push(event);
      }
      at = event.sequence + 1;
    }
  }
}

/** All sequences from `from` to before `to`: one read of the store may give less than it was asked for. */
async function readAll(logs: LogStore, id: string, from: number, to: number): Promise<StoredLogEvent[]> {
  const events: StoredLogEvent[] = [];
  for (let at = from; at < to;) {
    const part = await logs.read(id, at, to - at);
    if (part.length === 0) break;
    for (const event of part) events.push(event);
    at = part.at(-1)!.sequence + 1;
  }
  return events;
}

/** The last `limit` events of these times before sequence `to`, in order; none before sequence `first`. */
export async function readBackward(
  logs: LogStore,
  id: string,
  bounds: { first: number; to: number },
  times: Times,
  limit: number,
): Promise<Window> {
  const { first, to } = bounds;
  const events: StoredLogEvent[] = [];
  let bytes = 0;
  let at = to;
  while (at > first) {
    const chunk = await readAll(logs, id, Math.max(first, at - CHUNK), at);
    if (chunk.length === 0) break;
    for (const event of chunk.toReversed()) {
      if (isWanted(event, times)) {
        bytes += sizeOf(event);
        if (events.length === limit || (events.length > 0 && bytes > MOST_BYTES))
          return { events: events.toReversed(), begin: at, end: to };
        events.push(event);
      }
      at = event.sequence;
    }
  }
  return { events: events.toReversed(), begin: at, end: to };
}
