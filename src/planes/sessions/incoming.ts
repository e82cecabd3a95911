import type { Frame } from './frame.ts';

/** What may wait for a message before it. */
const MOST_EARLY = 1_000;
const MOST_EARLY_BYTES = 1024 * 1024;

export interface Taken {
  /** The sender need not send it again. */
  readonly acknowledge: boolean;
  /** Those that are due now, in order. */
  readonly due: readonly Frame[];
}

/** Brings numbered messages into their order, each once. */
export class IncomingStream {
  readonly #early = new Map<number, Frame>();
  #earlyBytes = 0;
  #expected = 0;

  take(frame: Frame): Taken {
    if (frame.sequence < this.#expected || this.#early.has(frame.sequence)) return { acknowledge: true, due: [] };
    if (frame.sequence > this.#expected) return { acknowledge: this.#keep(frame), due: [] };
    this.#expected++;
    return { acknowledge: true, due: [frame, ...this.#next()] };
  }

  #keep(frame: Frame): boolean {
    const { length } = frame.payload;
    if (this.#early.size >= MOST_EARLY || this.#earlyBytes + length > MOST_EARLY_BYTES) return false;
    this.#early.set(frame.sequence, frame);
    this.#earlyBytes += length;
    return true;
  }

  #next(): readonly Frame[] {
    const due: Frame[] = [];
    for (let frame; (frame = this.#early.get(this.#expected)) !== undefined; this.#expected++) {
      this.#early.delete(this.#expected);
      this.#earlyBytes -= frame.payload.length;
      due.push(frame);
    }
    return due;
  }
}
