import { messageOf } from '../../../kernel/errors.ts';
import type { PositionedEvent } from '../../../ports/bus.ts';
import { write, type Write } from '../../../ports/database.ts';
import type { Sleeper } from '../../../engine/sleeper.ts';
import { envelope } from '../rules/envelope.ts';
import { sql } from '../tables.ts';
import type { EventsTools } from '../tools.ts';
import type { Deliverer } from './deliverer.ts';
import { insertion, newDelivery, type Delivery } from './delivery.ts';
import type { RuleCache } from './rule-cache.ts';

const PAGE = 200;
/** After this many events without a match the cursor is written down nevertheless. */
const UNWRITTEN = 1_000;
const RETRY_MS = 1_000;

/**
 * Follows the event log and turns events into deliveries. The deliveries and the cursor are written in one unit, so that a crash
 * neither loses an event nor leaves it half delivered; events that match nothing move the cursor in memory only.
 */
export class Router {
  readonly #tools: EventsTools;
  readonly #rules: RuleCache;
  readonly #deliverer: Deliverer;
  readonly #sleeper: Sleeper;
  #cursor = 0;
  #written = 0;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #unsubscribe: (() => void) | undefined;

  constructor(tools: EventsTools, rules: RuleCache, deliverer: Deliverer, sleeper: Sleeper) {
    this.#tools = tools;
    this.#rules = rules;
    this.#deliverer = deliverer;
    this.#sleeper = sleeper;
  }

  async start(): Promise<void> {
    const { db, bus } = this.#tools;
    const stored = await db.get<{ position: number }>(sql.cursor);
    this.#cursor = stored?.position ?? (await bus.bounds()).last;
    this.#written = stored?.position ?? -1;
    this.#unsubscribe = bus.onAppend(() => this.#wake());
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe?.();
    await this.#running;
    if (this.#cursor > this.#written) await this.#tools.commits.commit(this.mark());
  }

  /** The write that says durably how far the log has been looked at. */
  mark(): Write[] {
    this.#written = this.#cursor;
    return [write(sql.moveCursor, [this.#cursor])];
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
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        while (!this.#stopped && (await this.#page()));
      }
    } catch (error) {
      this.#tools.log.error('events could not be routed', { error: messageOf(error) });
      this.#sleeper.set('events router', this.#tools.clock.now() + RETRY_MS, () => this.#wake());
    }
  }

  /** Routes one page; false when there is nothing more to read. */
  async #page(): Promise<boolean> {
    const events = await this.#tools.bus.read(this.#cursor, PAGE);
    const last = events.at(-1);
    if (!last) return false;
    const deliveries = (await Promise.all(events.map((event) => this.#match(event)))).flat();
    if (deliveries.length > 0) {
      const stored = this.#tools.commits.commit([...deliveries.map(insertion), write(sql.moveCursor, [last.position])]);
      // Delivered while they are being written: a target that makes the same change again knows the delivery by its id.
      this.#deliverer.offer(deliveries, stored);
      await stored;
      this.#written = last.position;
    }
    this.#cursor = last.position;
    if (this.#cursor - this.#written > UNWRITTEN) await this.#tools.commits.commit(this.mark());
    return true;
  }

  async #match(event: PositionedEvent): Promise<Delivery[]> {
    const index = await this.#rules.rulesOf(event, event.bus);
    if (!index) return [];
    const body = envelope(event);
    const now = this.#tools.clock.now();
    return index.match(body).flatMap((rule) => rule.targets.map((target) => newDelivery(rule, target, body, event.id, now)));
  }
}
