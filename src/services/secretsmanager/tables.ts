import { statement, type Migration } from '../../ports/database.ts';

/** Values are sealed. `revision` grows with every change of versions and stages, so that two such changes cannot pass each other unseen. */
export const migrations: readonly Migration[] = [
  {
    id: '0001',
    sql: [
      `CREATE TABLE secretsmanager_secrets (account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, arn TEXT NOT NULL, revision INTEGER NOT NULL,
         description TEXT, kms_key TEXT, created BIGINT NOT NULL, changed BIGINT NOT NULL, accessed BIGINT, deleted BIGINT, purge BIGINT, policy TEXT,
         PRIMARY KEY (account, region, name))`,
      `CREATE UNIQUE INDEX secretsmanager_secrets_arn ON secretsmanager_secrets (arn)`,
      `CREATE TABLE secretsmanager_versions (arn TEXT NOT NULL, id TEXT NOT NULL, value TEXT NOT NULL, created BIGINT NOT NULL, PRIMARY KEY (arn, id))`,
      `CREATE TABLE secretsmanager_stages (arn TEXT NOT NULL, stage TEXT NOT NULL, version TEXT NOT NULL, PRIMARY KEY (arn, stage))`,
      `CREATE TABLE secretsmanager_tags (arn TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, name))`,
    ],
  },
];

export interface SecretRow {
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly arn: string;
  readonly revision: number;
  readonly description: string | null;
  readonly kms_key: string | null;
  /** All times are epoch ms. */
  readonly created: number;
  readonly changed: number;
  readonly accessed: number | null;
  /** When it was marked for deletion. */
  readonly deleted: number | null;
  /** When its recovery window ends. */
  readonly purge: number | null;
  readonly policy: string | null;
}

export interface VersionRow {
  readonly id: string;
  /** Sealed. */
  readonly value: string;
  readonly created: number;
}

export interface StageRow {
  readonly stage: string;
  readonly version: string;
}

export interface TagRow {
  readonly name: string;
  readonly value: string;
}

const KEY = 'account = ? AND region = ?';
const COLUMNS = 'account, region, name, arn, revision, description, kms_key, created, changed, accessed, deleted, purge, policy';

export const sql = {
  insertSecret: statement(`INSERT INTO secretsmanager_secrets (account, region, name, arn, revision, description, kms_key, created, changed)
    VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?)`),
  secret: statement(`SELECT ${COLUMNS} FROM secretsmanager_secrets WHERE ${KEY} AND name = ?`),
  secrets: statement(`SELECT ${COLUMNS} FROM secretsmanager_secrets WHERE ${KEY} ORDER BY created, name`),
  overdue: statement(`SELECT ${COLUMNS} FROM secretsmanager_secrets WHERE purge <= ?`),
  /** Fails where versions or stages have changed meanwhile. */
  advance: statement(`UPDATE secretsmanager_secrets SET revision = revision + 1, changed = ? WHERE arn = ? AND revision = ?`),
  describe: statement(`UPDATE secretsmanager_secrets SET description = ?, kms_key = ?, changed = ? WHERE arn = ?`),
  access: statement(`UPDATE secretsmanager_secrets SET accessed = ? WHERE arn = ?`),
  mark: statement(`UPDATE secretsmanager_secrets SET deleted = ?, purge = ?, changed = ? WHERE arn = ?`),
  setPolicy: statement(`UPDATE secretsmanager_secrets SET policy = ? WHERE arn = ?`),
  deleteSecret: statement(`DELETE FROM secretsmanager_secrets WHERE arn = ?`),

  insertVersion: statement(`INSERT INTO secretsmanager_versions (arn, id, value, created) VALUES (?, ?, ?, ?)`),
  version: statement(`SELECT id, value, created FROM secretsmanager_versions WHERE arn = ? AND id = ?`),
  versions: statement(`SELECT id, value, created FROM secretsmanager_versions WHERE arn = ? ORDER BY created, id`),
  deleteVersion: statement(`DELETE FROM secretsmanager_versions WHERE arn = ? AND id = ?`),
  deleteVersions: statement(`DELETE FROM secretsmanager_versions WHERE arn = ?`),

  stages: statement(`SELECT stage, version FROM secretsmanager_stages WHERE arn = ? ORDER BY stage`),
  insertStage: statement(`INSERT INTO secretsmanager_stages (arn, stage, version) VALUES (?, ?, ?)`),
  deleteStages: statement(`DELETE FROM secretsmanager_stages WHERE arn = ?`),

  tags: statement(`SELECT name, value FROM secretsmanager_tags WHERE arn = ? ORDER BY name`),
  putTag: statement(`INSERT INTO secretsmanager_tags (arn, name, value) VALUES (?, ?, ?)
    ON CONFLICT (arn, name) DO UPDATE SET value = excluded.value`),
  deleteTag: statement(`DELETE FROM secretsmanager_tags WHERE arn = ? AND name = ?`),
  deleteTags: statement(`DELETE FROM secretsmanager_tags WHERE arn = ?`),
};
