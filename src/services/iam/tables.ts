import { statement, type Migration } from '../../ports/database.ts';

/** Writes that change what an access key or a git credential means carry this topic: caches of credentials forget on it. */
export const CREDENTIALS_TOPIC = 'iam.credentials';

/**
 * Users, roles, groups, managed policies and instance profiles share one table: the same name, path, id and tags. What hangs on one
 * refers to its unique id, so that renaming touches one row and the database itself refuses to delete what is still in use.
 * IAM's names are unique regardless of case (`folded`) and belong to the account, not to a region:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const migrations: readonly Migration[] = [
  {
    id: '0001',
    sql: [
      `CREATE TABLE iam_entities (id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, folded TEXT NOT NULL,
         path TEXT NOT NULL, created BIGINT NOT NULL, boundary TEXT, data TEXT NOT NULL)`,
      `CREATE UNIQUE INDEX iam_entities_name ON iam_entities (account, kind, folded)`,
      `CREATE INDEX iam_entities_boundary ON iam_entities (boundary)`,
      `CREATE TABLE iam_tags (entity TEXT NOT NULL REFERENCES iam_entities (id), folded TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
         PRIMARY KEY (entity, folded))`,
      `CREATE TABLE iam_inline_policies (entity TEXT NOT NULL REFERENCES iam_entities (id), name TEXT NOT NULL, document TEXT NOT NULL,
         PRIMARY KEY (entity, name))`,
      `CREATE TABLE iam_policy_versions (policy TEXT NOT NULL REFERENCES iam_entities (id), version INTEGER NOT NULL, document TEXT NOT NULL,
         created BIGINT NOT NULL, PRIMARY KEY (policy, version))`,
      `CREATE TABLE iam_attachments (entity TEXT NOT NULL REFERENCES iam_entities (id), arn TEXT NOT NULL, name TEXT NOT NULL,
         policy TEXT REFERENCES iam_entities (id), PRIMARY KEY (entity, arn))`,
      `CREATE INDEX iam_attachments_arn ON iam_attachments (arn, entity)`,
      `CREATE INDEX iam_attachments_policy ON iam_attachments (policy)`,
      `CREATE TABLE iam_members (container TEXT NOT NULL REFERENCES iam_entities (id), member TEXT NOT NULL REFERENCES iam_entities (id),
         PRIMARY KEY (container, member))`,
      `CREATE INDEX iam_members_member ON iam_members (member, container)`,
      `CREATE TABLE iam_access_keys (id TEXT NOT NULL PRIMARY KEY, entity TEXT NOT NULL REFERENCES iam_entities (id), secret TEXT NOT NULL,
         status TEXT NOT NULL, created BIGINT NOT NULL, used BIGINT, used_service TEXT, used_region TEXT)`,
      `CREATE INDEX iam_access_keys_entity ON iam_access_keys (entity, id)`,
      `CREATE TABLE iam_service_credentials (id TEXT NOT NULL PRIMARY KEY, entity TEXT NOT NULL REFERENCES iam_entities (id), service TEXT NOT NULL,
         username TEXT NOT NULL UNIQUE, hash TEXT NOT NULL, status TEXT NOT NULL, created BIGINT NOT NULL)`,
      `CREATE INDEX iam_service_credentials_entity ON iam_service_credentials (entity, id)`,
      `CREATE TABLE iam_sessions (id TEXT NOT NULL PRIMARY KEY, entity TEXT NOT NULL, principal TEXT NOT NULL, secret TEXT NOT NULL, token TEXT NOT NULL,
         expires BIGINT NOT NULL)`,
      `CREATE INDEX iam_sessions_expires ON iam_sessions (expires)`,
      `CREATE INDEX iam_sessions_entity ON iam_sessions (entity)`,
    ],
  },
];

const ENTITY = 'id, account, kind, name, path, created, boundary, data';

export const entitySql = {
  insert: statement(
    `INSERT INTO iam_entities (id, account, kind, name, folded, path, created, boundary, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ),
  insertOnce:
    statement(`INSERT INTO iam_entities (id, account, kind, name, folded, path, created, boundary, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO NOTHING`),
  byName: statement(`SELECT ${ENTITY} FROM iam_entities WHERE account = ? AND kind = ? AND folded = ? AND name = ?`),
  byId: statement(`SELECT ${ENTITY} FROM iam_entities WHERE id = ?`),
  list: statement(`SELECT ${ENTITY}, folded AS cursor FROM iam_entities
    WHERE account = ? AND kind = ? AND substr(path, 1, ?) = ? AND folded > ? ORDER BY folded LIMIT ?`),
  rename: statement(`UPDATE iam_entities SET name = ?, folded = ?, path = ? WHERE id = ?`),
  setBoundary: statement(`UPDATE iam_entities SET boundary = ? WHERE id = ?`),
  /** Only while it is still as it was read. */
  setData: statement(`UPDATE iam_entities SET data = ? WHERE id = ? AND data = ?`),
  delete: statement(`DELETE FROM iam_entities WHERE id = ?`),
} as const;

export const keySql = {
  insert: statement(`INSERT INTO iam_access_keys (id, entity, secret, status, created) VALUES (?, ?, ?, ?, ?)`),
  /** With its owner: what a principal is made of. */
  find: statement(`SELECT k.id AS key_id, k.secret, k.status, k.used, k.used_service, k.used_region, e.id, e.account, e.kind, e.name, e.path
    FROM iam_access_keys k JOIN iam_entities e ON e.id = k.entity WHERE k.id = ?`),
  list: statement(`SELECT id, status, created, id AS cursor FROM iam_access_keys WHERE entity = ? AND id > ? ORDER BY id LIMIT ?`),
  oldest: statement(`SELECT id, secret FROM iam_access_keys WHERE entity = ? ORDER BY status, created, id LIMIT 1`),
  setStatus: statement(`UPDATE iam_access_keys SET status = ? WHERE id = ? AND entity = ?`),
  setUsed: statement(`UPDATE iam_access_keys SET used = ?, used_service = ?, used_region = ? WHERE id = ?`),
  delete: statement(`DELETE FROM iam_access_keys WHERE id = ? AND entity = ?`),
} as const;

export const sessionSql = {
  insert: statement(`INSERT INTO iam_sessions (id, entity, principal, secret, token, expires) VALUES (?, ?, ?, ?, ?, ?)`),
  find: statement(`SELECT id, principal, secret, token, expires FROM iam_sessions WHERE id = ?`),
  delete: statement(`DELETE FROM iam_sessions WHERE id = ?`),
  deleteOf: statement(`DELETE FROM iam_sessions WHERE entity = ?`),
  sweep: statement(`DELETE FROM iam_sessions WHERE expires < ?`),
} as const;

const touchWhile = (table: string, column: string) =>
  statement(`UPDATE iam_entities SET name = name WHERE id = ? AND (SELECT COUNT(*) FROM ${table} WHERE ${column} = ?) <= ?`);

/** Change nothing: their row count says whether, after the writes before them, the entity is there and holds no more than it may. */
export const quotaSql = {
  accessKeys: touchWhile('iam_access_keys', 'entity'),
} as const;
