import { statement, type Migration } from '../../ports/database.ts';

/** Who opened a shell where, and when. A session's channel is in memory only: one that has no end here and is not there has ended with a server. */
export const sessionMigrations: readonly Migration[] = [
  {
    id: '0001',
    sql: [
      `CREATE TABLE shell_sessions (account TEXT NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL, target TEXT NOT NULL, owner TEXT NOT NULL,
         document TEXT, reason TEXT, started BIGINT NOT NULL, ended BIGINT, details TEXT, PRIMARY KEY (account, region, id))`,
      `CREATE INDEX shell_sessions_started ON shell_sessions (account, region, started, id)`,
    ],
  },
];

export interface SessionRow {
  readonly id: string;
  readonly target: string;
  readonly owner: string;
  readonly document: string | null;
  readonly reason: string | null;
  readonly started: number;
  readonly ended: number | null;
  readonly details: string | null;
}

const KEY = 'account = ? AND region = ?';
const COLUMNS = 'id, target, owner, document, reason, started, ended, details';
const PAGE = '(started < ? OR (started = ? AND id < ?)) ORDER BY started DESC, id DESC LIMIT ?';

export const sql = {
  insert: statement(
    `INSERT INTO shell_sessions (account, region, id, target, owner, document, reason, started) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
  get: statement(`SELECT ${COLUMNS} FROM shell_sessions WHERE ${KEY} AND id = ?`),
  active: statement(`SELECT ${COLUMNS} FROM shell_sessions WHERE ${KEY} AND ended IS NULL AND ${PAGE}`),
  history: statement(`SELECT ${COLUMNS} FROM shell_sessions WHERE ${KEY} AND ended IS NOT NULL AND ${PAGE}`),
  end: statement(`UPDATE shell_sessions SET ended = ?, details = ? WHERE ${KEY} AND id = ? AND ended IS NULL`),
  endAll: statement(`UPDATE shell_sessions SET ended = ?, details = ? WHERE ended IS NULL`),
  prune: statement(`DELETE FROM shell_sessions WHERE ended < ?`),
};
