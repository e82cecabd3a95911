import { statement, type Migration } from '../../ports/database.ts';

/** What is in the streams lies in the log store, under each stream's `id`; here is only what there is. */
export const migrations: readonly Migration[] = [
  {
    id: '0001',
    sql: [
      `CREATE TABLE logs_groups (account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, created BIGINT NOT NULL, retention INTEGER,
         class TEXT NOT NULL, PRIMARY KEY (account, region, name))`,
      `CREATE TABLE logs_streams (account TEXT NOT NULL, region TEXT NOT NULL, log_group TEXT NOT NULL, name TEXT NOT NULL, id TEXT NOT NULL,
         created BIGINT NOT NULL, PRIMARY KEY (account, region, log_group, name))`,
      `CREATE TABLE logs_tags (arn TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, name))`,
    ],
  },
];

export interface GroupRow {
  readonly name: string;
  readonly created: number;
  readonly retention: number | null;
  readonly class: string;
}

export interface StreamRow {
  readonly name: string;
  readonly id: string;
  readonly created: number;
}

const KEY = 'account = ? AND region = ?';

export const sql = {
  insertGroup: statement(`INSERT INTO logs_groups (account, region, name, created, retention, class) VALUES (?, ?, ?, ?, NULL, ?)`),
  group: statement(`SELECT name, created, retention, class FROM logs_groups WHERE ${KEY} AND name = ?`),
  groupsAfter: statement(`SELECT name, created, retention, class FROM logs_groups WHERE ${KEY} AND name > ? ORDER BY name`),
  setRetention: statement(`UPDATE logs_groups SET retention = ? WHERE ${KEY} AND name = ?`),
  deleteGroup: statement(`DELETE FROM logs_groups WHERE ${KEY} AND name = ?`),

  /** Only into a group that is there: no row otherwise. */
  insertStream: statement(`INSERT INTO logs_streams (account, region, log_group, name, id, created)
    SELECT account, region, name, ?, ?, ? FROM logs_groups WHERE ${KEY} AND name = ?`),
  stream: statement(`SELECT name, id, created FROM logs_streams WHERE ${KEY} AND log_group = ? AND name = ?`),
  streams: statement(`SELECT name, id, created FROM logs_streams WHERE ${KEY} AND log_group = ? ORDER BY name`),
  deleteStream: statement(`DELETE FROM logs_streams WHERE ${KEY} AND log_group = ? AND name = ?`),
  deleteStreams: statement(`DELETE FROM logs_streams WHERE ${KEY} AND log_group = ?`),

  tags: statement(`SELECT name, value FROM logs_tags WHERE arn = ? ORDER BY name`),
  putTag: statement(
    `INSERT INTO logs_tags (arn, name, value) VALUES (?, ?, ?) ON CONFLICT (arn, name) DO UPDATE SET value = excluded.value`,
  ),
  deleteTag: statement(`DELETE FROM logs_tags WHERE arn = ? AND name = ?`),
  deleteTags: statement(`DELETE FROM logs_tags WHERE arn = ?`),
};
