import { formatArn } from '../../../kernel/arn.ts';
import { statement, type Reader } from '../../../ports/database.ts';
import type { WebhookDefinition } from '../api.gen.ts';
import type { Place } from '../rules/catalogue.ts';

export interface WebhookRow {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  /** The last part of its URL: whoever knows it may call. */
  readonly path: string;
  /** The definition as JSON, without the secret. */
  readonly definition: string;
  /** Sealed. */
  readonly secret: string | null;
  /** Epoch ms of the last call that started something. */
  readonly triggered: number | null;
}

const KEY = 'account = ? AND region = ?';
const WEBHOOK = 'account, region, name, path, definition, secret, triggered';

export const webhookSql = {
  count: statement(`SELECT COUNT(*) AS n FROM codepipeline_webhooks WHERE ${KEY}`),
  put: statement(`INSERT INTO codepipeline_webhooks (${WEBHOOK}) VALUES (?, ?, ?, ?, ?, ?, NULL)
    ON CONFLICT (account, region, name) DO UPDATE SET definition = excluded.definition, secret = excluded.secret`),
  get: statement(`SELECT ${WEBHOOK} FROM codepipeline_webhooks WHERE ${KEY} AND name = ?`),
  byPath: statement(`SELECT ${WEBHOOK} FROM codepipeline_webhooks WHERE path = ?`),
  after: statement(`SELECT ${WEBHOOK} FROM codepipeline_webhooks WHERE ${KEY} AND name > ? ORDER BY name LIMIT ?`),
  delete: statement(`DELETE FROM codepipeline_webhooks WHERE ${KEY} AND name = ?`),
  triggered: statement(`UPDATE codepipeline_webhooks SET triggered = ? WHERE ${KEY} AND name = ?`),
};

export function webhookArn({ account, region, name }: Pick<WebhookRow, 'account' | 'region' | 'name'>): string {
  return formatArn('codepipeline', region, account, `webhook:${name}`);
}

/** Whether the ARN is that of a webhook in this account and region. */
export async function isWebhook(db: Reader, { account, region }: Place, arn: string): Promise<boolean> {
  const name = /:webhook:([^:]+)$/.exec(arn)?.[1] ?? '';
  return arn === webhookArn({ account, region, name }) && (await db.get(webhookSql.get, account, region, name)) !== undefined;
}

export function definitionOf(row: WebhookRow): WebhookDefinition {
  return JSON.parse(row.definition) as WebhookDefinition;
}
