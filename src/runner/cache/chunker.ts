/**
 * Cuts a stream where its content says so, not at fixed places: what is put in or taken out in the middle changes the chunks around it
 * and no others. A gear hash as in FastCDC (Xia et al., USENIX ATC 2016): each byte shifts the hash, so that a cut depends on the last
 * 32 bytes only.
 */
export const MIN_CHUNK = 256 * 1024;
export const MAX_CHUNK = 4 * 1024 * 1024;
/** 20 bits that must be zero: a megabyte between cuts beyond the least size, on average. The upper ones, which the most bytes have gone into. */
const MASK = 0xfffff000;

/** 256 fixed numbers that look random; changing them changes all cuts. */
const GEAR = gear();

function gear(): Int32Array {
  const table = new Int32Array(256);
  let state = 0x9e3779b9;
  for (let index = 0; index < table.length; index++) {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    table[index] = state;
  }
  return table;
}

/** Takes bytes, gives chunks. */
export class Chunker {
  #kept: Buffer[] = [];
  #length = 0;
  #hash = 0;

  /** The chunks that these bytes complete. */
  push(bytes: Buffer): readonly Buffer[] {
    const chunks: Buffer[] = [];
    let start = 0;
    for (let end = this.#cut(bytes, start); end !== undefined; end = this.#cut(bytes, start)) {
      this.#kept.push(bytes.subarray(start, end));
      chunks.push(this.#take());
      start = end;
    }
    if (start < bytes.length) {
      // The caller may use its buffer again.
      this.#kept.push(Buffer.from(bytes.subarray(start)));
      this.#length += bytes.length - start;
    }
    return chunks;
  }

  /** What is left at the end; undefined where that is nothing. */
  flush(): Buffer | undefined {
    return this.#length === 0 ? undefined : this.#take();
  }

  #take(): Buffer {
    const chunk = Buffer.concat(this.#kept);
    this.#kept = [];
    this.#length = 0;
    this.#hash = 0;
    return chunk;
  }

  /** Where the chunk under way ends in these bytes. */
  #cut(bytes: Buffer, start: number): number | undefined {
    const most = start + MAX_CHUNK - this.#length;
    const end = Math.min(bytes.length, most);
    let hash = this.#hash;
    // Within the least size only the last 32 bytes count.
    let at = Math.max(start, start + MIN_CHUNK - 32 - this.#length);
    for (const least = start + MIN_CHUNK - this.#length; at < end; at++) {
      hash = ((hash << 1) + GEAR[bytes[at]!]!) | 0;
      if (at >= least && (hash & MASK) === 0) return at + 1;
    }
    this.#hash = hash;
    return end === most && bytes.length >= most ? end : undefined;
  }
}
