import type { Step } from '../kernel/step.ts';
import type { Write } from '../ports/database.ts';

export type { Step } from '../kernel/step.ts';

export interface DomainEvent {
  readonly type: string;
}

/**
 * Work outside the aggregate that an event asks for; performed at least once.
 * `keyed`: the performer finds its own earlier self by `id` before it creates anything.
 * `repeatable`: doing it twice is harmless or documented (mail with a stable message id).
 */
export interface Effect {
  /** Stable: the same work has the same id, whatever the attempt. */
  readonly id: string;
  readonly kind: string;
  readonly honest: 'keyed' | 'repeatable';
  /** JSON. */
  readonly payload: unknown;
}

/** One event with the states on both sides of it. */
export interface Transition<S, E> {
  readonly event: E;
  readonly before: S;
  readonly after: S;
}

/** One step's result, for projecting into read models and bus events. */
export interface Projection<S, E> {
  readonly id: string;
  readonly before: S;
  readonly after: S;
  readonly events: readonly E[];
  /** The same events, each with the states on both sides of it: what begins and ends within one step is seen only there. */
  readonly transitions: readonly Transition<S, E>[];
  readonly now: number;
  /** A new UUID, for the bus events. */
  readonly newId: () => string;
}

/**
 * A durable aggregate: pure functions over a state that events rebuild. The engine loads, decides, commits, then acts;
 * it may die between any two of these and goes on from what was committed.
 */
export interface ProcessType<S, E extends DomainEvent, C> {
  readonly name: string;
  /** Version of the state's shape; a snapshot of another version goes through `upcast`. */
  readonly version: number;
  initial(id: string): S;
  evolve(state: S, event: E): S;
  /** What a command makes happen. Throws a client error to refuse it; nothing is written then. */
  receive(state: S, command: C, step: Step): readonly E[];
  /** What follows by itself from the state. Called again after its events were applied, until it answers none. */
  decide(state: S, step: Step): readonly E[];
  /** The effects that an event asks for; `state` is the state after it. */
  effects(event: E, state: S): readonly Effect[];
  /** Ids of effects that this event makes pointless: they are dropped, and aborted where they run. */
  cancels?(event: E, state: S): readonly string[];
  /** The command that reports an effect given up after its last attempt. */
  gaveUp(effect: Effect, message: string): C;
  /** Read models and bus events of one step: part of its commit. */
  project(projection: Projection<S, E>): readonly Write[];
  /** When `decide` wants to be asked again though nothing has happened (a time-out), epoch ms. */
  wakeAt(state: S): number | undefined;
  /** Open aggregates are kept in memory and loaded at start; closed ones are loaded on demand. */
  isOpen(state: S): boolean;
  /** The aggregate no longer exists: its rows are removed with this step. */
  isGone?(state: S): boolean;
  upcast?(snapshot: unknown, version: number): S;
}

export interface EffectContext {
  /** 1 until it has thrown; a restart is no failure of the effect, so a first attempt may have an earlier self. */
  readonly attempt: number;
  /** Aborted when the effect was cancelled or the server stops. */
  readonly signal: AbortSignal;
}

/** Performs one kind of effect; answers the command that reports the result, or undefined for none. A throw is retried. */
export type Performer<C> = (aggregateId: string, effect: Effect, context: EffectContext) => Promise<C | undefined>;

/** The handle a service holds on its aggregates. */
export interface Aggregates<S, C> {
  /** Runs the command through `receive`; resolves with the new state once it is committed. */
  send(id: string, command: C): Promise<S>;
  /** The committed state; undefined where no such aggregate exists. */
  state(id: string): Promise<S | undefined>;
  /** Ids and states of the open aggregates held here. */
  open(): readonly (readonly [string, S])[];
  /** Called after each commit of this type. Returns the unsubscriber. */
  onStep(listener: (id: string, state: S) => void): () => void;
}
