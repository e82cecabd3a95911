import type { LogStore, StoredLogEvent } from '../../../ports/logs.ts';
import type { StreamRow } from '../tables.ts';

/** Where a search stands: everything up to here, in the order of time, stream and sequence, has been looked at. */
export interface Place {
  /** Epoch ms. */
  readonly time: number;
  readonly stream: string;
  readonly sequence: number;
}

export function isBefore(a: Place, b: Place): boolean {
  if (a.time !== b.time) return a.time < b.time;
  return a.stream === b.stream ? a.sequence < b.sequence : a.stream < b.stream;
}

const AHEAD = 256;

/**
 * One stream, read forward. The time of a place is the greatest time seen so far: it never runs backwards, even where the events'
 * own times do, so that a search of many streams in this order can be taken up again at any place by a seek.
 */
export class StreamReader {
  readonly row: StreamRow;
  readonly #logs: LogStore;
  readonly #from: number;
  #buffer: readonly StoredLogEvent[] = [];
  #index = 0;
  #next: number | undefined;
  #time: number;

  /** `from`: the earliest time (epoch ms) to read; `first`: the earliest that the stream holds. */
  constructor(logs: LogStore, row: StreamRow, from: number, first: number) {
    this.#logs = logs;
    this.row = row;
    this.#from = from;
    this.#time = Math.max(from, first);
  }

  /** Of the next event; before `load`, a place that is certainly not after it. */
  get place(): Place {
    return { time: this.#time, stream: this.row.id, sequence: this.event?.sequence ?? -1 };
  }

  /** The next event, where it has been loaded. */
  get event(): StoredLogEvent | undefined {
    return this.#buffer[this.#index];
  }

  /** Makes sure of the next event; false at the end of the stream. */
  async load(): Promise<boolean> {
    if (this.event) return true;
    this.#next ??= this.#from > 0 ? await this.#logs.seek(this.row.id, this.#from) : 0;
    this.#buffer = await this.#logs.read(this.row.id, this.#next, AHEAD);
    this.#index = 0;
    this.#see();
    return this.event !== undefined;
  }

  /** Goes on to the next event. */
  take(): void {
    this.#index++;
    this.#see();
  }

  #see(): void {
    const { event } = this;
    if (!event) return;
    this.#time = Math.max(this.#time, event.timestamp);
    this.#next = event.sequence + 1;
  }
}
