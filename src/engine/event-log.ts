import type { JsonObject } from '../kernel/json.ts';
import type { Bus, BusEvent, PositionedEvent } from '../ports/bus.ts';
import { write, type Commits, type Reader, type Write } from '../ports/database.ts';
import { sql } from './tables.ts';

interface BusRow {
  readonly position: number;
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly bus: string;
  readonly time: number;
  readonly source: string;
  readonly detail_type: string;
  readonly resources: string;
  readonly detail: string;
}

const TOPIC = 'bus';

function fromRow(row: BusRow): PositionedEvent {
  const { detail_type: detailType, resources, detail, ...rest } = row;
  return { ...rest, detailType, resources: JSON.parse(resources) as string[], detail: JSON.parse(detail) as JsonObject };
}

/** Events that are kept in memory, and read at a time: whoever follows the log asks for the same newest ones. */
const TAIL = 500;

/** The newest events, read and parsed once for all that follow. */
class Tail {
  readonly #reader: Reader;
  #events: PositionedEvent[] = [];
  /** All events after this position are in the tail. */
  #floor: number | undefined;
  /** Something was appended since the newest of them was read. */
  #stale = true;
  #reading: Promise<void> | undefined;

  constructor(reader: Reader, commits: Commits) {
    this.#reader = reader;
    // Hears of an append before all others, who ask at once.
    commits.onTopic(TOPIC, (news) => this.#appended(news as readonly (() => BusEvent)[]));
  }

  /** As much as is asked for; undefined where the tail does not reach back that far. */
  async after(position: number, limit: number): Promise<readonly PositionedEvent[] | undefined> {
    if (this.#floor === undefined) {
      const { last } = (await this.#reader.get<{ last: number | null }>(sql.busBounds)) ?? {};
      this.#floor ??= last ?? 0;
    }
    // Who comes while it is read waits for that: what it is told of may be on its way.
    while (this.#stale || this.#reading) await (this.#reading ??= this.#read().finally(() => (this.#reading = undefined)));
    if (position < this.#floor) return undefined;
    const from = this.#events.findLastIndex((event) => event.position <= position) + 1;
    return this.#events.slice(from, from + limit);
  }

  /** The committer is the only writer: what it has appended has the next positions. */
  #appended(events: readonly (() => BusEvent)[]): void {
    if (this.#stale || this.#reading) this.#stale = true;
    else {
      let position = this.#last;
      for (const event of events) this.#events.push({ ...event(), position: ++position });
      this.#shorten();
    }
  }

  async #read(): Promise<void> {
    this.#stale = false;
    const rows = await this.#reader.all<BusRow>(sql.busEventsAfter, this.#last, TAIL);
    this.#events.push(...rows.map(fromRow));
    if (rows.length === TAIL) this.#stale = true;
    this.#shorten();
  }

  #shorten(): void {
    if (this.#events.length < 2 * TAIL) return;
    const dropped = this.#events.splice(0, this.#events.length - TAIL);
    this.#floor = dropped.at(-1)!.position;
  }

  get #last(): number {
    return this.#events.at(-1)?.position ?? this.#floor ?? 0;
  }
}

/** The event log on the database: ports/bus. */
export function createEventLog(reader: Reader, commits: Commits): Bus & { prune(before: number): Promise<void> } {
  const tail = new Tail(reader, commits);
  return {
    write(event: BusEvent): Write {
      const { id, account, region, bus, time, source, detailType, resources, detail } = event;
      const json = JSON.stringify(detail);
      const params = [id, account, region, bus, time, source, detailType, JSON.stringify(resources), json];
      // As a reader of the row would see it: no member that is undefined, nothing that anybody still holds.
      const news = (): BusEvent => ({ ...event, resources: [...resources], detail: JSON.parse(json) as JsonObject });
      return write(sql.insertBusEvent, params, { topic: TOPIC, news });
    },
    read: async (after, limit) =>
      (await tail.after(after, limit)) ?? (await reader.all<BusRow>(sql.busEventsAfter, after, limit)).map(fromRow),
    async bounds() {
      const row = await reader.get<{ first: number | null; last: number | null }>(sql.busBounds);
      return { first: row?.first ?? 0, last: row?.last ?? 0 };
    },
    onAppend: (listener) => commits.onTopic(TOPIC, listener),
    /** Drops events older than `before` (epoch ms); the newest one stays, because positions count on from it. */
    prune: (before) => commits.commit([write(sql.pruneBus, [before])]),
  };
}
