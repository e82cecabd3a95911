import type { Clock } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Faults } from '../kernel/fault.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Logger } from '../kernel/log.ts';
import { WriteConflict, write, type Commits, type Reader, type Write } from '../ports/database.ts';
import { Deciding, load, stepWrites, type Decided, type Loaded } from './aggregate.ts';
import { Outbox, type Live } from './outbox.ts';
import type { Aggregates, DomainEvent, Effect, Performer, ProcessType } from './process.ts';
import type { Sleeper } from './sleeper.ts';
import { sql } from './tables.ts';

export interface EngineTools {
  readonly reader: Reader;
  readonly commits: Commits;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Logger;
  readonly faults: Faults;
}

/** A command on its way, or (without one) a wake-up. */
interface Pending<S, C> {
  readonly command?: C;
  /** The effect whose row this step closes. */
  readonly effect?: string;
  resolve(state: S): void;
  reject(error: unknown): void;
}

interface Slot<S, C> {
  readonly id: string;
  loaded: Promise<Loaded<S>> | Loaded<S> | undefined;
  queue: Pending<S, C>[];
  running: boolean;
}

/** Closed aggregates that stay in memory, so that a state call need not load them again. */
const KEPT_CLOSED = 1_000;

/**
 * All aggregates of one type. Each has one line of commands and at most one step under way; steps of different aggregates
 * meet in the committer. A state is published only after its commit; a failed commit forgets what was cached.
 */
export class Processes<S, E extends DomainEvent, C> implements Aggregates<S, C> {
  readonly #type: ProcessType<S, E, C>;
  readonly #performers: Readonly<Record<string, Performer<C>>>;
  readonly #tools: EngineTools;
  readonly #sleeper: Sleeper;
  readonly #outbox: Outbox;
  readonly #slots = new Map<string, Slot<S, C>>();
  readonly #listeners = new Set<(id: string, state: S) => void>();
  #closed = false;

  constructor(
    type: ProcessType<S, E, C>,
    performers: Readonly<Record<string, Performer<C>>>,
    tools: EngineTools & { readonly sleeper: Sleeper; readonly epoch: () => number },
  ) {
    this.#type = type;
    this.#performers = performers;
    this.#tools = tools;
    this.#sleeper = tools.sleeper;
    this.#outbox = new Outbox(
      { ...tools, type: type.name },
      {
        perform: (live, context) => this.#perform(live, context),
        done: (live, command) => this.#enqueue(live.aggregate, this.#report(command as C | undefined, live.effect.id)),
        gaveUp: (live, message) => this.#enqueue(live.aggregate, this.#report(this.#type.gaveUp(live.effect, message), live.effect.id)),
      },
    );
  }

  /** Loads the open aggregates and goes on with whatever was under way. */
  async start(): Promise<void> {
    const { reader } = this.#tools;
    for (const { id } of await reader.all<{ id: string }>(sql.openIds, this.#type.name)) {
      await this.#loaded(this.#slot(id));
      this.wake(id);
    }
    type Row = { id: string; aggregate: string; kind: string; honest: string; payload: string; attempt: number; due: number };
    for (const row of await reader.all<Row>(sql.effectsOfType, this.#type.name)) {
      const effect: Effect = { id: row.id, kind: row.kind, honest: row.honest as Effect['honest'], payload: JSON.parse(row.payload) };
      this.#outbox.start(row.aggregate, effect, row.attempt, row.due);
    }
  }

  close(): void {
    this.#closed = true;
    this.#outbox.close();
  }

  send(id: string, command: C): Promise<S> {
    return new Promise((resolve, reject) => this.#enqueue(id, { command, resolve, reject }));
  }

  async state(id: string): Promise<S | undefined> {
    const loaded = await this.#loaded(this.#slot(id));
    return loaded.exists ? loaded.state : undefined;
  }

  open(): readonly (readonly [string, S])[] {
    const open: [string, S][] = [];
    for (const [id, { loaded }] of this.#slots) {
      if (loaded && !(loaded instanceof Promise) && loaded.exists && this.#type.isOpen(loaded.state)) open.push([id, loaded.state]);
    }
    return open;
  }

  onStep(listener: (id: string, state: S) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks `decide` again, though nothing has happened but time. */
  wake(id: string): void {
    this.#enqueue(id, { resolve() {}, reject: (error) => this.#tools.log.error('wake-up failed', { id, error: messageOf(error) }) });
  }

  #report(command: C | undefined, effect: string): Pending<S, C> {
    const fields = { effect, type: this.#type.name };
    const reject = (error: unknown) => this.#tools.log.warn('the result of an effect was refused', { ...fields, error: messageOf(error) });
    return { ...(command === undefined ? {} : { command }), effect, resolve() {}, reject };
  }

  #slot(id: string): Slot<S, C> {
    let slot = this.#slots.get(id);
    if (!slot) {
      this.#evict();
      this.#slots.set(id, (slot = { id, loaded: undefined, queue: [], running: false }));
    }
    return slot;
  }

  #evict(): void {
    if (this.#slots.size < KEPT_CLOSED) return;
    for (const [id, slot] of this.#slots) {
      if (slot.running || slot.queue.length > 0 || slot.loaded instanceof Promise) continue;
      if (slot.loaded && this.#type.isOpen(slot.loaded.state)) continue;
      this.#slots.delete(id);
      if (this.#slots.size < KEPT_CLOSED) return;
    }
  }

  async #loaded(slot: Slot<S, C>): Promise<Loaded<S>> {
    slot.loaded ??= load(this.#tools.reader, this.#type, slot.id).then(
      (loaded) => (slot.loaded = loaded),
      (error: unknown) => {
        slot.loaded = undefined;
        throw error;
      },
    );
    return slot.loaded;
  }

  #enqueue(id: string, pending: Pending<S, C>): void {
    const slot = this.#slot(id);
    slot.queue.push(pending);
    if (!slot.running) void this.#run(slot);
  }

  async #run(slot: Slot<S, C>): Promise<void> {
    slot.running = true;
    while (slot.queue.length > 0 && !this.#closed) await this.#steps(slot, slot.queue.splice(0));
    for (const pending of slot.queue.splice(0)) pending.reject(new Error('the engine has stopped'));
    slot.running = false;
  }

  /** One step for all that wait; where the commit is refused, one step each, so that only the guilty is told. */
  async #steps(slot: Slot<S, C>, batch: readonly Pending<S, C>[]): Promise<void> {
    try {
      await this.#step(slot, batch);
    } catch (error) {
      slot.loaded = undefined;
      if (batch.length > 1 && error instanceof WriteConflict) for (const pending of batch) await this.#steps(slot, [pending]);
      else for (const pending of batch) pending.reject(error);
    }
  }

  async #step(slot: Slot<S, C>, batch: readonly Pending<S, C>[]): Promise<void> {
    const loaded = await this.#loaded(slot);
    const { clock, ids, commits, faults } = this.#tools;
    const now = clock.now();
    const deciding = new Deciding(this.#type, loaded.state, { now, id: () => ids.uuid() });
    const accepted: Pending<S, C>[] = [];
    const writes: Write[] = [];
    for (const pending of batch) this.#receive(deciding, pending, accepted, writes);
    const decided = deciding.settle();
    const step = decided.events.length > 0 ? stepWrites(this.#type, slot.id, loaded, decided, now) : { writes: [], next: loaded };
    const closed = new Set(accepted.map((pending) => pending.effect));
    writes.push(...step.writes, ...this.#outboxWrites(slot.id, decided, closed));
    if (decided.events.length > 0) writes.push(...this.#type.project({ id: slot.id, ...decided, now, newId: () => ids.uuid() }));
    await commits.commit(writes);
    slot.loaded = step.next;
    faults.hit('aggregate.published');
    this.#publish(slot.id, step.next, decided, accepted);
  }

  #receive(deciding: Deciding<S, E, C>, pending: Pending<S, C>, accepted: Pending<S, C>[], writes: Write[]): void {
    // Dropped or already closed meanwhile: its result no longer counts.
    if (pending.effect !== undefined && !this.#outbox.has(pending.effect)) return pending.resolve(deciding.state);
    try {
      if (pending.command !== undefined) deciding.receive(pending.command);
    } catch (error) {
      pending.reject(error);
      if (pending.effect === undefined) return;
    }
    if (pending.effect !== undefined) writes.push(this.#outbox.closes(pending.effect));
    accepted.push(pending);
  }

  #outboxWrites(id: string, decided: Decided<S, E>, closed: ReadonlySet<string | undefined>): Write[] {
    const cancelled = decided.cancelled.filter((effect) => this.#outbox.has(effect) && !closed.has(effect));
    const drops = cancelled.map((effect) => write(sql.dropEffect, [effect]));
    return [...drops, ...decided.effects.map((effect) => this.#outbox.inserts(id, effect))];
  }

  #publish(id: string, next: Loaded<S>, decided: Decided<S, E>, accepted: readonly Pending<S, C>[]): void {
    for (const effect of decided.cancelled) this.#outbox.drop(effect);
    for (const pending of accepted) if (pending.effect !== undefined) this.#outbox.drop(pending.effect);
    this.#sleeper.set(`${this.#type.name} ${id}`, next.exists ? this.#type.wakeAt(next.state) : undefined, () => this.wake(id));
    for (const effect of decided.effects) this.#outbox.start(id, effect);
    for (const pending of accepted) pending.resolve(next.state);
    if (decided.events.length > 0) for (const listener of this.#listeners) listener(id, next.state);
  }

  #perform(live: Live, context: { attempt: number; signal: AbortSignal }): Promise<C | undefined> {
    const performer = this.#performers[live.effect.kind];
    if (!performer) return Promise.reject(new Error(`${this.#type.name} has no performer for ${live.effect.kind}`));
    return performer(live.aggregate, live.effect, context);
  }
}
