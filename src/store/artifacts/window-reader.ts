import fs from 'node:fs';
import { Readable } from 'node:stream';
import yauzl from 'yauzl';

const WINDOW = 1024 * 1024;

/**
 * Gives yauzl a file through a window of a megabyte: it reads a zip's directory in two small pieces an entry, which over the
 * file itself makes ten thousand entries take most of a second.
 */
export class WindowReader extends yauzl.RandomAccessReader {
  readonly #fd: number;
  #window: Buffer = Buffer.alloc(0);
  #start = 0;

  constructor(fd: number) {
    super();
    this.#fd = fd;
  }

  override read(buffer: Buffer, offset: number, length: number, position: number, callback: (error: Error | null) => void): void {
    if (this.#copy(buffer, offset, length, position)) process.nextTick(callback, null);
    else this.#load(length, position, (error) => this.#loaded(error, { buffer, offset, length, position }, callback));
  }

  #loaded(
    error: Error | null,
    wish: { readonly buffer: Buffer; readonly offset: number; readonly length: number; readonly position: number },
    callback: (error: Error | null) => void,
  ): void {
    if (error) callback(error);
    else if (this.#copy(wish.buffer, wish.offset, wish.length, wish.position)) callback(null);
    else callback(new Error('unexpected end of the archive'));
  }

  #copy(buffer: Buffer, offset: number, length: number, position: number): boolean {
    const from = position - this.#start;
    if (from < 0 || from + length > this.#window.length) return false;
    this.#window.copy(buffer, offset, from, from + length);
    return true;
  }

  #load(length: number, position: number, callback: (error: Error | null) => void): void {
    const window = Buffer.allocUnsafeSlow(Math.max(WINDOW, length));
    fs.read(this.#fd, window, 0, window.length, position, (error, count) => {
      if (!error) [this.#window, this.#start] = [window.subarray(0, count), position];
      callback(error);
    });
  }

  /** yauzl's way to content; we read content from the blob store. */
  override _readStreamForRange(): Readable {
    return Readable.from([]);
  }

  override close(callback: (error: Error | null) => void): void {
    callback(null);
  }
}
