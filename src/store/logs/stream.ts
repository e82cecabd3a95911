import type { LogEvent, LogStore, StoredLogEvent } from '../../ports/logs.ts';
import { encodeRecords, recordLength } from './record.ts';
import { emptySegment, noteRecord, readRecords } from './segment.ts';
import type { IndexEntry, Segment } from './segment.ts';
import { loadSegments, segmentPath, SegmentWriter, writeSummary } from './stream-files.ts';

/** A segment that has grown to this is full. */
const SEGMENT = 8 * 1024 * 1024;
/** What a read takes into memory at most, whatever its limit; the caller goes on from where it ended. */
const READ_BYTES = 8 * 1024 * 1024;

export type StreamInfo = Awaited<ReturnType<LogStore['info']>>;

/** An append that waits for its turn. */
export interface Batch {
  readonly events: readonly LogEvent[];
  readonly ingested: number;
}

export interface LogStream {
  readonly next: number;
  /** Makes the batches durable, together. One call at a time. */
  append(batches: readonly Batch[]): Promise<void>;
  read(from: number, limit: number): Promise<StoredLogEvent[]>;
  seek(timestamp: number): Promise<number>;
  info(): StreamInfo;
  /** Gives back what it holds; it can be used on. Not while an append is under way. */
  close(): Promise<void>;
}

/** The last of the sorted items for which `isBefore` holds, or the first. */
function lastBefore<T>(items: readonly T[], isBefore: (item: T) => boolean): number {
  let [low, high] = [0, items.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (isBefore(items[middle]!)) low = middle;
    else high = middle - 1;
  }
  return low;
}

const greatest = (segments: readonly Segment[]): number | null =>
  segments.reduce<number | null>((max, segment) => (segment.max === null ? max : Math.max(segment.max, max ?? segment.max)), null);

function summarise(segments: readonly Segment[]): StreamInfo {
  const held = segments.filter(({ size }) => size > 0);
  const next = segments.at(-1)?.next ?? 0;
  const bytes = held.reduce((sum, segment) => sum + segment.bytes, 0);
  if (held.length === 0) return { next, bytes };
  const first = Math.min(...held.map(({ min }) => min!));
  return { next, bytes, first, last: greatest(held)!, ingested: held.at(-1)!.ingested! };
}

/** Records from a place on, through all later segments; each batch with the segment's. */
async function* recordsFrom(dir: string, segments: readonly Segment[], index: number, entry: IndexEntry | undefined) {
  let place = entry;
  for (const segment of segments.slice(index)) {
    const start = place ?? segment.index[0];
    place = undefined;
    if (start) yield* readRecords(segmentPath(dir, segment.first), start, segment.size);
  }
}

async function appendTo(dir: string, segments: Segment[], writer: SegmentWriter, batches: readonly Batch[]): Promise<void> {
  let segment = segments.at(-1);
  if (!segment || segment.size >= SEGMENT) {
    if (segment) await writeSummary(dir, segment);
    segment = emptySegment(segment?.next ?? 0);
    segments.push(segment);
  }
  let sequence = segment.next;
  const buffers = batches.map(({ events, ingested }) => {
    const buffer = encodeRecords(events, sequence, ingested);
    sequence += events.length;
    return buffer;
  });
  await writer.append(segment, Buffer.concat(buffers));
  const maxBefore = greatest(segments.slice(0, -1));
  for (const { events, ingested } of batches) {
    for (const { timestamp, message } of events) {
      const bytes = Buffer.byteLength(message);
      noteRecord(segment, { timestamp, ingested, sequence: segment.next, length: recordLength(bytes), bytes }, maxBefore);
    }
  }
}

async function readFrom(dir: string, segments: readonly Segment[], from: number, limit: number): Promise<StoredLogEvent[]> {
  const result: StoredLogEvent[] = [];
  if (segments.length === 0 || limit <= 0 || from >= segments.at(-1)!.next) return result;
  const index = lastBefore(segments, ({ first }) => first <= from);
  const places = segments[index]!.index;
  const place = places[lastBefore(places, ({ sequence }) => sequence <= from)];
  let bytes = 0;
  for await (const records of recordsFrom(dir, segments, index, place)) {
    for (const { length, ...record } of records) {
      if (record.sequence < from) continue;
      result.push(record);
      bytes += length;
      if (result.length === limit || bytes >= READ_BYTES) return result;
    }
  }
  return result;
}

async function seekIn(dir: string, segments: readonly Segment[], timestamp: number): Promise<number> {
  const isBefore = ({ maxBefore }: IndexEntry): boolean => maxBefore === null || maxBefore < timestamp;
  const filled = segments.filter(({ index }) => index.length > 0);
  if (filled.length === 0) return 0;
  const index = lastBefore(filled, (segment) => isBefore(segment.index[0]!));
  const places = filled[index]!.index;
  for await (const records of recordsFrom(dir, filled, index, places[lastBefore(places, isBefore)])) {
    const found = records.find((record) => record.timestamp >= timestamp);
    if (found) return found.sequence;
  }
  return filled.at(-1)!.next;
}

export async function openStream(dir: string): Promise<LogStream> {
  const segments = await loadSegments(dir);
  const writer = new SegmentWriter(dir);
  return {
    get next() {
      return segments.at(-1)?.next ?? 0;
    },
    append: (batches) => appendTo(dir, segments, writer, batches),
    read: (from, limit) => readFrom(dir, segments, from, limit),
    seek: (timestamp) => seekIn(dir, segments, timestamp),
    info: () => summarise(segments),
    close: () => writer.close(),
  };
}
