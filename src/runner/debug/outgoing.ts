/** What one call carries, and what may wait: a terminal that writes faster than it is read loses the middle. */
const LARGEST = 48 * 1024;
const LONGEST = 2 * 1024 * 1024;

/** Sends what a terminal writes, in order, one call at a time. */
export class Outgoing {
  readonly #send: (position: number, data: Uint8Array, exitCode?: number) => Promise<void>;
  #waiting = Buffer.alloc(0);
  #position = 0;
  #exitCode: number | undefined;
  #sending = false;

  constructor(send: (position: number, data: Uint8Array, exitCode?: number) => Promise<void>) {
    this.#send = send;
  }

  write(chunk: Uint8Array): void {
    this.#waiting = Buffer.concat([this.#waiting, chunk]);
    const over = this.#waiting.length - LONGEST;
    if (over > 0) {
      this.#waiting = this.#waiting.subarray(over);
      this.#position += over;
    }
    void this.#go();
  }

  /** Nothing follows. */
  end(exitCode: number): void {
    this.#exitCode = exitCode;
    void this.#go();
  }

  async #go(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    try {
      while (this.#waiting.length > 0 || this.#exitCode !== undefined) {
        const data = Buffer.from(this.#waiting.subarray(0, LARGEST));
        const exitCode = data.length === this.#waiting.length ? this.#exitCode : undefined;
        const position = this.#position;
        await this.#send(position, data, exitCode);
        const sent = position + data.length - this.#position;
        if (sent > 0) this.#waiting = this.#waiting.subarray(sent);
        this.#position += Math.max(sent, 0);
        if (exitCode !== undefined) return;
      }
    } catch {
      // The build has ended, or nobody holds its lease any more: nobody waits for this output.
      this.#waiting = Buffer.alloc(0);
    } finally {
      this.#sending = false;
    }
  }
}
