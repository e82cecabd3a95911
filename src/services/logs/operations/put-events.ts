import { errors, type Api, type InputLogEvent, type RejectedLogEventsInfo } from '../api.gen.ts';
import { expiry, groupName, requireGroup, requireStream, type LogsTools } from '../tools.ts';

type Operations = Pick<Api, 'putLogEvents'>;

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html */
const BATCH_BYTES = 1_048_576;
const EVENT_OVERHEAD = 26;
const TOO_OLD_MS = 14 * 86_400_000;
const TOO_NEW_MS = 2 * 3_600_000;
const SPAN_MS = 86_400_000;

function check(events: readonly InputLogEvent[]): void {
  let bytes = 0;
  let previous = -Infinity;
  for (const { timestamp, message } of events) {
    if (timestamp < previous)
      throw errors.InvalidParameterException('Log events in a single PutLogEvents request must be in chronological order.');
    previous = timestamp;
    bytes += Buffer.byteLength(message) + EVENT_OVERHEAD;
  }
  if (bytes > BATCH_BYTES) throw errors.InvalidParameterException(`Upload too large: ${bytes} bytes exceeds limit of ${BATCH_BYTES}`);
  if (events.length > 0 && previous - events[0]!.timestamp > SPAN_MS) {
    throw errors.InvalidParameterException('The batch of log events in a single PutLogEvents request cannot span more than 24 hours.');
  }
}

/** What AWS refuses to keep of a batch, by index, as the events are in order. */
function rejections(
  events: readonly InputLogEvent[],
  now: number,
  expired: number,
): { readonly info: RejectedLogEventsInfo; readonly kept: readonly InputLogEvent[] } {
  const old = events.filter(({ timestamp }) => timestamp < now - TOO_OLD_MS).length;
  const gone = events.filter(({ timestamp }) => timestamp < expired).length;
  const fresh = events.findIndex(({ timestamp }) => timestamp > now + TOO_NEW_MS);
  const kept = events.slice(Math.max(old, gone), fresh === -1 ? undefined : fresh);
  const info: RejectedLogEventsInfo = {
    ...(old > 0 && { tooOldLogEventEndIndex: old }),
    ...(gone > 0 && { expiredLogEventEndIndex: gone }),
    ...(fresh !== -1 && { tooNewLogEventStartIndex: fresh }),
  };
  return { info, kept };
}

export function putOperations(tools: LogsTools): Operations {
  async function append(id: string, events: readonly InputLogEvent[]): Promise<{ readonly next: number }> {
    try {
      return await tools.logs.append(id, events);
    } finally {
      tools.infos.forget(id);
    }
  }
  return {
    async putLogEvents({ logGroupName, logStreamName, logEvents }, ctx) {
      const group = groupName({ logGroupName });
      const { id } = await requireStream(tools, ctx, group, logStreamName);
      check(logEvents);
      const now = tools.clock.now();
      const { info, kept } = rejections(logEvents, now, expiry(await requireGroup(tools, ctx, group), now));
      const { next } = kept.length > 0 ? await append(id, kept) : await tools.infos.get(id);
      return { nextSequenceToken: String(next), ...(Object.keys(info).length > 0 && { rejectedLogEventsInfo: info }) };
    },
  };
}
