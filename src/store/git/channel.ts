/** A stream that one side writes to and the other iterates over. Nothing is lost; who writes too much is bounded by waiting for answers. */
export class Channel implements AsyncIterable<Uint8Array> {
  #waiting: (() => void) | undefined;
  #chunks: Uint8Array[] = [];
  #closed = false;

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#waiting?.();
  }

  close(): void {
    this.#closed = true;
    this.#waiting?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunks = this.#chunks;
      this.#chunks = [];
      yield* chunks;
      if (this.#chunks.length > 0) continue;
      if (this.#closed) return;
      await new Promise<void>((resolve) => (this.#waiting = resolve));
      this.#waiting = undefined;
    }
  }
}
