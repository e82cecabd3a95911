import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { Bus, PositionedEvent } from '../ports/bus.ts';

const PAGE = 500;

/**
 * Hands over each page of new events, in order, as soon as it is committed. The position is kept in memory only: for
 * level-triggered listeners that look at everything once when they start.
 */
export class Follower {
  readonly #bus: Bus;
  readonly #log: Logger;
  readonly #listener: (events: readonly PositionedEvent[]) => void;
  #cursor = 0;
  #reading = false;
  #again = false;
  #unsubscribe: (() => void) | undefined;

  constructor(bus: Bus, log: Logger, listener: (events: readonly PositionedEvent[]) => void) {
    this.#bus = bus;
    this.#log = log;
    this.#listener = listener;
  }

  /** Follows from now on. */
  async start(): Promise<void> {
    this.#cursor = (await this.#bus.bounds()).last;
    this.#unsubscribe = this.#bus.onAppend(() => void this.#read());
  }

  stop(): void {
    this.#unsubscribe?.();
  }

  async #read(): Promise<void> {
    this.#again = true;
    if (this.#reading) return;
    this.#reading = true;
    try {
      while (this.#again) {
        this.#again = false;
        for (;;) {
          const events = await this.#bus.read(this.#cursor, PAGE);
          if (events.length === 0) break;
          this.#cursor = events.at(-1)!.position;
          this.#listener(events);
        }
      }
    } catch (error) {
      this.#log.error('cannot read the event log', { error: messageOf(error) });
    } finally {
      this.#reading = false;
    }
  }
}
