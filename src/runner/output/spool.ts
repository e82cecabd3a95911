import { Overflow, type OutputEvent } from './overflow.ts';

export type { OutputEvent };

/** Delivers one batch whose first event has this number; retries inside until it is taken, or rejects for good. */
export type Deliver = (sequence: number, events: readonly OutputEvent[]) => Promise<void>;

const BATCH_EVENTS = 5_000;
/** PutLogEvents takes 1,048,576 bytes of UTF-8, and counts 26 more for each event. */
const BATCH_BYTES = 1_000_000;
/** What comes so soon after the first line goes along with it, ms. */
const GATHER_MS = 8;
/** The same while the output goes on and on: still live to the eye, at a tenth of the calls. All builds' end at the same instants, for one call. */
const STEADY_MS = 150;
/** For so long after a batch the output counts as going on, ms. */
const STEADY_WITHIN_MS = 400;
/** What waits in memory; beyond it goes to disk (the server is away, or slower than the build writes). */
const MEMORY_BYTES = 4_000_000;

/** A build's output on its way to the server: in order, one batch at a time, as large as has gathered meanwhile. */
export class Spool {
  readonly #deliver: Deliver;
  readonly #overflow: Overflow;
  #waiting: OutputEvent[] = [];
  #bytes = 0;
  #sequence = 0;
  /** When the last batch was taken. */
  #sentAt = -Infinity;
  /** Events that no disk took. */
  #lost = 0;
  #sending: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #failure: Error | undefined;

  constructor(file: string, deliver: Deliver) {
    this.#overflow = new Overflow(file);
    this.#deliver = deliver;
  }

  add(event: OutputEvent): void {
    if (this.#closed) return;
    if (this.#bytes > MEMORY_BYTES || !this.#overflow.empty || this.#lost > 0) this.#spill(event);
    else this.#wait(event);
    if (!this.#sending) this.#gather();
  }

  /** Resolves when everything added so far has been taken. Rejects when the server will never take it. */
  async drained(): Promise<void> {
    do {
      if (!this.#sending) this.#begin();
      await this.#sending;
    } while (!this.#closed && !this.#isEmpty());
    if (this.#failure) throw this.#failure;
  }

  /** Drops what is left. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.#overflow.close();
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending = this.#send().finally(() => {
      this.#sending = undefined;
      // What came after the last look into the queue.
      if (!this.#isEmpty() && !this.#closed) this.#gather();
    });
  }

  #gather(): void {
    const steady = performance.now() - this.#sentAt < STEADY_WITHIN_MS;
    // Rounded up: a timer that fires before the instant would find it still to come.
    const ms = steady ? Math.ceil(STEADY_MS - (performance.now() % STEADY_MS)) : GATHER_MS;
    this.#timer ??= setTimeout(() => this.#begin(), ms);
  }

  async #send(): Promise<void> {
    try {
      while (!this.#closed && (this.#waiting.length > 0 || this.#unspill())) {
        const batch = this.#batch();
        await this.#deliver(this.#sequence, batch);
        this.#sequence += batch.length;
        this.#sentAt = performance.now();
      }
    } catch (error) {
      this.#closed = true;
      this.#failure = error instanceof Error ? error : new Error(String(error));
    }
  }

  #batch(): OutputEvent[] {
    let bytes = 0;
    let count = 0;
    for (const event of this.#waiting) {
      bytes += Buffer.byteLength(event.message) + 26;
      if (count > 0 && (bytes > BATCH_BYTES || count >= BATCH_EVENTS)) break;
      count++;
    }
    const batch = this.#waiting.splice(0, count);
    for (const event of batch) this.#bytes -= event.message.length + 26;
    return batch;
  }

  #isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#overflow.empty && this.#lost === 0;
  }

  #wait(event: OutputEvent): void {
    this.#waiting.push(event);
    this.#bytes += event.message.length + 26;
  }

  #spill(event: OutputEvent): void {
    if (this.#lost > 0 || !this.#overflow.append(event)) this.#lost++;
  }

  /** Memory is empty: takes the next of what went to disk, or says what did not; false where there is neither. */
  #unspill(): boolean {
    for (const event of this.#overflow.take()) this.#wait(event);
    if (this.#waiting.length === 0 && this.#lost > 0) {
      const what = `${this.#lost} lines of output could not be kept: ${this.#overflow.problem}`;
      this.#wait({ timestamp: Date.now(), message: `[Pipewright] Output was lost here, as ${what}\n` });
      this.#lost = 0;
    }
    return this.#waiting.length > 0;
  }
}
