import fs from 'node:fs';
import { promisify } from 'node:util';

/** The callback functions: a FileHandle costs several times as much, and a small object is one open, write, sync, close. */
export const disk = {
  open: promisify(fs.open),
  close: promisify(fs.close),
  fdatasync: promisify(fs.fdatasync),
  fsync: promisify(fs.fsync),
  rename: promisify(fs.rename),
  unlink: promisify(fs.unlink),
  readdir: promisify(fs.readdir),
  mkdir: promisify(fs.mkdir),
};

/** Reads up to `length` bytes at `position`; fewer at the end of the file. */
export function readAt(fd: number, length: number, position: number): Promise<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(length);
  return new Promise((resolve, reject) => {
    fs.read(fd, buffer, 0, length, position, (error, count) => (error ? reject(error) : resolve(buffer.subarray(0, count))));
  });
}

/** Writes all of the chunks, in order, at the file's end. */
export function writeAll(fd: number, chunks: readonly Uint8Array[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (rest: readonly Uint8Array[]): void => {
      fs.writev(fd, rest, (error, written) => {
        if (error) return reject(error);
        const left = dropBytes(rest, written);
        return left.length === 0 ? resolve() : next(left);
      });
    };
    if (chunks.length === 0) resolve();
    else next(chunks);
  });
}

/** What is left of the chunks after their first `count` bytes were written: a signal or a full disk may cut a write short. */
export function dropBytes(chunks: readonly Uint8Array[], count: number): readonly Uint8Array[] {
  let index = 0;
  let left = count;
  while (index < chunks.length && left >= chunks[index]!.length) left -= chunks[index++]!.length;
  const rest = chunks.slice(index);
  if (left > 0) rest[0] = rest[0]!.subarray(left);
  return rest;
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
