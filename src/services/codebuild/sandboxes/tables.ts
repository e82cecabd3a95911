import { statement, type Migration } from '../../../ports/database.ts';

export const sandboxMigrations: readonly Migration[] = [
  {
    id: '0008-sandboxes',
    sql: [
      `CREATE TABLE codebuild_sandboxes (account TEXT NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL, project TEXT NOT NULL,
         requested BIGINT NOT NULL, token TEXT, data TEXT NOT NULL, PRIMARY KEY (account, region, id))`,
      `CREATE UNIQUE INDEX codebuild_sandboxes_token ON codebuild_sandboxes (account, region, project, token)`,
      `CREATE INDEX codebuild_sandboxes_requested ON codebuild_sandboxes (account, region, requested, id)`,
      `CREATE TABLE codebuild_commands (account TEXT NOT NULL, region TEXT NOT NULL, sandbox TEXT NOT NULL, id TEXT NOT NULL,
         open INTEGER NOT NULL, data TEXT NOT NULL, PRIMARY KEY (account, region, sandbox, id))`,
    ],
  },
];

const KEY = 'account = ? AND region = ?';
const BEFORE = '(requested < ? OR (requested = ? AND id < ?))';
const AFTER = '(requested > ? OR (requested = ? AND id > ?))';

export const sandboxSql = {
  upsert: statement(`INSERT INTO codebuild_sandboxes (account, region, id, project, requested, token, data) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, region, id) DO UPDATE SET data = excluded.data`),
  get: statement(`SELECT data FROM codebuild_sandboxes WHERE ${KEY} AND id = ?`),
  byToken: statement(`SELECT data FROM codebuild_sandboxes WHERE ${KEY} AND project = ? AND token = ?`),
  descending: statement(`SELECT id, requested FROM codebuild_sandboxes WHERE ${KEY} AND project LIKE ? ESCAPE '\\' AND ${BEFORE}
    ORDER BY requested DESC, id DESC LIMIT ?`),
  ascending: statement(`SELECT id, requested FROM codebuild_sandboxes WHERE ${KEY} AND project LIKE ? ESCAPE '\\' AND ${AFTER}
    ORDER BY requested, id LIMIT ?`),
};

const SANDBOX = `${KEY} AND sandbox = ?`;

/** Ids are in the order of their making. */
export const commandSql = {
  insert: statement(`INSERT INTO codebuild_commands (account, region, sandbox, id, open, data) VALUES (?, ?, ?, ?, 1, ?)`),
  /** Only while it has not ended: a word that comes twice, or after the sandbox's end, changes nothing. */
  update: statement(`UPDATE codebuild_commands SET open = ?, data = ? WHERE ${SANDBOX} AND id = ? AND open = 1`),
  get: statement(`SELECT data FROM codebuild_commands WHERE ${SANDBOX} AND id = ?`),
  open: statement(`SELECT data FROM codebuild_commands WHERE ${SANDBOX} AND open = 1 ORDER BY id LIMIT ?`),
  descending: statement(`SELECT data FROM codebuild_commands WHERE ${SANDBOX} AND id < ? ORDER BY id DESC LIMIT ?`),
  ascending: statement(`SELECT data FROM codebuild_commands WHERE ${SANDBOX} AND id > ? ORDER BY id LIMIT ?`),
};
