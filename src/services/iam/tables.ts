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
      `CREATE TABLE iam_attachments (entity TEXT NOT NULL REFERENCES iam_entities (id), arn TEXT NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL,
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
      `CREATE TABLE iam_deletions (account TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (account, id))`,
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
  /** Changes nothing: fails the unit where the entity is gone. */
  touch: statement(`UPDATE iam_entities SET name = name WHERE id = ?`),
  setBoundary: statement(`UPDATE iam_entities SET boundary = ? WHERE id = ?`),
  /** Only while it is still as it was read. */
  setData: statement(`UPDATE iam_entities SET data = ? WHERE id = ? AND data = ?`),
  delete: statement(`DELETE FROM iam_entities WHERE id = ?`),
  /** What keeps an entity from being deleted. */
  uses: statement(`SELECT (SELECT COUNT(*) FROM iam_attachments WHERE entity = ?) AS attached,
    (SELECT COUNT(*) FROM iam_inline_policies WHERE entity = ?) AS inline_policies,
    (SELECT COUNT(*) FROM iam_access_keys WHERE entity = ?) AS access_keys,
    (SELECT COUNT(*) FROM iam_service_credentials WHERE entity = ?) AS service_credentials,
    (SELECT COUNT(*) FROM iam_members WHERE container = ?) AS members,
    (SELECT COUNT(*) FROM iam_members WHERE member = ?) AS memberships,
    (SELECT COUNT(*) FROM iam_attachments WHERE policy = ?) AS attachments,
    (SELECT COUNT(*) FROM iam_policy_versions WHERE policy = ?) AS versions,
    (SELECT COUNT(*) FROM iam_entities WHERE boundary = ?) AS boundaries`),
} as const;

export const tagSql = {
  put: statement(`INSERT INTO iam_tags (entity, folded, name, value) VALUES (?, ?, ?, ?)
    ON CONFLICT (entity, folded) DO UPDATE SET name = excluded.name, value = excluded.value`),
  list: statement(`SELECT name, value, folded AS cursor FROM iam_tags WHERE entity = ? AND folded > ? ORDER BY folded LIMIT ?`),
  delete: statement(`DELETE FROM iam_tags WHERE entity = ? AND folded = ?`),
  deleteOf: statement(`DELETE FROM iam_tags WHERE entity = ?`),
} as const;

export const inlineSql = {
  put: statement(`INSERT INTO iam_inline_policies (entity, name, document) VALUES (?, ?, ?)
    ON CONFLICT (entity, name) DO UPDATE SET document = excluded.document`),
  find: statement(`SELECT document FROM iam_inline_policies WHERE entity = ? AND name = ?`),
  list: statement(`SELECT name, name AS cursor FROM iam_inline_policies WHERE entity = ? AND name > ? ORDER BY name LIMIT ?`),
  delete: statement(`DELETE FROM iam_inline_policies WHERE entity = ? AND name = ?`),
} as const;

const POLICY_ARN = `'arn:aws:iam::' || e.account || ':policy' || e.path || e.name`;
const POLICY = `e.id, e.account, e.kind, e.name, e.path, e.created, e.boundary, e.data,
  (SELECT COUNT(*) FROM iam_attachments a WHERE a.policy = e.id) AS attachments,
  (SELECT COUNT(*) FROM iam_entities b WHERE b.boundary = ${POLICY_ARN}) AS boundaries`;

export const policySql = {
  byName: statement(`SELECT ${POLICY} FROM iam_entities e WHERE e.account = ? AND e.kind = 'policy' AND e.folded = ? AND e.name = ?`),
  /** The two flags: only attached ones; only those that bound somebody. */
  list: statement(`SELECT ${POLICY}, e.folded AS cursor FROM iam_entities e
    WHERE e.account = ? AND e.kind = 'policy' AND substr(e.path, 1, ?) = ?
      AND (? = 0 OR EXISTS (SELECT 1 FROM iam_attachments a WHERE a.policy = e.id))
      AND (? = 0 OR EXISTS (SELECT 1 FROM iam_entities b WHERE b.boundary = ${POLICY_ARN}))
      AND e.folded > ? ORDER BY e.folded LIMIT ?`),
  insertVersion: statement(`INSERT INTO iam_policy_versions (policy, version, document, created) VALUES (?, ?, ?, ?)`),
  version: statement(`SELECT version, document, created FROM iam_policy_versions WHERE policy = ? AND version = ?`),
  versions: statement(`SELECT version, created, CAST(version AS TEXT) AS cursor FROM iam_policy_versions
    WHERE policy = ? AND version < ? ORDER BY version DESC LIMIT ?`),
  deleteVersion: statement(`DELETE FROM iam_policy_versions WHERE policy = ? AND version = ?`),
} as const;

export const attachmentSql = {
  insert: statement(
    `INSERT INTO iam_attachments (entity, arn, name, path, policy) VALUES (?, ?, ?, ?, ?) ON CONFLICT (entity, arn) DO NOTHING`,
  ),
  delete: statement(`DELETE FROM iam_attachments WHERE entity = ? AND arn = ?`),
  deleteOf: statement(`DELETE FROM iam_attachments WHERE entity = ?`),
  list: statement(`SELECT arn, name, arn AS cursor FROM iam_attachments
    WHERE entity = ? AND substr(path, 1, ?) = ? AND arn > ? ORDER BY arn LIMIT ?`),
  entities: statement(`SELECT e.kind, e.name, e.id, e.id AS cursor FROM iam_attachments a JOIN iam_entities e ON e.id = a.entity
    WHERE a.arn = ? AND e.account = ? AND (? = '' OR e.kind = ?) AND substr(e.path, 1, ?) = ? AND e.id > ? ORDER BY e.id LIMIT ?`),
  bounded: statement(`SELECT e.kind, e.name, e.id, e.id AS cursor FROM iam_entities e
    WHERE e.boundary = ? AND e.account = ? AND (? = '' OR e.kind = ?) AND substr(e.path, 1, ?) = ? AND e.id > ? ORDER BY e.id LIMIT ?`),
} as const;

/** Users in groups, roles in instance profiles. */
export const memberSql = {
  insert: statement(`INSERT INTO iam_members (container, member) VALUES (?, ?) ON CONFLICT (container, member) DO NOTHING`),
  delete: statement(`DELETE FROM iam_members WHERE container = ? AND member = ?`),
  members: statement(`SELECT ${ENTITY}, folded AS cursor FROM iam_entities
    WHERE id IN (SELECT member FROM iam_members WHERE container = ?) AND folded > ? ORDER BY folded LIMIT ?`),
  containers: statement(`SELECT ${ENTITY}, folded AS cursor FROM iam_entities
    WHERE id IN (SELECT container FROM iam_members WHERE member = ?) AND folded > ? ORDER BY folded LIMIT ?`),
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

const SERVICE_CREDENTIAL = `c.id, c.service, c.username, c.status, c.created, e.name AS user_name, c.id AS cursor`;

export const serviceCredentialSql = {
  insert: statement(
    `INSERT INTO iam_service_credentials (id, entity, service, username, hash, status, created) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  ),
  byUserName: statement(`SELECT c.hash, c.status, e.id, e.account, e.kind, e.name, e.path
    FROM iam_service_credentials c JOIN iam_entities e ON e.id = c.entity WHERE c.username = ?`),
  find: statement(
    `SELECT ${SERVICE_CREDENTIAL} FROM iam_service_credentials c JOIN iam_entities e ON e.id = c.entity WHERE c.entity = ? AND c.id = ?`,
  ),
  /** Of one user, or (with an empty id) of all of the account; of one service, or (empty) of all. */
  list: statement(`SELECT ${SERVICE_CREDENTIAL} FROM iam_service_credentials c JOIN iam_entities e ON e.id = c.entity
    WHERE e.account = ? AND (? = '' OR c.entity = ?) AND (? = '' OR c.service = ?) AND c.id > ? ORDER BY c.id LIMIT ?`),
  setHash: statement(`UPDATE iam_service_credentials SET hash = ? WHERE entity = ? AND id = ?`),
  setStatus: statement(`UPDATE iam_service_credentials SET status = ? WHERE entity = ? AND id = ?`),
  delete: statement(`DELETE FROM iam_service_credentials WHERE entity = ? AND id = ?`),
} as const;

/** Deletions of service-linked roles: AWS runs them as tasks that can be asked about. */
export const deletionSql = {
  insert: statement(`INSERT INTO iam_deletions (account, id) VALUES (?, ?)`),
  find: statement(`SELECT id FROM iam_deletions WHERE account = ? AND id = ?`),
} as const;

const touchWhile = (rows: string) =>
  statement(`UPDATE iam_entities SET name = name WHERE id = ? AND (SELECT COUNT(*) FROM ${rows} = ?) <= ?`);

/**
 * Parameters: the entity, whose rows are counted, the limit. They change nothing: their row count says whether, after the writes
 * before them, the entity is there and holds no more than it may.
 */
export const quotaSql = {
  accessKeys: touchWhile('iam_access_keys WHERE entity'),
  serviceCredentials: touchWhile('iam_service_credentials WHERE entity'),
  tags: touchWhile('iam_tags WHERE entity'),
  attachments: touchWhile('iam_attachments WHERE entity'),
  versions: touchWhile('iam_policy_versions WHERE policy'),
  memberships: touchWhile('iam_members WHERE member'),
  members: touchWhile('iam_members WHERE container'),
  boundaries: touchWhile('iam_entities WHERE boundary'),
} as const;
