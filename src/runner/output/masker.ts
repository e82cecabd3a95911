import { secretForms, SHORTEST } from './secret-forms.ts';
import { SecretFinder } from './secret-finder.ts';

export const MASK = '***';
const MASK_BYTES = Buffer.from(MASK);

/**
 * Puts `***` in the place of secrets in a stream of bytes, however it is cut into chunks: what may be the beginning of one waits for
 * the next chunk. A run of secrets that overlap or touch is one mask.
 */
export class Masker {
  readonly #finder: SecretFinder | undefined;
  #held: Buffer = Buffer.alloc(0);
  /** So many of the bytes held have been handed on all the same. */
  #shown = 0;
  /** So many of the bytes held belong to a secret that has been found. */
  #covered = 0;
  /** The last that was handed on was a mask. */
  #masking = false;

  constructor(values: Iterable<string>) {
    const forms = secretForms(values);
    if (forms.length > 0) this.#finder = new SecretFinder(forms);
  }

  /** Hands on, in order, what is certain by now. */
  write(chunk: Uint8Array, emit: (bytes: Uint8Array) => void): void {
    if (!this.#finder) return emit(chunk);
    const bytes =
      this.#held.length > 0 ? Buffer.concat([this.#held, chunk]) : Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const open = this.#finder.openAt(bytes);
    this.#pass(bytes, open, emit);
    this.#held = Buffer.from(bytes.subarray(open));
  }

  /** Whether a pause would leave something unseen that may be seen. */
  get waits(): boolean {
    return this.#held.length > this.#shown && this.#held.length < SHORTEST && this.#covered === 0;
  }

  /**
   * The stream pauses, as at a prompt: hands on what is so short that it tells nothing of a secret. It may still become the beginning of
   * one, the rest of which is masked then.
   */
  settle(emit: (bytes: Uint8Array) => void): void {
    if (!this.waits) return;
    this.#clear(this.#held.subarray(this.#shown), emit);
    this.#shown = this.#held.length;
  }

  /** The stream ends: what was held back became no secret. */
  flush(emit: (bytes: Uint8Array) => void): void {
    this.#pass(this.#held, this.#held.length, emit);
    this.#held = Buffer.alloc(0);
    this.#covered = 0;
    this.#masking = false;
  }

  /** A text that is whole. */
  text(text: string): string {
    const bytes = Buffer.from(text);
    const spans = this.#finder?.spans(bytes) ?? [];
    if (spans.length === 0) return text;
    const clear = spans.map(({ start }, i) => bytes.toString('utf8', spans[i - 1]?.end ?? 0, start));
    return [...clear, bytes.toString('utf8', spans.at(-1)!.end)].join(MASK);
  }

  #pass(bytes: Buffer, until: number, emit: (bytes: Uint8Array) => void): void {
    const spans = this.#finder?.spans(bytes, this.#covered) ?? [];
    let at = this.#shown;
    let reach = this.#covered;
    for (const { start, end } of spans) {
      if (start >= until) break;
      if (start > at) this.#clear(bytes.subarray(at, start), emit);
      if (!this.#masking) emit(MASK_BYTES);
      this.#masking = true;
      at = end;
      reach = end;
    }
    if (at < until) this.#clear(bytes.subarray(at, until), emit);
    this.#covered = Math.max(0, reach - until);
    this.#shown = Math.max(0, this.#shown - until);
  }

  #clear(bytes: Uint8Array, emit: (bytes: Uint8Array) => void): void {
    this.#masking = false;
    emit(bytes);
  }
}
