/** One line of a user's log. */
export interface LogEvent {
  /** Epoch milliseconds, as the writer gave it. */
  readonly timestamp: number;
  readonly message: string;
}

export interface StoredLogEvent extends LogEvent {
  /** Position in the stream, from 0, without holes. */
  readonly sequence: number;
  /** Epoch milliseconds at which we stored it. */
  readonly ingested: number;
}

/** Append-only streams. `stream` is an opaque id that the logs service allots. */
export interface LogStore {
  /** Resolves once the events are on disk (batched: at most 100 ms later). */
  append(stream: string, events: readonly LogEvent[]): Promise<{ readonly next: number }>;
  /** Up to `limit` events from `from` on (a sequence), in order. */
  read(stream: string, from: number, limit: number): Promise<readonly StoredLogEvent[]>;
  /** The first sequence whose timestamp is ≥ `timestamp`, for streams whose times do not run backwards; else a lower bound of it. */
  seek(stream: string, timestamp: number): Promise<number>;
  /** How many events it holds, and their time span. */
  info(stream: string): Promise<{
    readonly next: number;
    readonly bytes: number;
    readonly first?: number;
    readonly last?: number;
    readonly ingested?: number;
  }>;
  /** Called after events of this stream became durable. Returns the unsubscriber. */
  onAppend(stream: string, listener: () => void): () => void;
  delete(stream: string): Promise<void>;
}
