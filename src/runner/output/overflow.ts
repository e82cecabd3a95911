import { closeSync, ftruncateSync, openSync, readSync, rmSync, writeSync } from 'node:fs';
import { messageOf } from '../../kernel/errors.ts';

export interface OutputEvent {
  /** Epoch ms. */
  readonly timestamp: number;
  readonly message: string;
}

/** Written at once. */
const WRITE_CHARS = 64 * 1024;
/** Read at once; a line is longer only where a message is. */
const READ_BYTES = 512 * 1024;
const NEWLINE = 10;

/**
 * Events that wait on disk, first in, first out, of which little is ever in memory. All of it is synchronous: whoever writes faster than
 * the disk is held up by that, in place of filling the memory.
 */
export class Overflow {
  readonly #file: string;
  #descriptor: number | undefined;
  #unwritten: string[] = [];
  #unwrittenChars = 0;
  #written = 0;
  #read = 0;
  #problem = '';

  constructor(file: string) {
    this.#file = file;
  }

  get empty(): boolean {
    return this.#read === this.#written && this.#unwritten.length === 0;
  }

  /** Why the disk last took nothing. */
  get problem(): string {
    return this.#problem;
  }

  /** False where the disk does not take it: then it is as if it had not been there. */
  append(event: OutputEvent): boolean {
    const line = `${JSON.stringify(event)}\n`;
    if (this.#unwrittenChars + line.length > WRITE_CHARS && !this.#flush()) return false;
    this.#unwritten.push(line);
    this.#unwrittenChars += line.length;
    return true;
  }

  /** The next events, as many as fit into some memory; none where there are none. */
  take(): OutputEvent[] {
    // What the disk did not take is still here.
    if (this.#read === this.#written) return this.#takeUnwritten();
    for (let size = READ_BYTES; ; size *= 2) {
      const buffer = Buffer.allocUnsafe(Math.min(size, this.#written - this.#read));
      const length = readSync(this.#descriptor!, buffer, 0, buffer.length, this.#read);
      const end = buffer.subarray(0, length).lastIndexOf(NEWLINE) + 1;
      if (end === 0 && length > 0) continue;
      this.#read += end;
      if (this.#read === this.#written) this.#restart();
      const lines = buffer.toString('utf8', 0, end).split('\n');
      return lines.slice(0, -1).map((line) => JSON.parse(line) as OutputEvent);
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
    rmSync(this.#file, { force: true });
    this.#unwritten = [];
    this.#read = this.#written = 0;
  }

  #takeUnwritten(): OutputEvent[] {
    const lines = this.#unwritten;
    this.#unwritten = [];
    this.#unwrittenChars = 0;
    return lines.map((line) => JSON.parse(line) as OutputEvent);
  }

  #flush(): boolean {
    const bytes = Buffer.from(this.#unwritten.join(''));
    try {
      this.#descriptor ??= openSync(this.#file, 'w+', 0o600);
      for (let done = 0; done < bytes.length;) done += writeSync(this.#descriptor, bytes, done, bytes.length - done, this.#written + done);
    } catch (error) {
      this.#problem = messageOf(error);
      return false;
    }
    this.#written += bytes.length;
    this.#unwritten = [];
    this.#unwrittenChars = 0;
    return true;
  }

  /** All has been read: the disk gets its room back. */
  #restart(): void {
    ftruncateSync(this.#descriptor!, 0);
    this.#read = this.#written = 0;
  }
}
