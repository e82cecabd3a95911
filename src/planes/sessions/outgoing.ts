import type { Clock } from '../../kernel/clock.ts';
import { encodeFrame } from './frame.ts';
import { MESSAGE, type Acknowledgement } from './payloads.ts';

/** Messages that may be under way unacknowledged. */
const WINDOW = 64;
/** How long an acknowledgement is waited for before a message is sent again, ms: at first, and at most. */
const FIRST_WAIT_MS = 200;
const LONGEST_WAIT_MS = 1_000;
const GRANULARITY_MS = 10;
const SYN = 1n;

interface Sent {
  readonly id: string;
  readonly bytes: Buffer;
  lastSent: number;
  /** The time to an answer says something only of what was sent once. */
  again: boolean;
}

export interface OutgoingTools {
  readonly clock: Clock;
  readonly newId: () => string;
  readonly send: (bytes: Buffer) => void;
}

/** One stream of numbered messages, each kept until the other side has acknowledged it, over one connection and the next. */
export class OutgoingStream {
  readonly #tools: OutgoingTools;
  /** By sequence number, in its order. */
  readonly #kept = new Map<number, Sent>();
  readonly #waiting = new Set<() => void>();
  #next = 0;
  #held = true;
  #roundTrip = FIRST_WAIT_MS / 2;
  #variation = 0;
  #wait = FIRST_WAIT_MS;

  constructor(tools: OutgoingTools) {
    this.#tools = tools;
  }

  get hasRoom(): boolean {
    return this.#kept.size < WINDOW;
  }

  get isEmpty(): boolean {
    return this.#kept.size === 0;
  }

  write(payloadType: number, payload: Uint8Array): void {
    const { clock, newId, send } = this.#tools;
    const sequence = this.#next++;
    const [id, created] = [newId(), clock.now()];
    const flags = sequence === 0 ? SYN : 0n;
    const bytes = encodeFrame({ type: MESSAGE.output, schemaVersion: 1, created, sequence, flags, id, payloadType, payload });
    this.#kept.set(sequence, { id, bytes, lastSent: created, again: this.#held });
    if (!this.#held) send(bytes);
  }

  writeJson(payloadType: number, payload: object): void {
    this.write(payloadType, Buffer.from(JSON.stringify(payload)));
  }

  /** An acknowledgement that names no message of this stream is none: a client is about that acknowledges acknowledgements, too. */
  acknowledged({ sequence, id }: Acknowledgement): void {
    const sent = this.#kept.get(sequence);
    if (sent?.id !== id) return;
    this.#kept.delete(sequence);
    if (!sent.again) this.#measure(this.#tools.clock.now() - sent.lastSent);
    for (const wake of this.#waiting) wake();
  }

  /** Nobody is there, or wants anything now: what is written waits. */
  hold(): void {
    this.#held = true;
  }

  /** Somebody is there: all that is not acknowledged is sent, maybe again. */
  release(): void {
    this.#held = false;
    for (const sent of this.#kept.values()) this.#resend(sent);
  }

  /** Sends the oldest again where its time has come: who has that has the next ones, or acknowledges them soon. */
  tick(): void {
    const [oldest] = this.#kept.values();
    if (!this.#held && oldest && this.#tools.clock.now() - oldest.lastSent >= this.#wait) this.#resend(oldest);
  }

  /** Resolves with the next acknowledgement, or when the signal is aborted. */
  async progress(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        signal.removeEventListener('abort', done);
        this.#waiting.delete(done);
        resolve();
      };
      signal.addEventListener('abort', done);
      this.#waiting.add(done);
    });
  }

  #resend(sent: Sent): void {
    sent.again = true;
    sent.lastSent = this.#tools.clock.now();
    this.#tools.send(sent.bytes);
  }

  /** RFC 6298, §2: the smoothed round trip and how much it varies. */
  #measure(took: number): void {
    this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#roundTrip - took);
    this.#roundTrip = 0.875 * this.#roundTrip + 0.125 * took;
    this.#wait = Math.min(this.#roundTrip + Math.max(GRANULARITY_MS, 4 * this.#variation), LONGEST_WAIT_MS);
  }
}
