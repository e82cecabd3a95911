import { statement, type Migration } from '../../../ports/database.ts';

export const jobMigrations: readonly Migration[] = [
  {
    id: '0003-jobs',
    sql: [
      `CREATE TABLE codepipeline_action_types (account TEXT NOT NULL, region TEXT NOT NULL, category TEXT NOT NULL, owner TEXT NOT NULL,
         provider TEXT NOT NULL, version TEXT NOT NULL, deleted BIGINT, data TEXT NOT NULL, PRIMARY KEY (account, region, category, owner, provider, version))`,
      `CREATE TABLE codepipeline_jobs (id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, type TEXT NOT NULL, pipeline TEXT NOT NULL,
         execution TEXT NOT NULL, query TEXT NOT NULL, status TEXT NOT NULL, nonce TEXT NOT NULL, leased BIGINT NOT NULL, continuation TEXT, credential TEXT,
         created BIGINT NOT NULL)`,
      `CREATE INDEX codepipeline_jobs_type ON codepipeline_jobs (account, region, type, status, created)`,
    ],
  },
];

export interface ActionTypeRow {
  readonly account: string;
  readonly region: string;
  readonly category: string;
  readonly owner: string;
  readonly provider: string;
  readonly version: string;
  /** Epoch ms; null while it may be used in new pipelines. */
  readonly deleted: number | null;
  /** CustomType as JSON. */
  readonly data: string;
}

export type OpenStatus = 'Queued' | 'Dispatched' | 'InProgress';

export interface JobRow {
  /** The action execution's. */
  readonly id: string;
  readonly account: string;
  readonly region: string;
  /** catalogueKey of the action type. */
  readonly type: string;
  readonly pipeline: string;
  readonly execution: string;
  /** The queryable property's `name=value`, or nothing. */
  readonly query: string;
  readonly status: OpenStatus | 'Succeeded' | 'Failed';
  readonly nonce: string;
  /** Epoch ms until which the worker that took it may be silent. */
  readonly leased: number;
  readonly continuation: string | null;
  /** The access key that its worker was given. */
  readonly credential: string | null;
  readonly created: number;
}

const TYPE = 'account, region, category, owner, provider, version, deleted, data';
const JOB = 'id, account, region, type, pipeline, execution, query, status, nonce, leased, continuation, credential, created';

export const typeSql = {
  all: statement(`SELECT ${TYPE} FROM codepipeline_action_types`),
  insert: statement(`INSERT INTO codepipeline_action_types (${TYPE}) VALUES (?, ?, ?, ?, ?, ?, NULL, ?)`),
  count: statement(
    `SELECT COUNT(*) AS n FROM codepipeline_action_types WHERE account = ? AND region = ? AND owner = 'Custom' AND deleted IS NULL`,
  ),
  update: statement(`UPDATE codepipeline_action_types SET data = ?
    WHERE account = ? AND region = ? AND category = ? AND owner = ? AND provider = ? AND version = ?`),
  delete: statement(`UPDATE codepipeline_action_types SET deleted = ?
    WHERE account = ? AND region = ? AND category = ? AND owner = ? AND provider = ? AND version = ? AND deleted IS NULL`),
};

export const jobSql = {
  insert: statement(
    `INSERT INTO codepipeline_jobs (${JOB}) VALUES (?, ?, ?, ?, ?, ?, ?, 'Queued', ?, 0, NULL, NULL, ?) ON CONFLICT (id) DO NOTHING`,
  ),
  get: statement(`SELECT ${JOB} FROM codepipeline_jobs WHERE id = ?`),
  /** Those that nobody has, and those whose worker has been silent for too long. */
  offered: statement(`SELECT ${JOB} FROM codepipeline_jobs WHERE account = ? AND region = ? AND type = ?
    AND (status = 'Queued' OR (status IN ('Dispatched', 'InProgress') AND leased < ?)) ORDER BY created LIMIT ?`),
  take: statement(
    `UPDATE codepipeline_jobs SET status = 'Dispatched', nonce = ?, leased = ?, credential = ? WHERE id = ? AND nonce = ? AND leased = ?`,
  ),
  acknowledge: statement(`UPDATE codepipeline_jobs SET status = 'InProgress', leased = ? WHERE id = ? AND nonce = ?`),
  renew: statement(`UPDATE codepipeline_jobs SET leased = ? WHERE id = ? AND status = 'InProgress'`),
  requeue: statement(
    `UPDATE codepipeline_jobs SET status = 'Queued', nonce = ?, leased = 0, continuation = ? WHERE id = ? AND status = 'InProgress'`,
  ),
  end: statement(`UPDATE codepipeline_jobs SET status = ? WHERE id = ?`),
  delete: statement(`DELETE FROM codepipeline_jobs WHERE id = ?`),
  sweep: statement(`DELETE FROM codepipeline_jobs WHERE status IN ('Succeeded', 'Failed') AND created < ?`),
};
