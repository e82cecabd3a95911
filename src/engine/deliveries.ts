import type { Clock } from '../kernel/clock.ts';
import { messageOf, unreachable } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Logger } from '../kernel/log.ts';
import { write, type Commits, type Reader, type Write } from '../ports/database.ts';
import { deliverySql as sql, type DeliveryRow } from './delivery-tables.ts';
import type { Sleeper } from './sleeper.ts';

/** Deliveries under way at once, and of those to one destination: one that hangs leaves room for the others. */
const MOST = 64;
const MOST_TO_ONE = 8;
/** How often what could not even be tried (our own trouble) is tried again, ms. */
const TROUBLE_MS = 1_000;
/** Deliveries that were given up can be looked at for this long, ms. */
const KEEP_FAILED_MS = 14 * 86_400_000;

/** One attempt to bring a body to a destination. */
export interface Delivery {
  readonly id: string;
  /** As it was enqueued. */
  readonly body: string;
  /** The queue's own words for who gets it; kept as text. Holds no secrets. */
  readonly address: string;
  /** Epoch ms. */
  readonly created: number;
  /** From 1. */
  readonly attempt: number;
}

export type DeliveryOutcome =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'retry'; readonly inMs: number; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

export interface Recipient {
  /** The same id is delivered once, however often it is enqueued. */
  readonly id: string;
  /** What is paced together and named in the log: an ARN, never a URL that is a secret. */
  readonly destination: string;
  readonly address: string;
}

export interface DeliveryQueueTools {
  readonly db: Reader;
  readonly commits: Commits;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly sleeper: Sleeper;
}

/** `send` tells what became of it, and must heed the signal; what it throws is our own trouble, and it is asked again. */
export type Send = (delivery: Delivery, signal: AbortSignal) => Promise<DeliveryOutcome>;

/**
 * Brings bodies to destinations outside, at least once each and each destination at its own pace. All of it is in the database until
 * it has arrived or was given up: a crash loses nothing, and may repeat what was on its way.
 */
export class DeliveryQueue {
  readonly #name: string;
  readonly #tools: DeliveryQueueTools;
  readonly #send: Send;
  readonly #underWay = new Map<string, Promise<void>>();
  readonly #perDestination = new Map<string, number>();
  /** What ended while rows were being read: they may show it as still waiting. */
  #ended = new Set<string>();
  readonly #stopping = new AbortController();
  #pumping: Promise<void> | undefined;
  #again = false;
  #unsubscribe: (() => void) | undefined;

  constructor(name: string, tools: DeliveryQueueTools, send: Send) {
    this.#name = name;
    this.#tools = tools;
    this.#send = send;
  }

  /** The writes that give everybody the body; they go into the unit of what caused it, and are delivered once that is committed. */
  enqueue(body: string, recipients: readonly Recipient[], at: number = this.#tools.clock.now()): Write[] {
    if (recipients.length === 0) return [];
    const bodyId = this.#tools.ids.uuid();
    const topic = this.#topic();
    return [
      write(sql.insertBody, [bodyId, body]),
      ...recipients.map(({ id, destination, address }) =>
        write(sql.insert, [id, this.#name, destination, bodyId, address, at, at], { topic }),
      ),
      // Where all of them had been enqueued before, nobody waits for the body.
      write(sql.dropBody, [bodyId]),
    ];
  }

  async start(): Promise<void> {
    this.#unsubscribe = this.#tools.commits.onTopic(this.#topic(), () => this.#pump());
    await this.#tools.commits.commit([write(sql.pruneFailed, [this.#name, this.#tools.clock.now() - KEEP_FAILED_MS])]);
    this.#pump();
  }

  /** Breaks off what is under way; it is found again at the next start. */
  async stop(): Promise<void> {
    this.#unsubscribe?.();
    this.#stopping.abort();
    this.#tools.sleeper.set(this.#alarm(), undefined, () => undefined);
    await Promise.all([this.#pumping, ...this.#underWay.values()]);
  }

  #topic(): string {
    return `deliveries/${this.#name}`;
  }

  #alarm(): string {
    return `deliveries ${this.#name}`;
  }

  #hasRoom(destination: string): boolean {
    return !this.#stopping.signal.aborted && this.#underWay.size < MOST && (this.#perDestination.get(destination) ?? 0) < MOST_TO_ONE;
  }

  #begin(row: DeliveryRow): void {
    const { id, destination } = row;
    this.#perDestination.set(destination, (this.#perDestination.get(destination) ?? 0) + 1);
    const work = this.#deliver(row).then(
      () => {
        this.#over(row);
        this.#pump();
      },
      (error: unknown) => {
        this.#over(row);
        this.#trouble('a delivery could not be recorded', error, id);
      },
    );
    this.#underWay.set(id, work);
  }

  #over({ id, destination }: DeliveryRow): void {
    this.#underWay.delete(id);
    this.#ended.add(id);
    const left = this.#perDestination.get(destination)! - 1;
    if (left > 0) this.#perDestination.set(destination, left);
    else this.#perDestination.delete(destination);
  }

  async #deliver(row: DeliveryRow): Promise<void> {
    const { db, commits } = this.#tools;
    const body = await db.get<{ body: string }>(sql.body, row.body);
    const outcome: DeliveryOutcome = body
      ? await this.#attempt({ ...row, body: body.body })
      : { kind: 'failed', reason: 'its body is gone' };
    // Stopped in the middle: the row is still there for the next start.
    if (this.#stopping.signal.aborted && outcome.kind !== 'delivered') return;
    await commits.commit(this.#record(row, outcome));
    this.#report(row, outcome);
  }

  async #attempt(delivery: Delivery): Promise<DeliveryOutcome> {
    try {
      return await this.#send(delivery, this.#stopping.signal);
    } catch (error) {
      return { kind: 'retry', inMs: TROUBLE_MS * 2 ** Math.min(delivery.attempt, 8), reason: messageOf(error) };
    }
  }

  #record({ id, body }: DeliveryRow, outcome: DeliveryOutcome): Write[] {
    const now = this.#tools.clock.now();
    switch (outcome.kind) {
      case 'delivered':
        return [write(sql.remove, [id]), write(sql.dropBody, [body])];
      case 'retry':
        return [write(sql.retry, [now + outcome.inMs, outcome.reason, id])];
      case 'failed':
        return [write(sql.fail, [now, outcome.reason, id]), write(sql.dropBody, [body])];
      default:
        return unreachable(outcome);
    }
  }

  #report({ id, destination, attempt }: DeliveryRow, outcome: DeliveryOutcome): void {
    const { log } = this.#tools;
    const facts = { queue: this.#name, delivery: id, destination, attempt };
    if (outcome.kind === 'retry') log.info('a delivery is to be tried again', { ...facts, reason: outcome.reason, inMs: outcome.inMs });
    if (outcome.kind === 'failed') log.warn('a delivery was given up', { ...facts, reason: outcome.reason });
  }

  #trouble(what: string, error: unknown, delivery?: string): void {
    const { log, sleeper, clock } = this.#tools;
    log.error(what, { queue: this.#name, ...(delivery !== undefined && { delivery }), error: messageOf(error) });
    sleeper.set(this.#alarm(), clock.now() + TROUBLE_MS, () => this.#pump());
  }

  /** Looks for due deliveries in the database. */
  #pump(): void {
    this.#again = true;
    if (this.#pumping || this.#stopping.signal.aborted) return;
    this.#pumping = this.#look()
      .catch((error: unknown) => this.#trouble('deliveries could not be read', error))
      .finally(() => {
        this.#pumping = undefined;
        // Asked in the moment between the last look and here.
        if (this.#again) this.#pump();
      });
  }

  async #look(): Promise<void> {
    const { db, clock, sleeper } = this.#tools;
    while (this.#again && !this.#stopping.signal.aborted) {
      this.#again = false;
      this.#ended = new Set();
      const now = clock.now();
      for (const { destination } of await db.all<{ destination: string }>(sql.dueDestinations, this.#name, now))
        await this.#startDue(destination, now);
      const next = await db.get<{ due: number | null }>(sql.nextDue, this.#name, now);
      if (!this.#stopping.signal.aborted) sleeper.set(this.#alarm(), next?.due ?? undefined, () => this.#pump());
    }
  }

  async #startDue(destination: string, now: number): Promise<void> {
    if (!this.#hasRoom(destination)) return;
    const most = 2 * MOST_TO_ONE;
    for (const row of await this.#tools.db.all<DeliveryRow>(sql.due, this.#name, destination, now, most)) {
      if (this.#underWay.has(row.id) || this.#ended.has(row.id)) continue;
      if (!this.#hasRoom(destination)) return;
      this.#begin(row);
    }
  }
}
