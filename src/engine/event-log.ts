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

/** The event log on the database: ports/bus. */
export function createEventLog(reader: Reader, commits: Commits): Bus & { prune(before: number): Promise<void> } {
  return {
    write(event: BusEvent): Write {
      const { id, account, region, bus, time, source, detailType, resources, detail } = event;
      const params = [id, account, region, bus, time, source, detailType, JSON.stringify(resources), JSON.stringify(detail)];
      return write(sql.insertBusEvent, params, { topic: TOPIC });
    },
    read: async (after, limit) => (await reader.all<BusRow>(sql.busEventsAfter, after, limit)).map(fromRow),
    async bounds() {
      const row = await reader.get<{ first: number | null; last: number | null }>(sql.busBounds);
      return { first: row?.first ?? 0, last: row?.last ?? 0 };
    },
    onAppend: (listener) => commits.onTopic(TOPIC, listener),
    /** Drops events older than `before` (epoch ms); the newest one stays, because positions count on from it. */
    prune: (before) => commits.commit([write(sql.pruneBus, [before])]),
  };
}
