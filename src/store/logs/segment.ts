import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { LONGEST_MESSAGE, decodeRecords, missingBytes } from './record.ts';
import type { DecodedRecord } from './record.ts';

const CHUNK = 256 * 1024;
/** Distance of index entries, in bytes of the segment. */
const STRIDE = 64 * 1024;
/** A character is three bytes at most. */
const LONGEST_RECORD = 4 * LONGEST_MESSAGE;

/** Where a record begins, and the greatest timestamp of the stream before it. */
export interface IndexEntry {
  readonly sequence: number;
  readonly offset: number;
  /** Null at the stream's start. */
  readonly maxBefore: number | null;
}

/** What we know of a segment: enough to find a place in it without reading more than a stride. */
export interface Segment {
  readonly first: number;
  next: number;
  /** Bytes of the file that are whole and durable. */
  size: number;
  /** Bytes of its messages. */
  bytes: number;
  min: number | null;
  max: number | null;
  ingested: number | null;
  readonly index: IndexEntry[];
}

export function emptySegment(first: number): Segment {
  return { first, next: first, size: 0, bytes: 0, min: null, max: null, ingested: null, index: [] };
}

/** Takes a durable record into account; `maxBefore` is the greatest timestamp in earlier segments. */
export function noteRecord(
  segment: Segment,
  record: Omit<DecodedRecord, 'message'> & { readonly bytes: number },
  maxBefore: number | null,
): void {
  const last = segment.index.at(-1);
  const max = segment.max === null ? maxBefore : Math.max(segment.max, maxBefore ?? segment.max);
  if (!last || segment.size - last.offset >= STRIDE)
    segment.index.push({ sequence: record.sequence, offset: segment.size, maxBefore: max });
  segment.next = record.sequence + 1;
  segment.size += record.length;
  segment.bytes += record.bytes;
  segment.min = segment.min === null ? record.timestamp : Math.min(segment.min, record.timestamp);
  segment.max = segment.max === null ? record.timestamp : Math.max(segment.max, record.timestamp);
  segment.ingested = record.ingested;
}

async function readMore(file: FileHandle, position: number, wanted: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(wanted);
  const { bytesRead } = await file.read(buffer, 0, wanted, position);
  return buffer.subarray(0, bytesRead);
}

/** The records from a place on, a batch for each piece read; ends where the file or its soundness ends, or at `end`. */
export async function* readRecords(path: string, from: IndexEntry, end: number): AsyncGenerator<readonly DecodedRecord[]> {
  const file = await open(path, 'r');
  try {
    let rest = Buffer.alloc(0);
    let position = from.offset;
    let expected = from.sequence;
    for (;;) {
      const wanted = Math.min(Math.max(CHUNK, missingBytes(rest)), end - position);
      if (wanted <= 0 || missingBytes(rest) > LONGEST_RECORD) return;
      const more = await readMore(file, position, wanted);
      if (more.length === 0) return;
      position += more.length;
      const buffer = Buffer.concat([rest, more]);
      const { records, used, broken } = decodeRecords(buffer, expected);
      if (records.length > 0) yield records;
      if (broken) return;
      expected += records.length;
      rest = buffer.subarray(used);
    }
  } finally {
    await file.close();
  }
}

/** Reads a segment whole, to know it; what is behind its last sound record is not counted in `size`. */
export async function scanSegment(path: string, first: number, maxBefore: number | null): Promise<Segment> {
  const segment = emptySegment(first);
  for await (const records of readRecords(path, { sequence: first, offset: 0, maxBefore }, Number.MAX_SAFE_INTEGER)) {
    for (const record of records) noteRecord(segment, { ...record, bytes: Buffer.byteLength(record.message) }, maxBefore);
  }
  return segment;
}
