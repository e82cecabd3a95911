import type { StoredLogEvent } from '../../../ports/logs.ts';
import { errors, type Api, type OutputLogEvent } from '../api.gen.ts';
import { readBackward, readForward } from '../reading/window.ts';
import { expiry, groupName, requireGroup, requireStream, type LogsTools } from '../tools.ts';

type Operations = Pick<Api, 'getLogEvents'>;

const MOST_EVENTS = 10_000;

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

export function getOperations(tools: LogsTools): Operations {
  const { logs, clock, infos } = tools;
  return {
    async getLogEvents(input, ctx) {
      const { logStreamName, startTime = 0, endTime = Infinity, nextToken, limit = MOST_EVENTS, startFromHead = false } = input;
      const group = groupName(input);
      const { id } = await requireStream(tools, ctx, group, logStreamName);
      const start = Math.max(startTime, expiry(await requireGroup(tools, ctx, group), clock.now()));
      const { next } = await infos.get(id);
      const first = start > 0 ? await logs.seek(id, start) : 0;
      const place = nextToken === undefined ? { forward: startFromHead, at: startFromHead ? first : next } : parseToken(nextToken);
      const times = { start, end: endTime };
      const { events, begin, end } = place.forward
        ? await readForward(logs, id, Math.max(place.at, first), times, limit)
        : await readBackward(logs, id, { first, to: Math.min(place.at, next) }, times, limit);
      return { events: events.map(output), nextForwardToken: token('f', end), nextBackwardToken: token('b', begin) };
    },
  };
}
