import { setImmediate as breathe } from 'node:timers/promises';
import type { StoredLogEvent } from '../../../ports/logs.ts';
import type { StreamRow } from '../tables.ts';
import type { LogsTools } from '../tools.ts';
import { Heap } from '../../../kernel/heap.ts';
import { isBefore, StreamReader, type Place } from './stream-reader.ts';

export interface Found {
  readonly stream: StreamRow;
  readonly event: StoredLogEvent;
}

export interface Search {
  readonly streams: readonly StreamRow[];
  /** Epoch ms, both included. */
  readonly start: number;
  readonly end: number;
  readonly matches: (message: string) => boolean;
  readonly limit: number;
  /** Where an earlier answer ended. */
  readonly after: Place | undefined;
}

const MOST_BYTES = 1_048_576;
/** What AWS counts for each event beside its text. */
const OVERHEAD = 26;
/** Events looked at for one answer: an answer may be short, or empty, and still carry a token. */
const MOST_LOOKED_AT = 100_000;
/** Their characters, too: a few thousand events can be gigabytes. */
const MOST_CHARACTERS = 64 * 1_048_576;
/** After so many characters others have a turn: matching itself never waits for anything. */
const CHARACTERS_A_TURN = 1_048_576;
/** How far times in a stream may run backwards and still be found when a search has an end. */
const LATE_MS = 86_400_000;

/** Readers of the streams that hold anything of these times; none of them has been read yet. */
async function readersOf({ streams, start, end, after }: Search, tools: LogsTools): Promise<Heap<StreamReader>> {
  const from = Math.max(start, after?.time ?? 0);
  const heap = new Heap<StreamReader>((a, b) => isBefore(a.place, b.place));
  const infos = await Promise.all(streams.map(({ id }) => tools.infos.get(id)));
  for (const [index, { first, last }] of infos.entries()) {
    if (first === undefined || last === undefined || last < from || first > end) continue;
    heap.push(new StreamReader(tools.logs, streams[index]!, from, first));
  }
  return heap;
}

/** Looks through streams in the order of time. `last` is where it stopped, while there may be more. */
export async function search(
  asked: Search,
  tools: LogsTools,
): Promise<{ readonly found: readonly Found[]; readonly last: Place | undefined }> {
  const { start, end, matches, limit, after } = asked;
  const heap = await readersOf(asked, tools);
  const found: Found[] = [];
  let bytes = 0;
  let looked = 0;
  let characters = 0;
  let last = after;
  for (let reader = heap.pop(); reader; reader = heap.pop()) {
    const { event, place } = reader;
    if (place.time > end + LATE_MS) continue;
    if (!event) {
      // Only now that its turn has come is it read; then it may be another's turn.
      if (await reader.load()) heap.push(reader);
      continue;
    }
    if (found.length >= limit || looked >= MOST_LOOKED_AT || characters >= MOST_CHARACTERS) return { found, last };
    if (!after || isBefore(after, place)) {
      const wanted = event.timestamp >= start && event.timestamp <= end && matches(event.message);
      bytes += wanted ? Buffer.byteLength(event.message) + OVERHEAD : 0;
      if (bytes > MOST_BYTES && found.length > 0) return { found, last };
      if (wanted) found.push({ stream: reader.row, event });
      last = place;
      looked++;
      const turn = Math.floor(characters / CHARACTERS_A_TURN);
      characters += event.message.length;
      if (Math.floor(characters / CHARACTERS_A_TURN) > turn) await breathe();
    }
    reader.take();
    heap.push(reader);
  }
  return { found, last: undefined };
}
