import { messageOf, PipewrightError } from '../../../kernel/errors.ts';
import { readBody } from '../../../kernel/git-hooks/read.ts';
import { deliveryId, eventName, isGenuine, type Headers } from '../../../kernel/git-hooks/verify.ts';
import { ApiError } from '../../../protocol/errors.ts';
import { findProject } from '../operations/tools.ts';
import type { WebhookTools } from '../operations/webhooks.ts';
import { dialectOf, readDelivery } from '../rules/webhook/read.ts';
import type { WebhookEvent } from '../rules/webhook/event.ts';
import { approve, mustWait } from './approval.ts';
import { wanted, type Hooked } from './facts.ts';
import { startByWebhook } from './start.ts';
import { settingsOf, webhookSql as sql, type WebhookRow } from './tables.ts';

export interface HookCall {
  /** The last part of the path. */
  readonly id: string;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

export interface HookAnswer {
  readonly status: number;
  readonly message: string;
}

const said = (status: number, message: string): HookAnswer => ({ status, message });

/** Whoever asks the host for more than the delivery tells gives up before the host gives us up. */
const PATIENCE_MS = 8_000;

/** Takes a delivery for a project's webhook; undefined where the path is of none. Once it says that a build is started, the build is on disk. */
export async function receiveHook(tools: WebhookTools, { id, headers, body }: HookCall): Promise<HookAnswer | undefined> {
  const row = await tools.db.get<WebhookRow>(sql.byPath, id);
  if (!row) return undefined;
  const dialect = dialectOf(row.server);
  if (!isGenuine(dialect, headers, body, tools.secrets.open(row.secret))) return said(401, 'The signature is not right.');
  const payload = readBody(body, headers['content-type'] ?? '');
  if (payload === undefined) return said(400, 'The body is not JSON.');
  const found = await findProject(tools, row, row.project);
  if (!found) return said(404, 'The project is not there any more.');
  const signal = AbortSignal.timeout(PATIENCE_MS);
  const delivery = { id: deliveryId(dialect, headers, body), agent: headers['user-agent'] };
  const hooked: Hooked = { row, project: found.project, settings: settingsOf(row), delivery, signal };
  const content = readDelivery(row.server, eventName(dialect, headers), payload);
  try {
    if (content.kind === 'nothing') return said(200, `Nothing to do for ${content.why}.`);
    if (content.kind === 'approval') return await approve(tools, hooked, content.comment);
    return await all(tools, hooked, content.events);
  } catch (error) {
    return refusal(tools, hooked, error);
  }
}

async function all(tools: WebhookTools, hooked: Hooked, events: readonly WebhookEvent[]): Promise<HookAnswer> {
  const answers: string[] = [];
  for (const [index, event] of events.entries()) answers.push(await take(tools, hooked, event, index));
  return said(200, answers.join(' '));
}

async function take(tools: WebhookTools, hooked: Hooked, event: WebhookEvent, index: number): Promise<string> {
  if (!(await wanted(tools, hooked, event))) return `Nothing is started: ${event.type} of ${event.trigger} does not fit the filters.`;
  if (await mustWait(tools, hooked, event)) return 'The pull request has to be approved by a comment before it is built.';
  return `Started ${await startByWebhook(tools, hooked, event, `${hooked.delivery.id}/${index}`)}.`;
}

/** What the host shows as the delivery's answer; a delivery that is sent again is taken again. */
function refusal(tools: WebhookTools, { row }: Hooked, error: unknown): HookAnswer {
  if (!(error instanceof PipewrightError)) throw error;
  tools.log.warn('a webhook started nothing', { project: row.project, error: messageOf(error) });
  return said(error instanceof ApiError ? 200 : 503, `Nothing is started: ${error.message}`);
}
