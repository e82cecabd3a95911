import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Aggregates } from '../../../engine/process.ts';
import { write, WriteConflict } from '../../../ports/database.ts';
import type { SecretBox } from '../../../ports/secrets.ts';
import { ApiError } from '../../../protocol/errors.ts';
import type { ServiceTools } from '../../../protocol/service.ts';
import type { WebhookDefinition } from '../api.gen.ts';
import { recordDecision, type Verdict } from '../git/trigger-log.ts';
import type { PipelineCommand } from '../rules/commands.ts';
import { aggregateId, declarationOf, type PipelineState } from '../rules/state.ts';
import { isInRange, refusingFilter } from '../rules/webhooks.ts';
import { definitionOf, webhookArn, webhookSql, type WebhookRow } from './tables.ts';

export interface WebhookCall {
  /** The last part of the path. */
  readonly id: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  readonly remoteAddress: string;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly message: string;
}

export interface ReceiverTools extends ServiceTools {
  readonly pipelines: Aggregates<PipelineState, PipelineCommand>;
  readonly secrets: SecretBox;
}

function isAdmitted(tools: ReceiverTools, row: WebhookRow, definition: WebhookDefinition, call: WebhookCall): boolean {
  switch (definition.authentication) {
    case 'UNAUTHENTICATED':
      return true;
    case 'IP':
      return isInRange(definition.authenticationConfiguration.AllowedIPRange ?? '', call.remoteAddress);
    case 'GITHUB_HMAC':
      return row.secret !== null && isSigned(call, tools.secrets.open(row.secret));
  }
}

/** GitHub signs with SHA-1 in the older header; whoever still sends that alone is verified by it, as AWS does. */
function isSigned({ headers, body }: WebhookCall, secret: string): boolean {
  const newer = headers['x-hub-signature-256'];
  const [given = '', algorithm] = newer === undefined ? [headers['x-hub-signature'], 'sha1'] : [newer, 'sha256'];
  const expected = `${algorithm}=${createHmac(algorithm!, secret).update(body).digest('hex')}`;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function payloadOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Takes a call of a webhook of PutWebhook; undefined where the path is of none. Once it answers 200 the execution is on disk. */
export async function receiveWebhook(tools: ReceiverTools, call: WebhookCall): Promise<WebhookAnswer | undefined> {
  const row = await tools.db.get<WebhookRow>(webhookSql.byPath, call.id);
  if (!row) return undefined;
  const definition = definitionOf(row);
  if (!isAdmitted(tools, row, definition, call)) return { status: 401, message: 'This call is not authenticated.' };
  const payload = payloadOf(call.body);
  if (payload === undefined) return { status: 400, message: 'The body is not JSON.' };
  const state = await tools.pipelines.state(aggregateId(row.account, row.region, definition.targetPipeline));
  if (!state?.exists) return { status: 404, message: 'The pipeline is not there any more.' };
  const action = declarationOf(state).stages[0]?.actions.find(({ name }) => name === definition.targetAction);
  if (!action) return { status: 404, message: 'The source action is not there any more.' };
  const { configuration = {} } = action;
  const refused = refusingFilter(definition.filters, payload, configuration);
  if (refused !== undefined) {
    await note(tools, row, definition, { verdict: 'FILTERED', reason: refused });
    return { status: 200, message: `Nothing is started: ${refused}.` };
  }
  return start(tools, row, definition, call);
}

async function note(
  tools: ReceiverTools,
  row: WebhookRow,
  { targetPipeline, name }: WebhookDefinition,
  outcome: { verdict: Verdict; reason: string; executionId?: string },
): Promise<void> {
  const now = tools.clock.now();
  const decision = { at: now, source: `webhook ${name}`, event: 'a call of the webhook', ...outcome };
  const mark = outcome.verdict === 'STARTED' ? [write(webhookSql.triggered, [now, row.account, row.region, row.name])] : [];
  await tools.commits.commit([...mark, ...recordDecision(tools.ids, row, targetPipeline, decision)]);
}

async function start(tools: ReceiverTools, row: WebhookRow, definition: WebhookDefinition, call: WebhookCall): Promise<WebhookAnswer> {
  const executionId = tools.ids.uuid();
  const delivery = call.headers['x-github-delivery'];
  const trigger = { type: 'Webhook', detail: webhookArn(row) } as const;
  const command = { type: 'start', executionId, trigger, variables: {}, overrides: [] } as const;
  const token = delivery === undefined ? {} : { token: `webhook ${row.name} ${delivery.slice(0, 100)}` };
  try {
    await tools.pipelines.send(aggregateId(row.account, row.region, definition.targetPipeline), { ...command, ...token });
  } catch (error) {
    if (error instanceof WriteConflict && error.label === 'token')
      return { status: 200, message: 'This delivery has been received before.' };
    if (!(error instanceof ApiError)) throw error;
    await note(tools, row, definition, { verdict: 'FAILED', reason: error.message });
    return { status: 200, message: `Nothing is started: ${error.message}` };
  }
  await note(tools, row, definition, { verdict: 'STARTED', reason: 'all filters of the webhook say yes', executionId });
  return { status: 200, message: 'Started.' };
}
