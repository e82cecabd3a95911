import { PipewrightError } from '../kernel/errors.ts';
import { write, type Reader, type Write } from '../ports/database.ts';
import type { DomainEvent, Effect, ProcessType, Step, Transition } from './process.ts';
import { sql } from './tables.ts';

/** A snapshot is written every so many steps; loading replays fewer than this. */
const SNAPSHOT_EVERY = 64;
/** `decide` that never comes to rest is a bug in the rules; it must not hang the server. */
const MOST_DECISIONS = 10_000;

export interface Loaded<S> {
  readonly state: S;
  /** Number of the last committed step; 0 before the first. */
  readonly version: number;
  readonly snapshotVersion: number;
  readonly exists: boolean;
}

/** Rebuilds the committed state: the newest snapshot, then the steps after it. */
export async function load<S, E extends DomainEvent, C>(reader: Reader, type: ProcessType<S, E, C>, id: string): Promise<Loaded<S>> {
  const row = await reader.get<{ snapshot_version: number; snapshot_shape: number; snapshot: string | null }>(sql.instance, type.name, id);
  if (!row) return { state: type.initial(id), version: 0, snapshotVersion: 0, exists: false };
  let state = row.snapshot === null ? type.initial(id) : restore(type, JSON.parse(row.snapshot), row.snapshot_shape);
  let version = row.snapshot_version;
  for (const step of await reader.all<{ version: number; events: string }>(sql.stepsAfter, type.name, id, version)) {
    for (const event of JSON.parse(step.events) as E[]) state = type.evolve(state, event);
    version = step.version;
  }
  return { state, version, snapshotVersion: row.snapshot_version, exists: true };
}

function restore<S, E extends DomainEvent, C>(type: ProcessType<S, E, C>, snapshot: unknown, shape: number): S {
  if (shape === type.version) return snapshot as S;
  if (type.upcast) return type.upcast(snapshot, shape);
  throw new PipewrightError('UnknownSnapshot', `${type.name} has a snapshot of shape ${shape}, this program knows ${type.version}`);
}

/** What one step decided; nothing of it is true before it is committed. */
export interface Decided<S, E> {
  readonly before: S;
  readonly after: S;
  readonly events: readonly E[];
  readonly transitions: readonly Transition<S, E>[];
  readonly effects: readonly Effect[];
  readonly cancelled: readonly string[];
}

/** Applies events and gathers the effects they ask for. */
export class Deciding<S, E extends DomainEvent, C> {
  readonly #type: ProcessType<S, E, C>;
  readonly #step: Step;
  readonly #before: S;
  readonly #transitions: Transition<S, E>[] = [];
  readonly #effects = new Map<string, Effect>();
  readonly #cancelled = new Set<string>();
  state: S;

  constructor(type: ProcessType<S, E, C>, state: S, step: Step) {
    this.#type = type;
    this.#step = step;
    this.#before = state;
    this.state = state;
  }

  receive(command: C): void {
    this.#apply(this.#type.receive(this.state, command, this.#step));
  }

  /** Lets the rules go on until they come to rest. */
  settle(): Decided<S, E> {
    for (let rounds = 0; ; rounds++) {
      const events = this.#type.decide(this.state, this.#step);
      if (events.length === 0) break;
      if (rounds === MOST_DECISIONS) throw new PipewrightError('NeverSettles', `${this.#type.name} decides without end`);
      this.#apply(events);
    }
    return {
      before: this.#before,
      after: this.state,
      events: this.#transitions.map(({ event }) => event),
      transitions: this.#transitions,
      effects: [...this.#effects.values()],
      cancelled: [...this.#cancelled],
    };
  }

  #apply(events: readonly E[]): void {
    for (const event of events) {
      const before = this.state;
      this.state = this.#type.evolve(before, event);
      this.#transitions.push({ event, before, after: this.state });
      for (const id of this.#type.cancels?.(event, this.state) ?? []) {
        this.#cancelled.add(id);
        this.#effects.delete(id);
      }
      for (const effect of this.#type.effects(event, this.state)) this.#effects.set(effect.id, effect);
    }
  }
}

/** The engine's own writes of one step; the process type's projections and the outbox rows join them in the same unit. */
export function stepWrites<S, E extends DomainEvent, C>(
  type: ProcessType<S, E, C>,
  id: string,
  loaded: Loaded<S>,
  decided: Decided<S, E>,
  now: number,
): { readonly writes: Write[]; readonly next: Loaded<S> } {
  const version = loaded.version + 1;
  if (type.isGone?.(decided.after)) {
    const writes = [
      write(sql.deleteInstance, [type.name, id]),
      write(sql.deleteSteps, [type.name, id, version]),
      write(sql.dropEffectsOf, [type.name, id]),
    ];
    return { writes, next: { state: type.initial(id), version: 0, snapshotVersion: 0, exists: false } };
  }
  const open = type.isOpen(decided.after);
  const writes: Write[] = [];
  if (!loaded.exists) writes.push(write(sql.insertInstance, [type.name, id, Number(open)], { label: 'instance' }));
  writes.push(write(sql.insertStep, [type.name, id, version, now, JSON.stringify(decided.events)], { label: 'step' }));
  const snapshot = version - loaded.snapshotVersion >= SNAPSHOT_EVERY;
  if (snapshot) {
    writes.push(write(sql.setSnapshot, [Number(open), version, type.version, JSON.stringify(decided.after), type.name, id], { expect: 1 }));
    writes.push(write(sql.deleteSteps, [type.name, id, version]));
  } else if (loaded.exists && open !== type.isOpen(decided.before)) {
    writes.push(write(sql.setOpen, [Number(open), type.name, id], { expect: 1 }));
  }
  return { writes, next: { state: decided.after, version, snapshotVersion: snapshot ? version : loaded.snapshotVersion, exists: true } };
}
