import type { JsonObject } from '../kernel/json.ts';
import type { Write } from './database.ts';

/** An event as EventBridge shows it, before it has a position. */
export interface BusEvent {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  /** Epoch milliseconds. */
  readonly time: number;
  /** `aws.codepipeline`, or a user's own source. */
  readonly source: string;
  readonly detailType: string;
  readonly resources: readonly string[];
  readonly detail: JsonObject;
  /** Name of the event bus; `default` for everything of ours. */
  readonly bus: string;
}

export interface PositionedEvent extends BusEvent {
  /** Grows with every event of this installation; never reused, never skipped by a cursor. */
  readonly position: number;
}

/** The event log. Events become visible with the commit that carries their write. */
export interface Bus {
  /** The write that appends the event; goes into the unit of the change it reports. */
  write(event: BusEvent): Write;
  /** Up to `limit` events after `position`, in order. */
  read(after: number, limit: number): Promise<readonly PositionedEvent[]>;
  /** The positions still held: a cursor before `first` has lost events. */
  bounds(): Promise<{ readonly first: number; readonly last: number }>;
  /** Called after commits that appended events. Returns the unsubscriber. */
  onAppend(listener: () => void): () => void;
}
