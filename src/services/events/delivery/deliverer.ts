import type { Sleeper } from '../../../engine/sleeper.ts';
import { messageOf, PipewrightError } from '../../../kernel/errors.ts';
import { write, type Write } from '../../../ports/database.ts';
import { ApiError } from '../../../protocol/errors.ts';
import { afterFailure, type Failure } from '../rules/retry.ts';
import { sql, type DeliveryRow } from '../tables.ts';
import type { EventsTools } from '../tools.ts';
import { sendToTarget } from '../targets/send.ts';
import { fromRow, type Delivery } from './delivery.ts';

/** Deliveries under way at once, and of those to one target: one that hangs leaves room for the others. */
const MOST = 64;
const MOST_TO_ONE = 8;
/** How long a target may take. */
const DEADLINE_MS = 30_000;
const RETRY_MS = 1_000;
/** Failed deliveries can be looked at for this long. */
const KEEP_FAILED_MS = 14 * 86_400_000;

/** What is written of an attempt, and whether there will be another. */
interface Outcome {
  readonly write: Write;
  readonly again: boolean;
}

/** Refusals that another try may overcome, though they are the caller's in AWS's terms. */
const PASSING = /Throttl|TooManyRequests|LimitExceeded|ConflictException|ConcurrentModification|ServiceUnavailable/;

function failureOf(error: unknown): Failure {
  const reason = error instanceof PipewrightError ? `${error.code}: ${error.message}` : messageOf(error);
  if (error instanceof ApiError) return { permanent: error.fault === 'client' && !PASSING.test(error.code), reason };
  return { permanent: error instanceof PipewrightError && error.code === 'InvalidInput', reason };
}

/** Rejects when the signal aborts, whatever the work does about it. */
function within<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new PipewrightError('Deadline', 'the target did not answer in time'));
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/**
 * Brings deliveries to their targets, at least once each, every target at its own pace. What is under way is in memory; all of it
 * is in the database as well, until it has arrived or was given up.
 */
export class Deliverer {
  readonly #tools: EventsTools;
  readonly #sleeper: Sleeper;
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #perTarget = new Map<string, number>();
  /** What ended while rows were being read: they may show it as still waiting. */
  #ended = new Set<string>();
  readonly #stopping = new AbortController();
  #pumping: Promise<void> | undefined;
  #again = false;

  constructor(tools: EventsTools, sleeper: Sleeper) {
    this.#tools = tools;
    this.#sleeper = sleeper;
  }

  async start(): Promise<void> {
    const now = this.#tools.clock.now();
    await this.#tools.commits.commit([write(sql.pruneFailed, [now - KEEP_FAILED_MS]), write(sql.pruneForwarded, [now - KEEP_FAILED_MS])]);
    this.#pump();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#pumping, ...this.#underWay.values()]);
  }

  /** Takes what was just matched; `stored` is the commit of their rows. What there is no room for is found in the database later. */
  offer(deliveries: readonly Delivery[], stored: Promise<void>): void {
    let left = false;
    for (const delivery of deliveries) {
      if (this.#hasRoom(delivery.target.Arn) && !this.#underWay.has(delivery.id)) this.#begin(delivery, stored);
      else left = true;
    }
    // The commit that fails is told to the one who made it.
    if (left) stored.then(() => this.#pump()).catch(() => undefined);
  }

  #hasRoom(arn: string): boolean {
    return !this.#stopping.signal.aborted && this.#underWay.size < MOST && (this.#perTarget.get(arn) ?? 0) < MOST_TO_ONE;
  }

  #begin(delivery: Delivery, stored: Promise<void>): void {
    const { id, target } = delivery;
    this.#perTarget.set(target.Arn, (this.#perTarget.get(target.Arn) ?? 0) + 1);
    const work = this.#deliver(delivery, stored)
      .catch((error: unknown) => this.#tools.log.error('a delivery could not be recorded', { delivery: id, error: messageOf(error) }))
      .finally(() => {
        this.#underWay.delete(id);
        this.#ended.add(id);
        const count = this.#perTarget.get(target.Arn)! - 1;
        if (count > 0) this.#perTarget.set(target.Arn, count);
        else this.#perTarget.delete(target.Arn);
        if (count + 1 >= MOST_TO_ONE || this.#underWay.size + 1 >= MOST) this.#pump();
      });
    this.#underWay.set(id, work);
  }

  async #deliver(delivery: Delivery, stored: Promise<void>): Promise<void> {
    const outcome = await this.#attempt(delivery);
    try {
      await stored;
    } catch {
      // Its row was never written: the router reads the event again, and tells why.
      return;
    }
    // Stopped in the middle: the row is still there for the next start.
    if (!outcome) return;
    await this.#tools.commits.commit([outcome.write]);
    if (outcome.again) this.#pump();
  }

  async #attempt(delivery: Delivery): Promise<Outcome | undefined> {
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(DEADLINE_MS)]);
    try {
      await within(signal, sendToTarget(delivery, this.#tools, signal));
      return { write: write(sql.deleteDelivery, [delivery.id]), again: false };
    } catch (error) {
      return this.#stopping.signal.aborted ? undefined : this.#failed(delivery, failureOf(error));
    }
  }

  #failed(delivery: Delivery, failure: Failure): Outcome {
    const { clock, log } = this.#tools;
    const { id, target, ruleArn, attempt } = delivery;
    const now = clock.now();
    const verdict = afterFailure(failure, { ...delivery, now }, target.RetryPolicy);
    const facts = { rule: ruleArn, target: target.Arn, attempt, error: failure.reason };
    if (verdict.kind === 'failed') {
      const lost = target.DeadLetterConfig?.Arn ? { deadLetterQueue: `${target.DeadLetterConfig.Arn} (not supported yet)` } : {};
      log.warn('an event did not reach its target', { ...facts, ...lost, error: verdict.reason });
      return { write: write(sql.failDelivery, [now, verdict.reason, id]), again: false };
    }
    log.info('an event is to be sent again', { ...facts, due: verdict.due });
    return { write: write(sql.retryDelivery, [attempt + 1, verdict.due, failure.reason, id]), again: true };
  }

  /** Looks for due deliveries in the database. */
  #pump(): void {
    this.#again = true;
    if (this.#pumping || this.#stopping.signal.aborted) return;
    this.#pumping = this.#look()
      .catch((error: unknown) => {
        this.#tools.log.error('deliveries could not be read', { error: messageOf(error) });
        this.#sleeper.set('events deliveries', this.#tools.clock.now() + RETRY_MS, () => this.#pump());
      })
      .finally(() => {
        this.#pumping = undefined;
        // Asked in the moment between the last look and here.
        if (this.#again) this.#pump();
      });
  }

  async #look(): Promise<void> {
    const { db, clock } = this.#tools;
    while (this.#again && !this.#stopping.signal.aborted) {
      this.#again = false;
      this.#ended = new Set();
      const now = clock.now();
      for (const { target_arn: arn } of await db.all<{ target_arn: string }>(sql.dueTargets, now)) await this.#startDue(arn, now);
      const next = await db.get<{ due: number | null }>(sql.nextDueDelivery, now);
      this.#sleeper.set('events deliveries', next?.due ?? undefined, () => this.#pump());
    }
  }

  async #startDue(arn: string, now: number): Promise<void> {
    if (!this.#hasRoom(arn)) return;
    const most = 2 * MOST_TO_ONE;
    const rows = await this.#tools.db.all<DeliveryRow>(sql.dueDeliveries, arn, now, most);
    for (const row of rows) {
      if (this.#underWay.has(row.id) || this.#ended.has(row.id)) continue;
      if (!this.#hasRoom(arn)) return;
      this.#begin(fromRow(row), Promise.resolve());
    }
    if (rows.length === most) this.#again = true;
  }
}
