import type { StoredLogEvent } from '../../../ports/logs.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type FilteredLogEvent } from '../api.gen.ts';
import { filterPattern, type Matcher } from '../rules/filter-pattern.ts';
import { sql, type StreamRow } from '../tables.ts';
import { expiry, groupName, requireGroup, type LogsTools } from '../tools.ts';

type Operations = Pick<Api, 'filterLogEvents'>;

const MOST_EVENTS = 10_000;
const MOST_BYTES = 1_048_576;
const READ_AHEAD = 1_000;
/** Events looked at for one answer: an answer may be short, or empty, and still carry a token. */
const MOST_LOOKED_AT = 100_000;

/** One stream, read forward; its events come in the order in which they were written. */
class Cursor {
  readonly stream: StreamRow;
  readonly #tools: LogsTools;
  readonly #wanted: (event: StoredLogEvent) => boolean;
  #buffer: readonly StoredLogEvent[] = [];
  /** The sequence of the next event that was not handed out. */
  at: number;

  constructor(tools: LogsTools, stream: StreamRow, at: number, wanted: (event: StoredLogEvent) => boolean) {
    this.#tools = tools;
    this.stream = stream;
    this.at = at;
    this.#wanted = wanted;
  }

  /** The next wanted event, without taking it; `budget` counts what had to be looked at. */
  async peek(budget: { left: number }): Promise<StoredLogEvent | undefined> {
    for (;;) {
      if (this.#buffer.length === 0) this.#buffer = await this.#tools.logs.read(this.stream.id, this.at, READ_AHEAD);
      if (this.#buffer.length === 0) return undefined;
      const found = this.#buffer.findIndex(this.#wanted);
      const skipped = found === -1 ? this.#buffer.length : found;
      this.at += skipped;
      budget.left -= skipped;
      this.#buffer = this.#buffer.slice(skipped);
      if (found !== -1) return this.#buffer[0];
      if (budget.left <= 0) return undefined;
    }
  }

  take(): void {
    this.at++;
    this.#buffer = this.#buffer.slice(1);
  }
}

function view({ stream }: Cursor, { timestamp, message, ingested, sequence }: StoredLogEvent): FilteredLogEvent {
  return {
    logStreamName: stream.name,
    timestamp,
    message,
    ingestionTime: ingested,
    eventId: `${stream.id}-${String(sequence).padStart(16, '0')}`,
  };
}

/** The earliest of the cursors' next events; ties go to the stream named first. */
async function earliest(
  cursors: readonly Cursor[],
  budget: { left: number },
): Promise<{ cursor: Cursor; event: StoredLogEvent } | undefined> {
  let best: { cursor: Cursor; event: StoredLogEvent } | undefined;
  for (const cursor of cursors) {
    const event = await cursor.peek(budget);
    if (event && (!best || event.timestamp < best.event.timestamp)) best = { cursor, event };
  }
  return best;
}

async function merge(cursors: readonly Cursor[], limit: number): Promise<{ events: FilteredLogEvent[]; exhausted: boolean }> {
  const budget = { left: MOST_LOOKED_AT };
  const events: FilteredLogEvent[] = [];
  let bytes = 0;
  while (events.length < limit && budget.left > 0) {
    const next = await earliest(cursors, budget);
    if (!next) return { events, exhausted: budget.left > 0 };
    bytes += Buffer.byteLength(next.event.message) + 26;
    if (events.length > 0 && bytes > MOST_BYTES) return { events, exhausted: false };
    events.push(view(next.cursor, next.event));
    next.cursor.take();
  }
  return { events, exhausted: false };
}

export function filterOperations(tools: LogsTools): Operations {
  return {
    async filterLogEvents(input, ctx) {
      const {
        logStreamNames,
        logStreamNamePrefix,
        startTime = 0,
        endTime = Infinity,
        filterPattern: pattern,
        nextToken,
        limit = MOST_EVENTS,
      } = input;
      if (logStreamNames && logStreamNamePrefix !== undefined) {
        throw errors.InvalidParameterException('You cannot specify both logStreamNames and logStreamNamePrefix.');
      }
      const name = groupName(input);
      const group = await requireGroup(tools, ctx, name);
      const matches: Matcher = filterPattern(pattern);
      const start = Math.max(startTime, expiry(group, tools.clock.now()));
      const wanted = ({ timestamp, message }: StoredLogEvent) => timestamp >= start && timestamp <= endTime && matches(message);
      const rows = await tools.db.all<StreamRow>(sql.streams, ctx.account, ctx.region, name);
      const streams = rows.filter((row) =>
        logStreamNames ? logStreamNames.includes(row.name) : row.name.startsWith(logStreamNamePrefix ?? ''),
      );
      const missing = logStreamNames?.find((wantedName) => !rows.some((row) => row.name === wantedName));
      if (missing !== undefined) throw errors.ResourceNotFoundException('The specified log stream does not exist.');
      const scope = `logs:filter:${name}:${pattern ?? ''}:${startTime}:${endTime}:${streams.length}`;
      const token = decodePageToken(scope, nextToken, () => errors.InvalidParameterException('The specified nextToken is invalid.'));
      const places = token === undefined ? {} : (JSON.parse(String(token)) as Record<string, number>);
      const cursors = await Promise.all(
        streams.map(
          async (row) => new Cursor(tools, row, places[row.id] ?? (start > 0 ? await tools.logs.seek(row.id, start) : 0), wanted),
        ),
      );
      const { events, exhausted } = await merge(cursors, limit);
      const next = JSON.stringify(Object.fromEntries(cursors.map((cursor) => [cursor.stream.id, cursor.at])));
      return {
        events,
        searchedLogStreams: streams.map((row) => ({ logStreamName: row.name, searchedCompletely: exhausted })),
        ...(!exhausted && { nextToken: encodePageToken(scope, next) }),
      };
    },
  };
}
