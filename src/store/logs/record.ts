import { crc32 } from 'node:zlib';
import type { LogEvent, StoredLogEvent } from '../../ports/logs.ts';

/**
 * A record on disk, little-endian: length of the whole record (4), CRC-32 of all that follows (4), timestamp, ingestion time and
 * sequence (8 each, as doubles: exact for every integer we have), then the message in UTF-8.
 */
const HEADER = 32;

/** Characters. CloudWatch Logs takes 1 MB an event; a record that claims much more is a torn one. */
export const LONGEST_MESSAGE = 4 * 1024 * 1024;

/** Bytes that a message of so many bytes takes on disk. */
export function recordLength(bytes: number): number {
  return HEADER + bytes;
}

export function encodeRecords(events: readonly LogEvent[], first: number, ingested: number): Buffer {
  const lengths = events.map(({ message }) => HEADER + Buffer.byteLength(message));
  const buffer = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  events.forEach(({ timestamp, message }, i) => {
    const end = at + lengths[i]!;
    buffer.writeUInt32LE(lengths[i]!, at);
    buffer.writeDoubleLE(timestamp, at + 8);
    buffer.writeDoubleLE(ingested, at + 16);
    buffer.writeDoubleLE(first + i, at + 24);
    buffer.write(message, at + HEADER);
    buffer.writeUInt32LE(crc32(buffer.subarray(at + 8, end)), at + 4);
    at = end;
  });
  return buffer;
}

export interface DecodedRecord extends StoredLogEvent {
  /** Bytes of the record on disk. */
  readonly length: number;
}

/**
 * The whole records at the buffer's start. What follows them is incomplete, or, where `broken` says so, no record:
 * a checksum is wrong, or the sequence is not the expected one.
 */
export function decodeRecords(
  buffer: Buffer,
  expected: number,
): { readonly records: DecodedRecord[]; readonly used: number; readonly broken: boolean } {
  const records: DecodedRecord[] = [];
  let at = 0;
  while (at + HEADER <= buffer.length) {
    const length = buffer.readUInt32LE(at);
    if (length < HEADER) return { records, used: at, broken: true };
    if (at + length > buffer.length) break;
    const sequence = buffer.readDoubleLE(at + 24);
    const sound = crc32(buffer.subarray(at + 8, at + length)) === buffer.readUInt32LE(at + 4) && sequence === expected + records.length;
    if (!sound) return { records, used: at, broken: true };
    records.push({
      timestamp: buffer.readDoubleLE(at + 8),
      ingested: buffer.readDoubleLE(at + 16),
      sequence,
      message: buffer.toString('utf8', at + HEADER, at + length),
      length,
    });
    at += length;
  }
  return { records, used: at, broken: false };
}

/** How many more bytes the record at the buffer's start needs to be whole. */
export function missingBytes(buffer: Buffer): number {
  if (buffer.length < HEADER) return HEADER - buffer.length;
  return Math.max(0, buffer.readUInt32LE(0) - buffer.length);
}
