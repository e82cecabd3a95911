import type { Clock } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { Bus, PositionedEvent } from '../ports/bus.ts';
import { write, type Commits, type Reader, type Statement, type Write } from '../ports/database.ts';
import type { Sleeper } from './sleeper.ts';

const PAGE = 200;
/** After so many events that gave rise to nothing the position is written down nevertheless. */
const UNWRITTEN = 1_000;
const RETRY_MS = 1_000;

export interface FollowerTools {
  readonly db: Reader;
  readonly bus: Bus;
  readonly commits: Commits;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What events gave rise to. */
export interface Consequences {
  /** Committed in one unit with the position; none: the position moves in memory only. */
  readonly writes: readonly Write[];
  /** Called as soon as the unit is on its way, with the promise of its being stored. */
  offered?(stored: Promise<void>): void;
}

export interface FollowerOptions {
  /** Of its alarm, and in the server's log. */
  readonly name: string;
  readonly sleeper: Sleeper;
  /** Selects the stored `position`. */
  readonly cursor: Statement;
  /** Stores its one parameter as the position, unless a greater one is stored. */
  readonly moveCursor: Statement;
  /** May be called again with the same events after a failure. */
  follow(events: readonly PositionedEvent[]): Promise<Consequences>;
}

/**
 * Follows the event log from where an earlier life stopped, a page at a time. What events give rise to and the position are written in
 * one unit: a crash neither loses an event nor repeats what it did.
 */
export class DurableFollower {
  readonly #tools: FollowerTools;
  readonly #options: FollowerOptions;
  #cursor = 0;
  #written = 0;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #unsubscribe: (() => void) | undefined;

  constructor(tools: FollowerTools, options: FollowerOptions) {
    this.#tools = tools;
    this.#options = options;
  }

  /** The first start of all follows from now on. */
  async start(): Promise<void> {
    const { db, bus } = this.#tools;
    const stored = await db.get<{ position: number }>(this.#options.cursor);
    this.#cursor = stored?.position ?? (await bus.bounds()).last;
    this.#written = stored?.position ?? -1;
    this.#unsubscribe = bus.onAppend(() => this.#wake());
    this.#wake();
  }

  async stop(): Promise<void> {
    const { name, sleeper } = this.#options;
    this.#stopped = true;
    this.#unsubscribe?.();
    sleeper.set(name, undefined, () => undefined);
    await this.#running;
    if (this.#cursor > this.#written) await this.#tools.commits.commit(this.mark());
  }

  /** The write that says durably how far the log has been looked at. */
  mark(): Write[] {
    this.#written = this.#cursor;
    return [write(this.#options.moveCursor, [this.#cursor])];
  }

  #wake(): void {
    this.#again = true;
    if (this.#running || this.#stopped) return;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      // Woken in the moment between the last look and here.
      if (this.#again) this.#wake();
    });
  }

  async #run(): Promise<void> {
    const { name, sleeper } = this.#options;
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        while (!this.#stopped && (await this.#page()));
      }
    } catch (error) {
      this.#tools.log.error('events could not be followed', { by: name, error: messageOf(error) });
      sleeper.set(name, this.#tools.clock.now() + RETRY_MS, () => this.#wake());
    }
  }

  /** One page; false when there is nothing more to read. */
  async #page(): Promise<boolean> {
    const { bus, commits } = this.#tools;
    const events = await bus.read(this.#cursor, PAGE);
    const last = events.at(-1)?.position;
    if (last === undefined) return false;
    const consequences = await this.#options.follow(events);
    const { writes } = consequences;
    if (writes.length > 0) {
      const stored = commits.commit([...writes, write(this.#options.moveCursor, [last])]);
      consequences.offered?.(stored);
      await stored;
      this.#written = last;
    }
    this.#cursor = last;
    if (this.#cursor - this.#written > UNWRITTEN) await commits.commit(this.mark());
    return true;
  }
}
