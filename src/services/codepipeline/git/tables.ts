import { statement, type Migration } from '../../../ports/database.ts';

/**
 * `codepipeline_work` is what the event log told us to do outside: git events to be decided on and commit statuses to be told. Work of one
 * lane is done in the order of `seq`, the event's position. `codepipeline_cursor` moves in the same unit as the work it gave rise to.
 */
export const gitMigration: Migration = {
  id: '0002-git',
  sql: [
    `CREATE TABLE codepipeline_cursor (one INTEGER NOT NULL PRIMARY KEY, position BIGINT NOT NULL)`,
    `CREATE TABLE codepipeline_work (id TEXT NOT NULL PRIMARY KEY, lane TEXT NOT NULL, seq BIGINT NOT NULL, kind TEXT NOT NULL, data TEXT NOT NULL,
       created BIGINT NOT NULL, attempt INTEGER NOT NULL, due BIGINT NOT NULL)`,
    `CREATE INDEX codepipeline_work_due ON codepipeline_work (due)`,
    `CREATE INDEX codepipeline_work_lane ON codepipeline_work (lane, seq)`,
    `CREATE TABLE codepipeline_trigger_log (account TEXT NOT NULL, region TEXT NOT NULL, pipeline TEXT NOT NULL, id TEXT NOT NULL, at BIGINT NOT NULL,
       source TEXT NOT NULL, event TEXT NOT NULL, verdict TEXT NOT NULL, reason TEXT NOT NULL, execution TEXT, PRIMARY KEY (account, region, pipeline, id))`,
    `CREATE TABLE codepipeline_webhooks (account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL, definition TEXT NOT NULL,
       secret TEXT, triggered BIGINT, PRIMARY KEY (account, region, name))`,
    `CREATE UNIQUE INDEX codepipeline_webhooks_path ON codepipeline_webhooks (path)`,
  ],
};

export interface WorkRow {
  readonly id: string;
  readonly lane: string;
  readonly seq: number;
  readonly kind: string;
  /** JSON. */
  readonly data: string;
  readonly created: number;
  /** From 1. */
  readonly attempt: number;
  readonly due: number;
}

export interface DecisionRow {
  readonly at: number;
  readonly source: string;
  readonly event: string;
  readonly verdict: string;
  readonly reason: string;
  readonly execution: string | null;
}

const KEY = 'account = ? AND region = ? AND pipeline = ?';
const WORK = 'id, lane, seq, kind, data, created, attempt, due';

export const gitSql = {
  cursor: statement(`SELECT position FROM codepipeline_cursor WHERE one = 1`),
  /** Only ever forward. */
  moveCursor: statement(`INSERT INTO codepipeline_cursor (one, position) VALUES (1, ?)
    ON CONFLICT (one) DO UPDATE SET position = excluded.position WHERE codepipeline_cursor.position < excluded.position`),

  /** Newer work of the same id takes the place of older. */
  putWork: statement(`INSERT INTO codepipeline_work (${WORK}) VALUES (?, ?, ?, ?, ?, ?, 1, ?)
    ON CONFLICT (id) DO UPDATE SET seq = excluded.seq, data = excluded.data, created = excluded.created, attempt = 1, due = excluded.due
    WHERE codepipeline_work.seq < excluded.seq`),
  dueWork: statement(`SELECT ${WORK} FROM codepipeline_work WHERE due <= ? AND NOT EXISTS
    (SELECT 1 FROM codepipeline_work w WHERE w.lane = codepipeline_work.lane AND w.seq < codepipeline_work.seq) ORDER BY due, seq LIMIT ?`),
  nextDue: statement(`SELECT MIN(due) AS due FROM codepipeline_work WHERE due > ?`),
  retryWork: statement(`UPDATE codepipeline_work SET attempt = ?, due = ? WHERE id = ? AND seq = ?`),
  /** Not what has come meanwhile under the same id. */
  deleteWork: statement(`DELETE FROM codepipeline_work WHERE id = ? AND seq = ?`),

  insertDecision: statement(
    `INSERT INTO codepipeline_trigger_log (account, region, pipeline, id, at, source, event, verdict, reason, execution) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
  pruneDecisions: statement(`DELETE FROM codepipeline_trigger_log WHERE ${KEY} AND id <
    (SELECT id FROM codepipeline_trigger_log WHERE ${KEY} ORDER BY id DESC LIMIT 1 OFFSET ?)`),
  decisions: statement(
    `SELECT at, source, event, verdict, reason, execution FROM codepipeline_trigger_log WHERE ${KEY} ORDER BY id DESC LIMIT ?`,
  ),
  deleteDecisions: statement(`DELETE FROM codepipeline_trigger_log WHERE ${KEY}`),
};
