import { statement, type Migration } from '../../ports/database.ts';

/** `ssm_parameters` says which version is the newest; all else of a parameter is said anew by each version. Values of SecureStrings are sealed. */
export const migrations: readonly Migration[] = [
  {
    id: '0001',
    sql: [
      `CREATE TABLE ssm_parameters (account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
         PRIMARY KEY (account, region, name))`,
      `CREATE TABLE ssm_versions (account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL,
         value TEXT NOT NULL, modified BIGINT NOT NULL, data TEXT NOT NULL, PRIMARY KEY (account, region, name, version))`,
      `CREATE TABLE ssm_labels (account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, label TEXT NOT NULL, version INTEGER NOT NULL,
         PRIMARY KEY (account, region, name, label))`,
      `CREATE TABLE ssm_tags (account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, tag TEXT NOT NULL, value TEXT NOT NULL,
         PRIMARY KEY (account, region, name, tag))`,
    ],
  },
];

export interface VersionRow {
  readonly name: string;
  readonly version: number;
  readonly type: 'String' | 'StringList' | 'SecureString';
  /** Sealed where the type is SecureString. */
  readonly value: string;
  /** Epoch ms. */
  readonly modified: number;
  /** VersionData as JSON. */
  readonly data: string;
}

export interface LabelRow {
  readonly label: string;
  readonly version: number;
}

export interface NamedLabelRow extends LabelRow {
  readonly name: string;
}

export interface TagRow {
  readonly tag: string;
  readonly value: string;
}

export interface NamedTagRow extends TagRow {
  readonly name: string;
}

const KEY = 'account = ? AND region = ?';
const COLUMNS = 'name, version, type, value, modified, data';
const NEWEST = `SELECT v.name, v.version, v.type, v.value, v.modified, v.data FROM ssm_parameters p JOIN ssm_versions v
  ON v.account = p.account AND v.region = p.region AND v.name = p.name AND v.version = p.version WHERE p.account = ? AND p.region = ?`;

export const sql = {
  insertParameter: statement(`INSERT INTO ssm_parameters (account, region, name, version) VALUES (?, ?, ?, 1)`),
  /** Fails where somebody else has written a version meanwhile. */
  advance: statement(`UPDATE ssm_parameters SET version = ? WHERE ${KEY} AND name = ? AND version = ?`),
  deleteParameter: statement(`DELETE FROM ssm_parameters WHERE ${KEY} AND name = ?`),
  newest: statement(`${NEWEST} AND p.name = ?`),
  newestAfter: statement(`${NEWEST} AND p.name > ? ORDER BY p.name LIMIT ?`),

  insertVersion: statement(
    `INSERT INTO ssm_versions (account, region, name, version, type, value, modified, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
  version: statement(`SELECT ${COLUMNS} FROM ssm_versions WHERE ${KEY} AND name = ? AND version = ?`),
  versionsAfter: statement(`SELECT ${COLUMNS} FROM ssm_versions WHERE ${KEY} AND name = ? AND version > ? ORDER BY version LIMIT ?`),
  oldest: statement(`SELECT ${COLUMNS} FROM ssm_versions WHERE ${KEY} AND name = ? ORDER BY version LIMIT 1`),
  countVersions: statement(`SELECT COUNT(*) AS count FROM ssm_versions WHERE ${KEY} AND name = ?`),
  deleteVersion: statement(`DELETE FROM ssm_versions WHERE ${KEY} AND name = ? AND version = ?`),
  deleteVersions: statement(`DELETE FROM ssm_versions WHERE ${KEY} AND name = ?`),

  labels: statement(`SELECT label, version FROM ssm_labels WHERE ${KEY} AND name = ? ORDER BY label`),
  allLabels: statement(`SELECT name, label, version FROM ssm_labels WHERE ${KEY}`),
  putLabel: statement(`INSERT INTO ssm_labels (account, region, name, label, version) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (account, region, name, label) DO UPDATE SET version = excluded.version`),
  deleteLabel: statement(`DELETE FROM ssm_labels WHERE ${KEY} AND name = ? AND label = ? AND version = ?`),
  deleteLabels: statement(`DELETE FROM ssm_labels WHERE ${KEY} AND name = ?`),

  tags: statement(`SELECT tag, value FROM ssm_tags WHERE ${KEY} AND name = ? ORDER BY tag`),
  allTags: statement(`SELECT name, tag, value FROM ssm_tags WHERE ${KEY}`),
  putTag: statement(`INSERT INTO ssm_tags (account, region, name, tag, value) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (account, region, name, tag) DO UPDATE SET value = excluded.value`),
  deleteTag: statement(`DELETE FROM ssm_tags WHERE ${KEY} AND name = ? AND tag = ?`),
  deleteTags: statement(`DELETE FROM ssm_tags WHERE ${KEY} AND name = ?`),
};
