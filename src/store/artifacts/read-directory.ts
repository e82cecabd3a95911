import fs from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import { promisify } from 'node:util';
import yauzl from 'yauzl';
import { messageOf, PipewrightError } from '../../kernel/errors.ts';
import type { ArtifactEntry } from '../../ports/artifacts.ts';
import { invalidArchive, normalisePath } from '../../kernel/zip/paths.ts';
import type { Kind } from '../../kernel/zip/paths.ts';
import { WindowReader } from './window-reader.ts';

const openZip = promisify<yauzl.RandomAccessReader, number, yauzl.Options, yauzl.ZipFile>(yauzl.fromRandomAccessReader);
const STORED = 0;
const DEFLATED = 8;
const LOCAL_HEADER = 30;
/** Entries handled before others get the event loop. */
const BATCH = 256;

export interface Limits {
  readonly entries: number;
  /** Of all files together, inflated. */
  readonly bytes: number;
}

/** An entry with where its bytes begin in the archive, and how many they are there. */
export interface LocatedEntry {
  readonly entry: ArtifactEntry;
  readonly start: number;
  readonly compressedSize: number;
  readonly deflated: boolean;
}

/** Kind and permissions; archives made on DOS and Windows carry no Unix mode, some makers leave it 0. */
function modeOf(entry: yauzl.Entry): { kind: Kind; mode: number } {
  const madeBy = entry.versionMadeBy >> 8;
  const unix = madeBy === 3 || madeBy === 19 ? entry.externalFileAttributes >>> 16 : 0;
  if ((unix & 0o170000) === 0o120000) return { kind: 'symlink', mode: 0o777 };
  const isFolder = entry.fileName.endsWith('/');
  const mode = unix & 0o777;
  return isFolder ? { kind: 'directory', mode: mode || 0o755 } : { kind: 'file', mode: mode || 0o644 };
}

/** The central directory's entries, with what no entry may be refused. */
function checkEntry(entry: yauzl.Entry): void {
  if (entry.isEncrypted()) throw invalidArchive(`entry ${JSON.stringify(entry.fileName)} is encrypted`);
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED) {
    throw invalidArchive(`entry ${JSON.stringify(entry.fileName)} has compression method ${entry.compressionMethod}`);
  }
}

/** Where the content begins: only the local header, which may differ from the central one in length, can say. */
function dataStart(fd: number, entry: yauzl.Entry, fileSize: number): number {
  const header = Buffer.alloc(LOCAL_HEADER);
  const read = fs.readSync(fd, header, 0, LOCAL_HEADER, entry.relativeOffsetOfLocalHeader);
  const broken = read < LOCAL_HEADER || header.readUInt32LE(0) !== 0x04034b50;
  const start = entry.relativeOffsetOfLocalHeader + LOCAL_HEADER + header.readUInt16LE(26) + header.readUInt16LE(28);
  if (broken || start + entry.compressedSize > fileSize) throw invalidArchive(`entry ${JSON.stringify(entry.fileName)} has no content`);
  return start;
}

function locate(fd: number, raw: yauzl.Entry, fileSize: number): LocatedEntry {
  checkEntry(raw);
  const start = dataStart(fd, raw, fileSize);
  const deflated = raw.compressionMethod === DEFLATED;
  const { kind, mode } = modeOf(raw);
  const facts = { path: normalisePath(raw.fileName), mode, kind, size: raw.uncompressedSize, crc32: raw.crc32 };
  return { entry: deflated ? facts : { ...facts, offset: start }, start, compressedSize: raw.compressedSize, deflated };
}

/** Counts what the archive claims. Content that overlaps is how small archives claim much: together it cannot exceed the file. */
function budget(limits: Limits, fileSize: number) {
  let [inflated, compressed] = [0, 0];
  return (entry: yauzl.Entry): void => {
    inflated += entry.uncompressedSize;
    compressed += entry.compressedSize;
    if (inflated > limits.bytes) throw invalidArchive(`the content exceeds ${limits.bytes} bytes`);
    if (compressed > fileSize) throw invalidArchive('entries overlap');
  };
}

async function readEntries(fd: number, limits: Limits): Promise<LocatedEntry[]> {
  const fileSize = fs.fstatSync(fd).size;
  const zip = await openZip(new WindowReader(fd), fileSize, { lazyEntries: true, strictFileNames: true, autoClose: false });
  if (zip.entryCount > limits.entries) throw invalidArchive(`the archive has more than ${limits.entries} entries`);
  const spend = budget(limits, fileSize);
  const located: LocatedEntry[] = [];
  for await (const entry of zip.eachEntry()) {
    spend(entry);
    const found = locate(fd, entry, fileSize);
    if (found.entry.path !== '') located.push(found);
    if (located.length % BATCH === 0) await breathe();
  }
  return located;
}

/** Reads the directory of the zip in a file. Rejects with InvalidArchive for what is broken, hostile or beyond the limits. */
export async function readDirectory(path: string, limits: Limits): Promise<LocatedEntry[]> {
  const fd = fs.openSync(path, 'r');
  try {
    return await readEntries(fd, limits);
  } catch (error) {
    if (error instanceof PipewrightError) throw error;
    // The parser's own errors carry no code; those of the file system do.
    if (error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('E')) throw error;
    throw invalidArchive(messageOf(error));
  } finally {
    fs.closeSync(fd);
  }
}
