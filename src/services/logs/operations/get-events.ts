import type { StoredLogEvent } from '../../../ports/logs.ts';
import { errors, type Api, type OutputLogEvent } from '../api.gen.ts';
import { expiry, groupName, requireGroup, requireStream, type LogsTools } from '../tools.ts';

type Operations = Pick<Api, 'getLogEvents'>;

/** An answer holds this much at most: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html */
const MOST_EVENTS = 10_000;
const MOST_BYTES = 1_048_576;

/** `f/…` reads on from a sequence, `b/…` reads what comes before it; the same token again at either end says that it is the end. */
function parseToken(token: string): { readonly forward: boolean; readonly at: number } {
  const match = /^([fb])\/(\d{1,20})$/.exec(token);
  if (!match) throw errors.InvalidParameterException('The specified nextToken is invalid.');
  return { forward: match[1] === 'f', at: Number(match[2]) };
}

function token(direction: 'f' | 'b', sequence: number): string {
  return `${direction}/${String(sequence).padStart(20, '0')}`;
}

function output({ timestamp, message, ingested }: StoredLogEvent): OutputLogEvent {
  return { timestamp, message, ingestionTime: ingested };
}

/** As many events as an answer may hold, from the front, or with `backward` from the end. */
function fitting(events: readonly StoredLogEvent[], backward: boolean): readonly StoredLogEvent[] {
  let bytes = 0;
  let count = 0;
  for (const event of backward ? events.toReversed() : events) {
    bytes += Buffer.byteLength(event.message) + 26;
    if (count > 0 && bytes > MOST_BYTES) break;
    count++;
  }
  return backward ? events.slice(events.length - count) : events.slice(0, count);
}

export function getOperations(tools: LogsTools): Operations {
  const { logs } = tools;
  /** The events of the sequences from `from` to before `to` whose times are wanted. */
  const between = async (
    id: string,
    from: number,
    to: number,
    times: { start: number; end: number },
  ): Promise<readonly StoredLogEvent[]> => {
    const events = to > from ? await logs.read(id, from, to - from) : [];
    return events.filter(({ timestamp }) => timestamp >= times.start && timestamp < times.end);
  };
  return {
    async getLogEvents(input, ctx) {
      const { logStreamName, startTime = 0, endTime = Infinity, nextToken, limit = MOST_EVENTS, startFromHead = false } = input;
      const group = groupName(input);
      const { id } = await requireStream(tools, ctx, group, logStreamName);
      const start = Math.max(startTime, expiry(await requireGroup(tools, ctx, group), tools.clock.now()));
      const { next } = await logs.info(id);
      const first = start > 0 ? await logs.seek(id, start) : 0;
      const place = nextToken === undefined ? { forward: startFromHead, at: startFromHead ? first : next } : parseToken(nextToken);
      const [from, to] = place.forward
        ? [Math.max(place.at, first), Math.min(place.at + limit, next)]
        : [Math.max(place.at - limit, first), Math.min(place.at, next)];
      const events = fitting(await between(id, from, to, { start, end: endTime }), !place.forward);
      const begin = events[0]?.sequence ?? (place.forward ? from : to);
      const end = events.length > 0 ? events.at(-1)!.sequence + 1 : place.forward ? Math.max(from, to) : to;
      return { events: events.map(output), nextForwardToken: token('f', end), nextBackwardToken: token('b', begin) };
    },
  };
}
