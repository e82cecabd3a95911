import { gitEventDetail, GIT_EVENT_SOURCE, type GitEvent } from '../../kernel/git-event.ts';
import { write, WriteConflict, type Write } from '../../ports/database.ts';
import type { ProviderType } from './api.gen.ts';
import { readHook } from './rules/hooks/parse.ts';
import { readBody } from '../../kernel/git-hooks/read.ts';
import { deliveryId, eventName, isGenuine, type Headers } from '../../kernel/git-hooks/verify.ts';
import { providerFacts } from './rules/provider.ts';
import { sql, type ConnectionRow, type SecretRow } from './tables.ts';
import { connectionArn, type ConnectionTools } from './tools.ts';

/** Deliveries are known again for this long; hosts give up on them much sooner. */
const KEPT_MS = 7 * 86_400_000;

/** What a webhook is answered. */
export interface HookAnswer {
  readonly status: number;
  readonly message: string;
}

export interface HookRequest {
  /** The last part of the path. */
  readonly id: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Takes a delivery for a connection; undefined where the id is of none. Once it has answered 202 the events are on disk. */
export async function receiveHook(tools: ConnectionTools, { id, headers, body }: HookRequest): Promise<HookAnswer | undefined> {
  const { db, secrets } = tools;
  const row = await db.get<ConnectionRow>(sql.connectionById, id);
  const facts = row && providerFacts(row.provider as ProviderType);
  if (!row || !facts) return undefined;
  const stored = await db.get<SecretRow>(sql.secrets, id);
  if (!stored?.webhook) return { status: 403, message: 'This connection has no webhook secret; set one with `pipewright connect`.' };
  if (!isGenuine(facts.dialect, headers, body, secrets.open(stored.webhook)))
    return { status: 401, message: 'The signature is not right.' };
  const payload = readBody(body, headers['content-type'] ?? '');
  if (payload === undefined) return { status: 400, message: 'The body is not JSON.' };
  const content = readHook(facts.dialect, eventName(facts.dialect, headers), payload);
  if (content.kind === 'nothing') return { status: 202, message: `Nothing to do for ${content.why}.` };
  return keep(tools, row, deliveryId(facts.dialect, headers, body), content.events);
}

async function keep(tools: ConnectionTools, row: ConnectionRow, delivery: string, events: readonly GitEvent[]): Promise<HookAnswer> {
  const { commits, clock } = tools;
  const now = clock.now();
  const first = write(sql.insertDelivery, [row.id, delivery, now], { label: 'delivery' });
  try {
    await commits.commit([first, write(sql.pruneDeliveries, [now - KEPT_MS]), ...events.map((event) => busWrite(tools, row, event))]);
  } catch (error) {
    if (!(error instanceof WriteConflict && error.label === 'delivery')) throw error;
    return { status: 202, message: 'This delivery has been received before.' };
  }
  return { status: 202, message: 'Received.' };
}

function busWrite({ bus, ids, clock }: ConnectionTools, row: ConnectionRow, event: GitEvent): Write {
  const arn = connectionArn(row);
  return bus.write({
    id: ids.uuid(),
    account: row.account,
    region: row.region,
    time: clock.now(),
    source: GIT_EVENT_SOURCE,
    detailType: event.kind === 'push' ? 'Git Push' : 'Git Pull Request',
    resources: [arn],
    detail: gitEventDetail(arn, event),
    bus: 'default',
  });
}
