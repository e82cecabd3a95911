import { createHash } from 'node:crypto';
import type { DeliveryQueue, Recipient } from '../../../engine/deliveries.ts';
import type { Sleeper } from '../../../engine/sleeper.ts';
import { messageOf } from '../../../kernel/errors.ts';
import type { PositionedEvent } from '../../../ports/bus.ts';
import { write, type Write } from '../../../ports/database.ts';
import { eventType, resourceOf } from '../rules/event-types.ts';
import type { NotifiedEvent } from '../rules/notification.ts';
import { sql } from '../tables.ts';
import { ruleArn, type NotificationTools } from '../tools.ts';
import type { ActiveRule, RuleCache } from './rule-cache.ts';

const PAGE = 200;
/** After this many events that nobody asked for the cursor is written down nevertheless. */
const UNWRITTEN = 1_000;
const RETRY_MS = 1_000;
const ALARM = 'codestar-notifications events';

/** Which rule, of which type of event, sends to which target: the address of a delivery. */
export interface NotificationAddress {
  readonly account: string;
  readonly region: string;
  readonly rule: string;
  readonly eventType: string;
  readonly target: string;
}

function recipients(event: PositionedEvent, rule: ActiveRule, type: string): Recipient[] {
  const { account, region, id } = rule;
  return rule.targets.map((target) => {
    const address: NotificationAddress = { account, region, rule: id, eventType: type, target };
    const key = createHash('sha256')
      .update(JSON.stringify([event.id, id, type, target]))
      .digest('hex');
    return {
      id: `codestar-notifications/${key}`,
      destination: `${ruleArn(rule, id)} ${target.slice(0, 12)}`,
      address: JSON.stringify(address),
    };
  });
}

/**
 * Follows the event log and turns events into deliveries. The deliveries and the cursor are written in one unit: a crash neither
 * loses a notification nor makes another. Events that no rule is about move the cursor in memory only.
 */
export class Notifier {
  readonly #tools: NotificationTools;
  readonly #rules: RuleCache;
  readonly #queue: DeliveryQueue;
  readonly #sleeper: Sleeper;
  #cursor = 0;
  #written = 0;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #unsubscribe: (() => void) | undefined;

  constructor(tools: NotificationTools, rules: RuleCache, queue: DeliveryQueue, sleeper: Sleeper) {
    this.#tools = tools;
    this.#rules = rules;
    this.#queue = queue;
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
    this.#sleeper.set(ALARM, undefined, () => undefined);
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
      this.#tools.log.error('events could not be looked at for notifications', { error: messageOf(error) });
      this.#sleeper.set(ALARM, this.#tools.clock.now() + RETRY_MS, () => this.#wake());
    }
  }

  /** One page; false when there is nothing more to read. */
  async #page(): Promise<boolean> {
    const events = await this.#tools.bus.read(this.#cursor, PAGE);
    const last = events.at(-1);
    if (!last) return false;
    const writes: Write[] = [];
    for (const event of events) writes.push(...(await this.#writes(event)));
    this.#cursor = last.position;
    if (writes.length > 0) {
      await this.#tools.commits.commit([...writes, write(sql.moveCursor, [last.position])]);
      this.#written = last.position;
    } else if (this.#cursor - this.#written > UNWRITTEN) await this.#tools.commits.commit(this.mark());
    return true;
  }

  async #writes(event: PositionedEvent): Promise<Write[]> {
    // What a bus of the account's own carries is not a service's word.
    if (event.bus !== 'default' || !event.source.startsWith('aws.')) return [];
    const resource = resourceOf(event);
    const rules = resource === undefined ? [] : await this.#rules.of(resource);
    const told = rules.flatMap((rule) =>
      rule.eventTypes.filter((type) => eventType(type)?.matches(event)).flatMap((type) => recipients(event, rule, type)),
    );
    if (told.length === 0) return [];
    const { id, account, region, source, detailType, resources, detail, time } = event;
    const body: NotifiedEvent = { id, account, region, source, detailType, resources, detail, time };
    return this.#queue.enqueue(JSON.stringify(body), told);
  }
}
