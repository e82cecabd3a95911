import type { Sleeper } from '../../../engine/sleeper.ts';
import { messageOf } from '../../../kernel/errors.ts';
import { nextAfter } from '../../../kernel/schedule/schedule.ts';
import { write, WriteConflict } from '../../../ports/database.ts';
import { envelope } from '../rules/envelope.ts';
import { RULES_TOPIC, sql, type RuleRow, type TargetRow } from '../tables.ts';
import type { EventsTools } from '../tools.ts';
import { insertion, newDelivery } from './delivery.ts';
import type { Deliverer } from './deliverer.ts';
import { matchedRule } from './rule-cache.ts';

const ALARM = 'events schedule';
const RETRY_MS = 1_000;

/** The time after `due` and after now: a schedule that was missed several times is late once. */
export function nextTime(schedule: string, due: number, now: number): number | null {
  const next = nextAfter(schedule, due);
  if (next === undefined || next > now) return next ?? null;
  return nextAfter(schedule, now) ?? null;
}

/** Fires rules whose schedule is due. The next time and the deliveries are written in one unit: each time fires once, a missed one late. */
export class Scheduler {
  readonly #tools: EventsTools;
  readonly #deliverer: Deliverer;
  readonly #sleeper: Sleeper;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #unsubscribe: (() => void) | undefined;

  constructor(tools: EventsTools, deliverer: Deliverer, sleeper: Sleeper) {
    this.#tools = tools;
    this.#deliverer = deliverer;
    this.#sleeper = sleeper;
  }

  start(): void {
    this.#unsubscribe = this.#tools.commits.onTopic(RULES_TOPIC, () => this.#wake());
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe?.();
    this.#sleeper.set(ALARM, undefined, () => undefined);
    await this.#running;
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
    const { db, clock, log } = this.#tools;
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        const rules = await db.all<RuleRow>(sql.dueRules, clock.now());
        for (const rule of rules) await this.#fire(rule);
        const next = await db.get<{ due: number | null }>(sql.nextDueRule);
        if (!this.#stopped) this.#sleeper.set(ALARM, next?.due ?? undefined, () => this.#wake());
      }
    } catch (error) {
      log.error('schedules could not be looked at', { error: messageOf(error) });
      this.#sleeper.set(ALARM, clock.now() + RETRY_MS, () => this.#wake());
    }
  }

  async #fire(row: RuleRow): Promise<void> {
    const { db, commits, clock, ids } = this.#tools;
    const { account, region, bus, name } = row;
    const due = row.next_due!;
    const now = clock.now();
    const rule = matchedRule(row, await db.all<TargetRow>(sql.targets, account, region, bus, name));
    const facts = { id: ids.uuid(), account, region, time: due, resources: [rule.arn], detail: {} };
    const event = envelope({ ...facts, source: 'aws.events', detailType: 'Scheduled Event' });
    const deliveries = rule.targets.map((target) => newDelivery(rule, target, event, `schedule ${due}`, now));
    const moved = write(sql.moveDue, [nextTime(row.schedule!, due, now), account, region, bus, name, due], { expect: 1, label: 'due' });
    const stored = commits.commit([moved, ...deliveries.map(insertion)]);
    try {
      await stored;
    } catch (error) {
      // Changed or disabled meanwhile: the change has woken us, and we look again.
      if (error instanceof WriteConflict) return;
      throw error;
    }
    this.#deliverer.offer(deliveries, stored);
  }
}
