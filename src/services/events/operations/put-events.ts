import { parseArn } from '../../../kernel/arn.ts';
import { tooDeep } from '../../../kernel/patterns/depth.ts';
import { compilePattern } from '../../../kernel/patterns/match.ts';
import { parsePattern } from '../../../kernel/patterns/parse.ts';
import { isObject } from '../../../kernel/json.ts';
import type { Write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { validationError } from '../../../protocol/errors.ts';
import type { Api, PutEventsRequestEntry, PutEventsResultEntry } from '../api.gen.ts';
import { checkEntry, entryBytes, MOST_BYTES } from '../rules/entry.ts';
import { sql } from '../tables.ts';
import { busName, DEFAULT_BUS, type OperationTools } from '../tools.ts';
import { checkPattern } from './rules.ts';

type Operations = Pick<Api, 'putEvents' | 'testEventPattern'>;

/** What an event has to say of itself before EventBridge tests a pattern on it. */
const REQUIRED = ['id', 'account', 'source', 'time', 'region', 'resources', 'detail-type'] as const;

function parseEvent(text: string): object {
  let event: unknown;
  try {
    event = JSON.parse(text);
  } catch {
    throw validationError('Parameter Event is not valid.');
  }
  if (!isObject(event) || tooDeep(event) || REQUIRED.some((name) => !(name in event)))
    throw validationError('Parameter Event is not valid.');
  return event;
}

export function eventOperations(tools: OperationTools): Operations {
  const { db, bus, commits, clock, ids } = tools;

  async function isThere(ctx: CallContext, name: string): Promise<boolean> {
    return name === DEFAULT_BUS || (await db.get(sql.bus, ctx.account, ctx.region, name)) !== undefined;
  }

  async function put(entry: PutEventsRequestEntry, ctx: CallContext): Promise<{ result: PutEventsResultEntry; writes: Write[] }> {
    const checked = checkEntry(entry);
    if (checked.kind === 'refused') return { result: checked.result, writes: [] };
    const owner = parseArn(entry.EventBusName ?? '');
    if (owner && (owner.account !== ctx.account || owner.region !== ctx.region))
      return {
        result: { ErrorCode: 'AccessDeniedException', ErrorMessage: 'The event bus belongs to another account or region.' },
        writes: [],
      };
    const id = ids.uuid();
    const name = busName(entry.EventBusName);
    // AWS takes events for a bus that is not there, and drops them.
    if (!(await isThere(ctx, name))) return { result: { EventId: id }, writes: [] };
    const { source, detailType, detail } = checked;
    const { account, region } = ctx;
    const event = {
      id,
      account,
      region,
      time: entry.Time ?? clock.now(),
      source,
      detailType,
      detail,
      resources: entry.Resources ?? [],
      bus: name,
    };
    return { result: { EventId: id }, writes: [bus.write(event)] };
  }

  return {
    async putEvents({ Entries: entries }, ctx) {
      if (entries.reduce((sum, entry) => sum + entryBytes(entry), 0) > MOST_BYTES)
        throw validationError('Total size of the entries in the request is over the limit.');
      const done = await Promise.all(entries.map((entry) => put(entry, ctx)));
      await commits.commit(done.flatMap(({ writes }) => writes));
      const results = done.map(({ result }) => result);
      return { FailedEntryCount: results.filter(({ ErrorCode }) => ErrorCode !== undefined).length, Entries: results };
    },

    async testEventPattern({ EventPattern, Event }) {
      const event = parseEvent(Event);
      checkPattern(EventPattern);
      return { Result: compilePattern(parsePattern(EventPattern))(event) };
    },
  };
}
