import { statement, type Migration } from '../../../ports/database.ts';
import type { ServerType } from '../api.gen.ts';
import type { WebhookSettings } from '../rules/webhook/validate.ts';

export const webhookMigrations: readonly Migration[] = [
  {
    id: '0004-webhooks',
    sql: [
      `CREATE TABLE codebuild_webhooks (account TEXT NOT NULL, region TEXT NOT NULL, project TEXT NOT NULL, path TEXT NOT NULL,
         server TEXT NOT NULL, settings TEXT NOT NULL, secret TEXT NOT NULL, secret_at BIGINT NOT NULL, hook TEXT, hook_url TEXT,
         PRIMARY KEY (account, region, project))`,
      `CREATE UNIQUE INDEX codebuild_webhooks_path ON codebuild_webhooks (path)`,
      // Pull requests whose builds wait for an approval: what would have been started.
      `CREATE TABLE codebuild_waiting_pulls (path TEXT NOT NULL, repository TEXT NOT NULL, pull TEXT NOT NULL, commit_id TEXT NOT NULL,
         since BIGINT NOT NULL, event TEXT NOT NULL, PRIMARY KEY (path, repository, pull))`,
      `CREATE INDEX codebuild_waiting_pulls_since ON codebuild_waiting_pulls (since)`,
    ],
  },
];

export interface WebhookRow {
  readonly account: string;
  readonly region: string;
  readonly project: string;
  /** The last part of its URL. */
  readonly path: string;
  readonly server: ServerType;
  /** JSON. */
  readonly settings: string;
  /** Sealed. */
  readonly secret: string;
  /** Since when that is the secret, epoch ms. */
  readonly secret_at: number;
  /** What the git host calls the webhook and where it keeps it; null where people made it themselves. */
  readonly hook: string | null;
  readonly hook_url: string | null;
}

export function settingsOf({ settings }: Pick<WebhookRow, 'settings'>): WebhookSettings {
  return JSON.parse(settings) as WebhookSettings;
}

const KEY = 'account = ? AND region = ? AND project = ?';
const COLUMNS = 'account, region, project, path, server, settings, secret, secret_at, hook, hook_url';

export const webhookSql = {
  insert: statement(`INSERT INTO codebuild_webhooks (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`),
  update: statement(`UPDATE codebuild_webhooks SET settings = ?, secret = ?, secret_at = ?, hook = ?, hook_url = ? WHERE ${KEY}`),
  get: statement(`SELECT ${COLUMNS} FROM codebuild_webhooks WHERE ${KEY}`),
  byPath: statement(`SELECT ${COLUMNS} FROM codebuild_webhooks WHERE path = ?`),
  delete: statement(`DELETE FROM codebuild_webhooks WHERE ${KEY}`),

  putWaiting: statement(`INSERT INTO codebuild_waiting_pulls (path, repository, pull, commit_id, since, event) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (path, repository, pull) DO UPDATE SET commit_id = excluded.commit_id, since = excluded.since, event = excluded.event`),
  waiting: statement(`SELECT event FROM codebuild_waiting_pulls WHERE path = ? AND repository = ? AND pull = ? AND commit_id = ?`),
  deleteWaiting: statement(`DELETE FROM codebuild_waiting_pulls WHERE path = ? AND repository = ? AND pull = ?`),
  deleteWaitingOf: statement(`DELETE FROM codebuild_waiting_pulls WHERE path = ?`),
  pruneWaiting: statement(`DELETE FROM codebuild_waiting_pulls WHERE since < ?`),
};
