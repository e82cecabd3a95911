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

/** An archive's bytes: in memory, or in a file. */
interface Archive {
  readonly size: number;
  /** Throws where there are not so many. */
  read(position: number, length: number): Buffer;
  list(options: yauzl.Options): Promise<yauzl.ZipFile>;
}

const endsTooSoon = (): Error => invalidArchive('unexpected end of the archive');

function inMemory(bytes: Buffer): Archive {
  return {
    size: bytes.length,
    read(position, length) {
      if (position + length > bytes.length) throw endsTooSoon();
      return bytes.subarray(position, position + length);
    },
    list: (options) => openBuffer(bytes, options),
  };
}

function inFile(fd: number): Archive {
  const { size } = fs.fstatSync(fd);
  const read = (position: number, length: number): Buffer => {
    const bytes = Buffer.allocUnsafe(length);
    if (fs.readSync(fd, bytes, 0, length, position) < length) throw endsTooSoon();
    return bytes;
  };
  return { size, read, list: (options) => (size <= IN_MEMORY ? openBuffer(read(0, size), options) : openZip(fd, options)) };
}

/** Where the bytes begin: only the local header knows the length of its own name and extra field. */
function dataStart(archive: Archive, { raw }: Item): number {
  const header = archive.read(raw.relativeOffsetOfLocalHeader, 30);
  if (header.readUInt32LE(0) !== 0x04034b50) throw invalidArchive(`entry ${JSON.stringify(raw.fileName)} has no content`);
  return raw.relativeOffsetOfLocalHeader + 30 + header.readUInt16LE(26) + header.readUInt16LE(28);
}

/** The entry's bytes in pieces; never more than it claims, and as the checksum says. */
function* content(archive: Archive, item: Item): Generator<Buffer> {
  const { raw } = item;
  const start = dataStart(archive, item);
  let checksum = 0;
  if (raw.compressionMethod === 8) {
    if (raw.uncompressedSize > LARGEST_DEFLATED) throw invalidArchive(`entry ${JSON.stringify(raw.fileName)} is too large`);
    const bytes = inflateRawSync(archive.read(start, raw.compressedSize), { maxOutputLength: Math.max(raw.uncompressedSize, 1) });
    if (bytes.length !== raw.uncompressedSize) throw invalidArchive(`entry ${JSON.stringify(raw.fileName)} is not as large as it claims`);
    checksum = crc32(bytes);
    yield bytes;
  } else if (raw.compressionMethod === 0 && raw.compressedSize === raw.uncompressedSize) {
    for (let done = 0; done < raw.uncompressedSize; done += CHUNK) {
      const bytes = archive.read(start + done, Math.min(CHUNK, raw.uncompressedSize - done));
      checksum = crc32(bytes, checksum);
      yield bytes;
    }
  } else throw invalidArchive(`entry ${JSON.stringify(raw.fileName)} has an unknown compression`);
  if (checksum !== raw.crc32) throw invalidArchive(`entry ${JSON.stringify(raw.fileName)} is damaged`);
}

function extract(archive: Archive, item: Item, place: (path: string) => string): void {
  if (item.path === '') return;
  const target = place(item.path);
  if (item.kind === 'directory') return void fs.mkdirSync(target, { recursive: true });
  if (item.kind === 'symlink') {
    if (item.raw.uncompressedSize > 4096) throw invalidArchive(`entry ${JSON.stringify(item.path)}: the link is too long`);
    const text = Buffer.concat([...content(archive, item)]).toString();
    checkLink(item.path, text);
    return fs.symlinkSync(text, target);
  }
  // wx: never through something that is there already.
  const out = fs.openSync(target, 'wx', item.executable ? 0o755 : 0o644);
  try {
    for (const bytes of content(archive, item)) fs.writeSync(out, bytes);
  } finally {
    fs.closeSync(out);
  }
}

async function listItems(archive: Archive, limits: UnzipLimits): Promise<Item[]> {
  const options = { lazyEntries: true, strictFileNames: true, autoClose: false };
  const zip = await archive.list(options);
  if (zip.entryCount > limits.entries) throw invalidArchive(`the archive has more than ${limits.entries} entries`);
  const items: Item[] = [];
  let [bytes, packed] = [0, 0];
  for await (const raw of zip.eachEntry()) {
    items.push(itemOf(raw));
    bytes += raw.uncompressedSize;
    packed += raw.compressedSize;
    if (bytes > limits.bytes) throw invalidArchive(`the content exceeds ${limits.bytes} bytes`);
    if (packed > archive.size) throw invalidArchive('entries overlap');
  }
  checkTree(items);
  return items;
}

/**
 * Unpacks a zip (a file's path, or its bytes) into `root`. Rejects (code InvalidArchive) for names and links that lead outside, bombs
 * and damage; then what was unpacked until there is still in `root`. Written without fsync: a workspace does not outlive a crash.
 */
export async function unzip(archive: string | Buffer, root: string, limits: UnzipLimits = UNZIP_LIMITS): Promise<number> {
  if (typeof archive !== 'string') return unpack(inMemory(archive), root, limits);
  const fd = fs.openSync(archive, 'r');
  try {
    return await unpack(inFile(fd), root, limits);
  } finally {
    fs.closeSync(fd);
  }
}

async function unpack(archive: Archive, root: string, limits: UnzipLimits): Promise<number> {
  try {
    const items = await listItems(archive, limits);
    const place = placer(root);
    let until = performance.now() + SLICE_MS;
    for (const item of items) {
      extract(archive, item, place);
      if (performance.now() < until) continue;
      await breathe();
      until = performance.now() + SLICE_MS;
    }
    return items.length;
  } catch (error) {
    const known =
      error instanceof PipewrightError || (error instanceof Error && /^E[A-Z]+$/.test(String((error as NodeJS.ErrnoException).code)));
    throw known ? error : invalidArchive(messageOf(error));
  }
}
