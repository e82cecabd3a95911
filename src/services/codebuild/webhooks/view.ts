import type { Reader } from '../../../ports/database.ts';
import type { Webhook } from '../api.gen.ts';
import { settingsOf, webhookSql as sql, type WebhookRow } from './tables.ts';

/** Where webhooks of git hosts are received (planes/hooks.ts). */
const HOOKS = '/_pipewright/hooks/';

export function payloadUrl(endpoint: string, { path }: Pick<WebhookRow, 'path'>): string {
  return `${endpoint}${HOOKS}${path}`;
}

/** A webhook as it is shown: its secret only to whoever has just made it. */
export function webhookView(row: WebhookRow, endpoint: string, secret?: string): Webhook {
  const { filterGroups, ...settings } = settingsOf(row);
  return {
    ...settings,
    ...(filterGroups && {
      filterGroups: filterGroups.map((group) => group.map((filter) => ({ excludeMatchedPattern: false, ...filter }))),
    }),
    payloadUrl: payloadUrl(endpoint, row),
    ...(row.hook_url !== null && { url: row.hook_url }),
    ...(secret !== undefined && { secret }),
    lastModifiedSecret: row.secret_at,
    status: 'ACTIVE',
  };
}

export async function webhookOf(
  db: Reader,
  { account, region }: { readonly account: string; readonly region: string },
  project: string,
): Promise<WebhookRow | undefined> {
  return db.get<WebhookRow>(sql.get, account, region, project);
}
