const HEADER = 8;

/**
 * Takes the engine's framing off a stream of standard output and error:
 * https://docs.docker.com/reference/api/engine/version/v1.44/#tag/Container/operation/ContainerAttach
 */
export class Frames {
  readonly #onPayload: (payload: Buffer) => void;
  #header = Buffer.alloc(0);
  #left = 0;

  constructor(onPayload: (payload: Buffer) => void) {
    this.#onPayload = onPayload;
  }

  push(chunk: Buffer): void {
    let rest = chunk;
    while (rest.length > 0) rest = this.#left > 0 ? this.#payload(rest) : this.#head(rest);
  }

  #payload(bytes: Buffer): Buffer {
    const part = bytes.subarray(0, this.#left);
    this.#left -= part.length;
    this.#onPayload(part);
    return bytes.subarray(part.length);
  }

  #head(bytes: Buffer): Buffer {
    const missing = HEADER - this.#header.length;
    this.#header = Buffer.concat([this.#header, bytes.subarray(0, missing)]);
    if (this.#header.length === HEADER) {
      this.#left = this.#header.readUInt32BE(4);
      this.#header = Buffer.alloc(0);
    }
    return bytes.subarray(missing);
  }
}

/**
 * Parts a byte stream into output and the messages between: a message is the mark, and what follows it up to the end of the line.
 * Both travel in one pipe, so a message is known to come after all that was written before it.
 */
export class Messages {
  readonly #mark: Buffer;
  readonly #onOutput: (bytes: Buffer) => void;
  readonly #onMessage: (text: string) => void;
  #held = Buffer.alloc(0);

  constructor(mark: string, onOutput: (bytes: Buffer) => void, onMessage: (text: string) => void) {
    this.#mark = Buffer.from(mark, 'latin1');
    this.#onOutput = onOutput;
    this.#onMessage = onMessage;
  }

  push(chunk: Buffer): void {
    let bytes = this.#held.length > 0 ? Buffer.concat([this.#held, chunk]) : chunk;
    this.#held = Buffer.alloc(0);
    for (;;) {
      const at = bytes.indexOf(this.#mark);
      const end = at === -1 ? -1 : bytes.indexOf(0x0a, at);
      if (end === -1) return this.#keep(bytes, at === -1 ? this.#beginning(bytes) : at);
      this.#output(bytes.subarray(0, at));
      this.#onMessage(bytes.toString('utf8', at + this.#mark.length, end));
      bytes = bytes.subarray(end + 1);
    }
  }

  /** What is held back for a mark that never came. */
  flush(): void {
    const held = this.#held;
    this.#held = Buffer.alloc(0);
    this.#output(held);
  }

  /** Where a mark may have begun that the next chunk completes. */
  #beginning(bytes: Buffer): number {
    for (let from = Math.max(0, bytes.length - this.#mark.length + 1); ; from++) {
      const at = bytes.indexOf(this.#mark[0]!, from);
      if (at === -1) return bytes.length;
      if (this.#mark.subarray(0, bytes.length - at).equals(bytes.subarray(at))) return at;
      from = at;
    }
  }

  #keep(bytes: Buffer, from: number): void {
    this.#output(bytes.subarray(0, from));
    this.#held = Buffer.from(bytes.subarray(from));
  }

  #output(bytes: Buffer): void {
    if (bytes.length > 0) this.#onOutput(bytes);
  }
}
