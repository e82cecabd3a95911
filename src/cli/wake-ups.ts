import type { PipewrightClient } from '../client/client.ts';
import { isObject } from '../kernel/json.ts';
import { EventLines } from './event-lines.ts';

/** An event of the server's log, as far as a waker looks at it. */
export interface HeardEvent {
  readonly source: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Pause before a lost stream is asked for again, ms. */
const AGAIN_MS = 500;

/**
 * Tells that something has happened on the server, through its live event stream. What happened is asked of the API: a lost
 * stream costs nothing but a reconnection, after which it wakes once.
 */
export class WakeUps {
  readonly #client: PipewrightClient;
  readonly #wanted: (event: HeardEvent) => boolean;
  readonly #abort = new AbortController();
  #pending = false;
  #waiting: (() => void) | undefined;

  /** `wanted` leaves out events that are none of the waker's business. */
  constructor(client: PipewrightClient, wanted: (event: HeardEvent) => boolean = () => true) {
    this.#client = client;
    this.#wanted = wanted;
    void this.#follow();
  }

  /** Resolves at the next wake-up, or at once where one came since the last call; at the latest after `ms`. True for a wake-up. */
  async next(ms: number): Promise<boolean> {
    if (!this.#pending) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        this.#waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#waiting = undefined;
    const rung = this.#pending;
    this.#pending = false;
    return rung;
  }

  ring(): void {
    this.#pending = true;
    this.#waiting?.();
  }

  close(): void {
    this.#abort.abort();
    this.ring();
  }

  async #follow(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      try {
        await this.#listen();
      } catch {
        // The next look at the API says what is wrong, if it is more than the stream.
      }
      this.ring();
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS).unref());
    }
  }

  async #listen(): Promise<void> {
    const signal = this.#abort.signal;
    const { stream } = await this.#client.fetch({ method: 'GET', path: '/_pipewright/events', service: 'pipewright', signal });
    const lines = new EventLines();
    // What happened between the caller's last look and now is not in the stream.
    this.ring();
    for await (const chunk of stream) {
      for (const { type, data } of lines.push(chunk as Uint8Array)) if (type !== 'message' || this.#concerns(data)) this.ring();
    }
  }

  #concerns(data: string): boolean {
    const event: unknown = JSON.parse(data);
    if (!isObject(event) || typeof event.source !== 'string' || !isObject(event.detail)) return false;
    return this.#wanted({ source: event.source, detail: event.detail });
  }
}
