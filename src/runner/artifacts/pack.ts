import { createHash } from 'node:crypto';
import fs from 'node:fs';
import { setImmediate as breathe } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { centralHeader, directoryEnd, localHeader, type ZipEntry } from '../../kernel/zip/format.ts';
import { openerInside, type OpenFile } from '../../kernel/open-inside.ts';
import type { SelectedFile } from './select.ts';

export interface Packed {
  readonly path: string;
  readonly size: number;
  readonly md5: string;
  readonly sha256: string;
}

const CHUNK = 1024 * 1024;
const SLICE_MS = 4;
const TYPE = { file: 0o100000, symlink: 0o120000 } as const;

/** Opens a file that must be in the folder. */
type Open = (path: string, within: string) => OpenFile;

/** Folders are looked up once. */
function opener(): Open {
  const openers = new Map<string, (path: string) => OpenFile>();
  return (path, within) => {
    const open = openers.get(within) ?? openerInside(within);
    openers.set(within, open);
    return open(path);
  };
}

function* chunks(file: SelectedFile, open: Open): Generator<Buffer> {
  if (file.kind === 'symlink') return yield Buffer.from(fs.readlinkSync(file.source));
  const { fd } = open(file.source, file.within);
  try {
    for (;;) {
      const bytes = Buffer.allocUnsafe(Math.min(CHUNK, Math.max(file.size, 1)));
      const read = fs.readSync(fd, bytes, 0, bytes.length, null);
      if (read === 0) return;
      yield bytes.subarray(0, read);
    }
  } finally {
    fs.closeSync(fd);
  }
}

/** Small files are read once; larger ones a second time rather than held in memory, since the header in front states the checksum. */
function measured(
  file: SelectedFile,
  open: Open,
): { readonly size: number; readonly checksum: number; readonly content: Iterable<Buffer> } {
  let [size, checksum] = [0, 0];
  const held: Buffer[] = [];
  for (const bytes of chunks(file, open)) {
    size += bytes.length;
    checksum = crc32(bytes, checksum);
    if (size <= CHUNK) held.push(bytes);
  }
  return { size, checksum, content: size <= CHUNK ? held : chunks(file, open) };
}

class Output {
  readonly #fd: number;
  readonly #hashes = [createHash('md5'), createHash('sha256')] as const;
  #waiting: Buffer[] = [];
  #bytes = 0;
  size = 0;

  constructor(path: string) {
    this.#fd = fs.openSync(path, 'wx', 0o600);
  }

  write(bytes: Buffer): void {
    this.#waiting.push(bytes);
    this.#bytes += bytes.length;
    this.size += bytes.length;
    if (this.#bytes >= CHUNK) this.#flush();
  }

  close(): { readonly md5: string; readonly sha256: string } {
    this.#flush();
    fs.closeSync(this.#fd);
    return { md5: this.#hashes[0].digest('hex'), sha256: this.#hashes[1].digest('hex') };
  }

  #flush(): void {
    const slab = Buffer.concat(this.#waiting);
    fs.writeSync(this.#fd, slab);
    for (const hash of this.#hashes) hash.update(slab);
    [this.#waiting, this.#bytes] = [[], 0];
  }
}

/** A stored zip of the files: nothing is deflated, and the same files give the same bytes. */
export async function pack(files: readonly SelectedFile[], path: string): Promise<Packed> {
  const output = new Output(path);
  const open = opener();
  const written: ZipEntry[] = [];
  let until = performance.now() + SLICE_MS;
  for (const file of files) {
    const { size, checksum, content } = measured(file, open);
    const mode = TYPE[file.kind] | (file.kind === 'symlink' ? 0o777 : file.executable ? 0o755 : 0o644);
    const entry: ZipEntry = { name: Buffer.from(file.path), mode, crc32: checksum, size, offset: output.size };
    output.write(localHeader(entry));
    for (const bytes of content) output.write(bytes);
    written.push(entry);
    if (performance.now() < until) continue;
    await breathe();
    until = performance.now() + SLICE_MS;
  }
  const start = output.size;
  for (const entry of written) output.write(centralHeader(entry));
  output.write(directoryEnd(written.length, start, output.size - start));
  return { path, size: output.size, ...output.close() };
}
