import { StringDecoder } from 'node:string_decoder';

/** A line that gets no newline for so long is shown as far as it goes (prompts, progress). */
const FLUSH_MS = 50;
/** CloudWatch Logs takes events of 256 KiB at most. */
const LONGEST = 200_000;

/** Cuts the bytes of a build's output into log messages: one a line, its newline kept. Bytes that are no UTF-8 become U+FFFD. */
export class Lines {
  readonly #emit: (text: string) => void;
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(emit: (text: string) => void) {
    this.#emit = emit;
  }

  write(chunk: Uint8Array): void {
    const text = this.#rest + this.#decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#cut(text.slice(from, end + 1));
      from = end + 1;
    }
    this.#rest = text.slice(from);
    while (this.#rest.length > LONGEST) this.#rest = this.#head(this.#rest);
    if (this.#rest !== '') this.#timer ??= setTimeout(() => this.flush(), FLUSH_MS);
  }

  /** Hands over what has no newline yet. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#rest !== '') this.#emit(this.#rest);
    this.#rest = '';
  }

  #cut(line: string): void {
    let rest = line;
    while (rest.length > LONGEST) rest = this.#head(rest);
    this.#emit(rest);
  }

  #head(text: string): string {
    this.#emit(text.slice(0, LONGEST));
    return text.slice(LONGEST);
  }
}
