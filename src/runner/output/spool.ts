import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { messageOf } from '../../kernel/errors.ts';

export interface OutputEvent {
  /** Epoch ms. */
  readonly timestamp: number;
  readonly message: string;
}

/** Delivers one batch whose first event has this number; retries inside until it is taken, or rejects for good. */
export type Deliver = (sequence: number, events: readonly OutputEvent[]) => Promise<void>;

const BATCH_EVENTS = 5_000;
const BATCH_BYTES = 700_000;
/** What comes so soon after the first line goes along with it, ms. */
const GATHER_MS = 8;
/** The same while the output goes on and on: still live to the eye, at a tenth of the calls.. */
const STEADY_MS = 150;
/** For so long after a batch the output counts as going on, ms. */
const STEADY_WITHIN_MS = 400;
/** What waits in memory; beyond it goes to disk (the server is away, or slower than the build writes). */
const MEMORY_BYTES = 4_000_000;

/** A build's output on its way to the server: in order, one batch at a time, as large as has gathered meanwhile. */
export class Spool {
  readonly #deliver: Deliver;
  readonly #file: string;
  #waiting: OutputEvent[] = [];
  #bytes = 0;
  #sequence = 0;
  /** When the last batch was taken. */
  #sentAt = -Infinity;
  #overflow: WriteStream | undefined;
  #sending: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #failure: Error | undefined;

  constructor(file: string, deliver: Deliver) {
    this.#file = file;
    this.#deliver = deliver;
  }

  add(event: OutputEvent): void {
    if (this.#closed) return;
    if (this.#overflow) {
      this.#overflow.write(`${JSON.stringify(event)}\n`);
    } else {
      this.#waiting.push(event);
      this.#bytes += event.message.length + 26;
      if (this.#bytes > MEMORY_BYTES) this.#overflow = this.#spill();
    }
    if (!this.#sending) this.#gather();
  }

  /** Resolves when everything added so far has been taken. Rejects when the server will never take it. */
  async drained(): Promise<void> {
    do {
      if (!this.#sending) this.#begin();
      await this.#sending;
    } while (!this.#closed && (this.#waiting.length > 0 || this.#overflow));
    if (this.#failure) throw this.#failure;
  }

  /** Drops what is left. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#waiting = [];
    this.#overflow?.destroy();
    await rm(this.#file, { force: true });
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#sending = this.#send().finally(() => {
      this.#sending = undefined;
      // What came after the last look into the queue.
      if (this.#waiting.length > 0 && !this.#closed) this.#gather();
    });
  }

  #gather(): void {
    const steady = performance.now() - this.#sentAt < STEADY_WITHIN_MS;
    this.#timer ??= setTimeout(() => this.#begin(), steady ? STEADY_MS : GATHER_MS);
  }

  async #send(): Promise<void> {
    try {
      while (!this.#closed && (this.#waiting.length > 0 || (await this.#unspill()))) {
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
      // UTF-16 length times three bounds the UTF-8 length.
      bytes += event.message.length * 3 + 26;
      if (count > 0 && (bytes > BATCH_BYTES || count >= BATCH_EVENTS)) break;
      count++;
    }
    const batch = this.#waiting.splice(0, count);
    for (const event of batch) this.#bytes -= event.message.length + 26;
    return batch;
  }

  /** Its errors are seen when it is to be read. */
  #spill(): WriteStream {
    return createWriteStream(this.#file, { mode: 0o600 }).on('error', () => undefined);
  }

  /** The disk is full, say: the log tells that lines are missing, and the build goes on. */
  async #lost(error: Error): Promise<boolean> {
    await rm(this.#file, { force: true });
    const message = `[Pipewright] Output was lost here, as it could not be kept: ${messageOf(error)}\n`;
    this.#waiting.unshift({ timestamp: Date.now(), message });
    this.#bytes += message.length + 26;
    return true;
  }

  /** Memory is empty: sends on what went to disk, a batch at a time; false where nothing did. */
  async #unspill(): Promise<boolean> {
    const overflow = this.#overflow;
    if (!overflow) return false;
    this.#overflow = undefined;
    await new Promise<void>((resolve) => overflow.once('close', resolve).end());
    if (overflow.errored) return this.#lost(overflow.errored);
    // New events must come after those on disk: they gather behind them.
    const newer = this.#waiting;
    const older: OutputEvent[] = [];
    for await (const line of createInterface({ input: createReadStream(this.#file), crlfDelay: Infinity })) {
      older.push(JSON.parse(line) as OutputEvent);
    }
    await rm(this.#file, { force: true });
    this.#waiting = older.concat(newer, this.#waiting === newer ? [] : this.#waiting);
    this.#bytes = this.#waiting.reduce((sum, event) => sum + event.message.length + 26, 0);
    return this.#waiting.length > 0;
  }
}
