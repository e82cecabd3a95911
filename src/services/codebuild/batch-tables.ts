import { statement, type Migration } from '../../ports/database.ts';

export const batchMigrations: readonly Migration[] = [
  {
    id: '0003-batches',
    sql: [
      `CREATE TABLE codebuild_batches (account TEXT NOT NULL, region TEXT NOT NULL, id TEXT NOT NULL, project TEXT NOT NULL, submitted BIGINT NOT NULL,
         status TEXT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (account, region, id))`,
      `CREATE INDEX codebuild_batches_submitted ON codebuild_batches (account, region, submitted, id)`,
      `CREATE INDEX codebuild_batches_project ON codebuild_batches (account, region, project, submitted, id)`,
      `CREATE TABLE codebuild_batch_numbers (account TEXT NOT NULL, region TEXT NOT NULL, project TEXT NOT NULL, number INTEGER NOT NULL,
         PRIMARY KEY (account, region, project))`,
      `CREATE TABLE codebuild_batch_tokens (account TEXT NOT NULL, region TEXT NOT NULL, project TEXT NOT NULL, token TEXT NOT NULL, batch TEXT NOT NULL,
         PRIMARY KEY (account, region, project, token))`,
    ],
  },
];

const KEY = 'account = ? AND region = ?';
const OLDER = '(submitted < ? OR (submitted = ? AND id < ?))';
const NEWER = '(submitted > ? OR (submitted = ? AND id > ?))';
// One statement for all filters: `%` is any project, any status.
const LIST = `SELECT id, submitted FROM codebuild_batches WHERE ${KEY}`;

export const batchSql = {
  /** Allots a batch number: touches no row where somebody else has taken it meanwhile. */
  takeNumber: statement(`INSERT INTO codebuild_batch_numbers (account, region, project, number) VALUES (?, ?, ?, ?)
    ON CONFLICT (account, region, project) DO UPDATE SET number = excluded.number WHERE codebuild_batch_numbers.number = excluded.number - 1`),
  number: statement(`SELECT number FROM codebuild_batch_numbers WHERE ${KEY} AND project = ?`),
  token: statement(`SELECT batch FROM codebuild_batch_tokens WHERE ${KEY} AND project = ? AND token = ?`),
  insertToken: statement(`INSERT INTO codebuild_batch_tokens (account, region, project, token, batch) VALUES (?, ?, ?, ?, ?)`),
  upsert: statement(`INSERT INTO codebuild_batches (account, region, id, project, submitted, status, data) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (account, region, id) DO UPDATE SET status = excluded.status, data = excluded.data`),
  batch: statement(`SELECT data FROM codebuild_batches WHERE ${KEY} AND id = ?`),
  remove: statement(`DELETE FROM codebuild_batches WHERE ${KEY} AND id = ?`),
  descending: statement(`${LIST} AND status LIKE ? AND ${OLDER} ORDER BY submitted DESC, id DESC LIMIT ?`),
  ascending: statement(`${LIST} AND status LIKE ? AND ${NEWER} ORDER BY submitted, id LIMIT ?`),
  ofProjectDescending: statement(`${LIST} AND project = ? AND status LIKE ? AND ${OLDER} ORDER BY submitted DESC, id DESC LIMIT ?`),
  ofProjectAscending: statement(`${LIST} AND project = ? AND status LIKE ? AND ${NEWER} ORDER BY submitted, id LIMIT ?`),
};
