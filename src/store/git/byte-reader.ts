import type { ByteStream } from '../../ports/blobs.ts';

/** Lines and counted bytes, read from one stream in turn. */
export class ByteReader {
  readonly #source: AsyncIterator<Uint8Array>;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(stream: ByteStream) {
    this.#source = stream[Symbol.asyncIterator]();
  }

  /** The next line without its end; undefined where the stream ends first. */
  async line(): Promise<string | undefined> {
    let from = 0;
    for (;;) {
      const end = this.#buffer.indexOf(10, from);
      if (end >= 0) {
        const line = this.#buffer.toString('utf8', 0, end);
        this.#buffer = this.#buffer.subarray(end + 1);
        return line;
      }
      from = this.#buffer.length;
      if (!(await this.#more())) return undefined;
    }
  }

  /** The next `size` bytes; undefined where the stream ends first. */
  async bytes(size: number): Promise<Buffer | undefined> {
    const parts: Buffer[] = [];
    let missing = size;
    for (;;) {
      const part = this.#buffer.subarray(0, missing);
      this.#buffer = this.#buffer.subarray(part.length);
      parts.push(part);
      missing -= part.length;
      if (missing === 0) return parts.length === 1 ? Buffer.from(part) : Buffer.concat(parts);
      if (!(await this.#more())) return undefined;
    }
  }

  /** Passes over `size` bytes without keeping them; false where the stream ends first. */
  async skip(size: number): Promise<boolean> {
    let missing = size;
    for (;;) {
      const part = Math.min(missing, this.#buffer.length);
      this.#buffer = this.#buffer.subarray(part);
      missing -= part;
      if (missing === 0) return true;
      if (!(await this.#more())) return false;
    }
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done) return false;
    const chunk = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength);
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    return true;
  }
}
