import type { CallContext } from '../../../protocol/context.ts';
import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type Api, type FilteredLogEvent, type FilterLogEventsRequest } from '../api.gen.ts';
import { search, type Found } from '../reading/search.ts';
import type { Place } from '../reading/stream-reader.ts';
import { filterPattern } from '../rules/filter-pattern.ts';
import { sql, type StreamRow } from '../tables.ts';
import { expiry, groupName, requireGroup, type LogsTools } from '../tools.ts';

type Operations = Pick<Api, 'filterLogEvents'>;

const MOST_EVENTS = 10_000;

function view({ stream, event: { timestamp, message, ingested, sequence } }: Found): FilteredLogEvent {
  const eventId = `${stream.id}-${String(sequence).padStart(16, '0')}`;
  return { logStreamName: stream.name, timestamp, message, ingestionTime: ingested, eventId };
}

const invalidToken = (): Error => errors.InvalidParameterException('The specified nextToken is invalid.');

function placeOf(scope: string, token: string | undefined): Place | undefined {
  const text = decodePageToken(scope, token, invalidToken);
  if (text === undefined) return undefined;
  const match = /^(\d{1,16})\/([^/]+)\/(\d{1,16})$/.exec(String(text));
  if (!match) throw invalidToken();
  return { time: Number(match[1]), stream: match[2]!, sequence: Number(match[3]) };
}

async function streamsOf(tools: LogsTools, ctx: CallContext, group: string, input: FilterLogEventsRequest): Promise<readonly StreamRow[]> {
  const { logStreamNames: names, logStreamNamePrefix: prefix = '' } = input;
  if (names && input.logStreamNamePrefix !== undefined)
    throw errors.InvalidParameterException('You cannot specify both logStreamNames and logStreamNamePrefix.');
  const rows = await tools.db.all<StreamRow>(sql.streams, ctx.account, ctx.region, group);
  if (!names) return rows.filter(({ name }) => name.startsWith(prefix));
  const found = rows.filter(({ name }) => names.includes(name));
  if (found.length < new Set(names).size) throw errors.ResourceNotFoundException('The specified log stream does not exist.');
  return found;
}

export function filterOperations(tools: LogsTools): Operations {
  return {
    async filterLogEvents(input, ctx) {
      const { startTime = 0, endTime = Infinity, filterPattern: pattern = '', limit = MOST_EVENTS } = input;
      const name = groupName(input);
      const group = await requireGroup(tools, ctx, name);
      const matches = filterPattern(pattern);
      const streams = await streamsOf(tools, ctx, name, input);
      const scope = JSON.stringify([
        'logs:filter',
        name,
        pattern,
        startTime,
        String(endTime),
        input.logStreamNames,
        input.logStreamNamePrefix,
      ]);
      const after = placeOf(scope, input.nextToken);
      const start = Math.max(startTime, expiry(group, tools.clock.now()));
      const { found, last } = await search({ streams, start, end: endTime, matches, limit, after }, tools);
      const next = last && { nextToken: encodePageToken(scope, `${last.time}/${last.stream}/${last.sequence}`) };
      // Always empty, as AWS's is since May 2020: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
      return { events: found.map(view), searchedLogStreams: [], ...next };
    },
  };
}
