import fs from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import { promisify } from 'node:util';
import { crc32, inflateRawSync } from 'node:zlib';
import yauzl from 'yauzl';
import { messageOf, PipewrightError } from '../../kernel/errors.ts';
import { checkLink, checkTree, invalidArchive, normalisePath, type Kind } from '../../kernel/zip/paths.ts';
import { placer } from './place.ts';

export interface UnzipLimits {
  readonly entries: number;
  /** Of all files together, unpacked. */
  readonly bytes: number;
}

/** AWS's limits on a source artifact are lower; these only keep a hostile archive from filling the disk. */
export const UNZIP_LIMITS: UnzipLimits = { entries: 500_000, bytes: 20 * 1024 ** 3 };
/** One entry is unpacked in memory. */
const LARGEST_DEFLATED = 1024 ** 3;
const CHUNK = 4 * 1024 * 1024;
/** The runner also starts processes for the server: no more than this many ms at a time without looking up. */
const SLICE_MS = 4;

const openZip = promisify<number, yauzl.Options, yauzl.ZipFile>(yauzl.fromFd);
const openBuffer = promisify<Buffer, yauzl.Options, yauzl.ZipFile>(yauzl.fromBuffer);
/** Smaller archives are listed from memory: from the file, yauzl goes to the thread pool twice for every entry. */
const IN_MEMORY = 16 * 1024 * 1024;

interface Item {
  readonly raw: yauzl.Entry;
  readonly path: string;
  readonly kind: Kind;
  readonly executable: boolean;
}

function itemOf(raw: yauzl.Entry): Item {
  if (raw.isEncrypted()) throw invalidArchive(`entry ${JSON.stringify(raw.fileName)} is encrypted`);
  const unix = raw.versionMadeBy >> 8 === 3 ? raw.externalFileAttributes >>> 16 : 0;
  const isLink = (unix & 0o170000) === 0o120000;
  const kind: Kind = isLink ? 'symlink' : raw.fileName.endsWith('/') ? 'directory' : 'file';
  return { raw, path: normalisePath(raw.fileName), kind, executable: (unix & 0o111) !== 0 };
}

/** Where the bytes begin: only the local header knows the length of its own name and extra field. */
function dataStart(fd: number, { raw }: Item): number {
  const header = Buffer.alloc(30);
  const read = fs.readSync(fd, header, 0, 30, raw.relativeOffsetOfLocalHeader);
  if (read < 30 || header.readUInt32LE(0) !== 0x04034b50) throw invalidArchive(`entry ${JSON.stringify(raw.fileName)} has no content`);
  return raw.relativeOffsetOfLocalHeader + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
}

function readAt(fd: number, position: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  if (fs.readSync(fd, bytes, 0, length, position) < length) throw invalidArchive('unexpected end of the archive');
  return bytes;
}

/** The entry's bytes in pieces; never more than it claims, and as the checksum says. */
function* content(fd: number, item: Item): Generator<Buffer> {
  const { raw } = item;
  const start = dataStart(fd, item);
  let checksum = 0;
  if (raw.compressionMethod === 8) {
    if (raw.uncompressedSize > LARGEST_DEFLATED) throw invalidArchive(`entry ${JSON.stringify(raw.fileName)} is too large`);
    const bytes = inflateRawSync(readAt(fd, start, raw.compressedSize), { maxOutputLength: Math.max(raw.uncompressedSize, 1) });
    if (bytes.length !== raw.uncompressedSize) throw invalidArchive(`entry ${JSON.stringify(raw.fileName)} is not as large as it claims`);
    checksum = crc32(bytes);
    yield bytes;
  } else if (raw.compressionMethod === 0 && raw.compressedSize === raw.uncompressedSize) {
    for (let done = 0; done < raw.uncompressedSize; done += CHUNK) {
      const bytes = readAt(fd, start + done, Math.min(CHUNK, raw.uncompressedSize - done));
      checksum = crc32(bytes, checksum);
      yield bytes;
    }
  } else throw invalidArchive(`entry ${JSON.stringify(raw.fileName)} has an unknown compression`);
  if (checksum !== raw.crc32) throw invalidArchive(`entry ${JSON.stringify(raw.fileName)} is damaged`);
}

function extract(fd: number, item: Item, place: (path: string) => string): void {
  if (item.path === '') return;
  const target = place(item.path);
  if (item.kind === 'directory') return void fs.mkdirSync(target, { recursive: true });
  if (item.kind === 'symlink') {
    if (item.raw.uncompressedSize > 4096) throw invalidArchive(`entry ${JSON.stringify(item.path)}: the link is too long`);
    const text = Buffer.concat([...content(fd, item)]).toString();
    checkLink(item.path, text);
    return fs.symlinkSync(text, target);
  }
  // wx: never through something that is there already.
  const out = fs.openSync(target, 'wx', item.executable ? 0o755 : 0o644);
  try {
    for (const bytes of content(fd, item)) fs.writeSync(out, bytes);
  } finally {
    fs.closeSync(out);
  }
}

async function listItems(fd: number, size: number, limits: UnzipLimits): Promise<Item[]> {
  const options = { lazyEntries: true, strictFileNames: true, autoClose: false };
  const zip = size <= IN_MEMORY ? await openBuffer(readAt(fd, 0, size), options) : await openZip(fd, options);
  if (zip.entryCount > limits.entries) throw invalidArchive(`the archive has more than ${limits.entries} entries`);
  const items: Item[] = [];
  let [bytes, packed] = [0, 0];
  for await (const raw of zip.eachEntry()) {
    items.push(itemOf(raw));
    bytes += raw.uncompressedSize;
    packed += raw.compressedSize;
    if (bytes > limits.bytes) throw invalidArchive(`the content exceeds ${limits.bytes} bytes`);
    if (packed > size) throw invalidArchive('entries overlap');
  }
  checkTree(items);
  return items;
}

/**
 * Unpacks a zip into `root`. Rejects (code InvalidArchive) for names and links that lead outside, bombs and damage; then what was
 * unpacked until there is still in `root`. Written without fsync: a workspace does not outlive a crash.
 */
export async function unzip(archive: string, root: string, limits: UnzipLimits = UNZIP_LIMITS): Promise<number> {
  const fd = fs.openSync(archive, 'r');
  try {
    const items = await listItems(fd, fs.fstatSync(fd).size, limits);
    const place = placer(root);
    let until = performance.now() + SLICE_MS;
    for (const item of items) {
      extract(fd, item, place);
      if (performance.now() < until) continue;
      await breathe();
      until = performance.now() + SLICE_MS;
    }
    return items.length;
  } catch (error) {
    const known =
      error instanceof PipewrightError || (error instanceof Error && /^E[A-Z]+$/.test(String((error as NodeJS.ErrnoException).code)));
    throw known ? error : invalidArchive(messageOf(error));
  } finally {
    fs.closeSync(fd);
  }
}
