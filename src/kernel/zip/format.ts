/** Records of the zip format, as we write them (APPNOTE.TXT 6.3, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT). */

const MAX16 = 0xffff;
const MAX32 = 0xffffffff;
/** 1980-01-01 00:00, the earliest that the format knows: the same files give the same bytes. */
const DOS_DATE = (1 << 5) | 1;
const VERSION = 20;
const VERSION_ZIP64 = 45;
/** "Made by" Unix: the high half of the external attributes is the mode. */
const UNIX = 3 << 8;
const UTF8_FLAG = 0x800;

export interface ZipEntry {
  /** UTF-8, folders with a slash at the end. */
  readonly name: Buffer;
  /** File type and permissions, as in `stat`. */
  readonly mode: number;
  readonly crc32: number;
  readonly size: number;
  /** Where its local header begins. */
  readonly offset: number;
}

/** Names without the UTF-8 flag are in CP437, which has pictures where ASCII has control characters. */
const isPlain = (name: Buffer): boolean => name.every((byte) => byte >= 0x20 && byte < 0x7f);

function zip64Extra(values: readonly number[]): Buffer {
  if (values.length === 0) return Buffer.alloc(0);
  const extra = Buffer.alloc(4 + values.length * 8);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(values.length * 8, 2);
  values.forEach((value, i) => extra.writeBigUInt64LE(BigInt(value), 4 + i * 8));
  return extra;
}

/** The fields that local and central headers share, from "version needed" to "extra field length": 26 bytes. */
function writeCommon(header: Buffer, at: number, entry: ZipEntry, extra: Buffer): void {
  const size = Math.min(entry.size, MAX32);
  header.writeUInt16LE(extra.length > 0 ? VERSION_ZIP64 : VERSION, at);
  header.writeUInt16LE(isPlain(entry.name) ? 0 : UTF8_FLAG, at + 2);
  header.writeUInt16LE(DOS_DATE, at + 8);
  header.writeUInt32LE(entry.crc32, at + 10);
  header.writeUInt32LE(size, at + 14);
  header.writeUInt32LE(size, at + 18);
  header.writeUInt16LE(entry.name.length, at + 22);
  header.writeUInt16LE(extra.length, at + 24);
}

export function localHeader(entry: ZipEntry): Buffer {
  const extra = zip64Extra(entry.size >= MAX32 ? [entry.size, entry.size] : []);
  const header = Buffer.alloc(30 + entry.name.length + extra.length);
  header.writeUInt32LE(0x04034b50, 0);
  writeCommon(header, 4, entry, extra);
  entry.name.copy(header, 30);
  extra.copy(header, 30 + entry.name.length);
  return header;
}

export function centralHeader(entry: ZipEntry): Buffer {
  const extra = zip64Extra([...(entry.size >= MAX32 ? [entry.size, entry.size] : []), ...(entry.offset >= MAX32 ? [entry.offset] : [])]);
  const header = Buffer.alloc(46 + entry.name.length + extra.length);
  header.writeUInt32LE(0x02014b50, 0);
  header.writeUInt16LE(UNIX | (extra.length > 0 ? VERSION_ZIP64 : VERSION), 4);
  writeCommon(header, 6, entry, extra);
  // The lowest byte is DOS's: its folder bit helps readers that know no Unix modes.
  const isFolder = entry.name.at(-1) === 0x2f;
  header.writeUInt32LE(((entry.mode << 16) | (isFolder ? 0x10 : 0)) >>> 0, 38);
  header.writeUInt32LE(Math.min(entry.offset, MAX32), 42);
  entry.name.copy(header, 46);
  extra.copy(header, 46 + entry.name.length);
  return header;
}

/** What closes the archive: the directory's place and size, with the zip64 records where the old ones are too narrow. */
export function directoryEnd(entries: number, start: number, size: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(entries, MAX16), 8);
  end.writeUInt16LE(Math.min(entries, MAX16), 10);
  end.writeUInt32LE(Math.min(size, MAX32), 12);
  end.writeUInt32LE(Math.min(start, MAX32), 16);
  const needs64 = entries >= MAX16 || size >= MAX32 || start >= MAX32;
  return needs64 ? Buffer.concat([zip64End(entries, start, size), end]) : end;
}

function zip64End(entries: number, start: number, size: number): Buffer {
  const end = Buffer.alloc(56 + 20);
  end.writeUInt32LE(0x06064b50, 0);
  end.writeBigUInt64LE(44n, 4);
  end.writeUInt16LE(UNIX | VERSION_ZIP64, 12);
  end.writeUInt16LE(VERSION_ZIP64, 14);
  end.writeBigUInt64LE(BigInt(entries), 24);
  end.writeBigUInt64LE(BigInt(entries), 32);
  end.writeBigUInt64LE(BigInt(size), 40);
  end.writeBigUInt64LE(BigInt(start), 48);
  end.writeUInt32LE(0x07064b50, 56);
  end.writeBigUInt64LE(BigInt(start + size), 64);
  end.writeUInt32LE(1, 72);
  return end;
}
