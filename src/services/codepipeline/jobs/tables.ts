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
  {
    // An action has a job for each worker it was given to in turn: they share the run, and their ids tell them apart.
    id: '0004-job-turns',
    sql: [
      `ALTER TABLE codepipeline_jobs ADD COLUMN run TEXT NOT NULL DEFAULT ''`,
      `UPDATE codepipeline_jobs SET run = id`,
      `CREATE INDEX codepipeline_jobs_ended ON codepipeline_jobs (status, leased)`,
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
/** `TimedOut`: its worker was silent for too long, and another has the next job of the same run. */
export type OverStatus = 'Succeeded' | 'Failed' | 'TimedOut';

export interface JobRow {
  /** Of this job alone: a result names nothing else, so that who has lost the job cannot end it. */
  readonly id: string;
  /** The action execution's id. */
  readonly run: string;
  readonly account: string;
  readonly region: string;
  /** catalogueKey of the action type. */
  readonly type: string;
  readonly pipeline: string;
  readonly execution: string;
  /** The queryable property's `name=value`, or nothing. */
  readonly query: string;
  readonly status: OpenStatus | OverStatus;
  readonly nonce: string;
  /** Epoch ms until which the worker that took it may be silent; of a job that is over, when it ended. */
  readonly leased: number;
  readonly continuation: string | null;
  /** The access keys that its worker was given, with blanks between. */
  readonly credential: string | null;
  readonly created: number;
}

const TYPE = 'account, region, category, owner, provider, version, deleted, data';
const JOB = 'id, run, account, region, type, pipeline, execution, query, status, nonce, leased, continuation, credential, created';

export const typeSql = {
  all: statement(`SELECT ${TYPE} FROM codepipeline_action_types`),
  insert: statement(`INSERT INTO codepipeline_action_types (${TYPE}) VALUES (?, ?, ?, ?, ?, ?, NULL, ?)`),
  count: statement(
    `SELECT COUNT(*) AS n FROM codepipeline_action_types WHERE account = ? AND region = ? AND owner = 'Custom' AND deleted IS NULL`,
  ),
  update: statement(`UPDATE codepipeline_action_types SET data = ?
    WHERE account = ? AND region = ? AND category = ? AND owner = ? AND provider = ? AND version = ?`),
  restore: statement(`UPDATE codepipeline_action_types SET deleted = NULL
    WHERE account = ? AND region = ? AND category = ? AND owner = ? AND provider = ? AND version = ?`),
  delete: statement(`UPDATE codepipeline_action_types SET deleted = ?
    WHERE account = ? AND region = ? AND category = ? AND owner = ? AND provider = ? AND version = ? AND deleted IS NULL`),
};

/** Those that nobody has, and those whose worker has been silent for too long. */
const OFFERED = `SELECT ${JOB} FROM codepipeline_jobs WHERE account = ? AND region = ? AND type = ?
  AND (status = 'Queued' OR (status IN ('Dispatched', 'InProgress') AND leased < ?))`;
/** Not over, and still as it was read. */
const AS_READ = `id = ? AND status = ? AND nonce = ?`;

export const jobSql = {
  /** The first job of a run has the run's id, so that a second start finds it. */
  insert: statement(
    `INSERT INTO codepipeline_jobs (${JOB}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'Queued', ?, 0, NULL, NULL, ?) ON CONFLICT (id) DO NOTHING`,
  ),
  /** The next job of a run. */
  follow: statement(`INSERT INTO codepipeline_jobs (${JOB}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)`),
  get: statement(`SELECT ${JOB} FROM codepipeline_jobs WHERE id = ?`),
  offered: statement(`${OFFERED} ORDER BY created LIMIT ?`),
  offeredTo: statement(`${OFFERED} AND query = ? ORDER BY created LIMIT ?`),
  queued: statement(`SELECT ${JOB} FROM codepipeline_jobs WHERE account = ? AND region = ? AND type = ? AND status = 'Queued'`),
  take: statement(`UPDATE codepipeline_jobs SET status = 'Dispatched', nonce = ?, leased = ? WHERE ${AS_READ}`),
  acknowledge: statement(
    `UPDATE codepipeline_jobs SET status = 'InProgress', leased = ? WHERE id = ? AND nonce = ? AND status IN ('Dispatched', 'InProgress')`,
  ),
  renew: statement(`UPDATE codepipeline_jobs SET leased = ? WHERE id = ? AND status = 'InProgress'`),
  lend: statement(`UPDATE codepipeline_jobs SET credential = ? WHERE id = ?`),
  end: statement(`UPDATE codepipeline_jobs SET status = ?, leased = ?, credential = NULL WHERE ${AS_READ}`),
  endRun: statement(
    `UPDATE codepipeline_jobs SET status = 'TimedOut', leased = ? WHERE run = ? AND status IN ('Queued', 'Dispatched', 'InProgress')`,
  ),
  sweep: statement(`DELETE FROM codepipeline_jobs WHERE status IN ('Succeeded', 'Failed', 'TimedOut') AND leased < ?`),
};
