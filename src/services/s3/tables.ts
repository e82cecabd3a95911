import { statement } from '../../ports/database.ts';
import type { Migration } from '../../ports/database.ts';

/**
 * Bucket names are one name space for all accounts and regions, as in AWS. Keys compare by their UTF-8 bytes (PostgreSQL: COLLATE "C").
 * A version's content is a slice of one blob, in its row; or, for multipart uploads and copies of them, the rows in s3_slice.
 */
export const migrations: readonly Migration[] = [
  {
    id: '0001-objects',
    sql: [
      `CREATE TABLE s3_bucket (
        name TEXT PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL, created INTEGER NOT NULL, versioning TEXT NOT NULL)`,
      `CREATE INDEX s3_bucket_account ON s3_bucket (account, name)`,
      `CREATE TABLE s3_bucket_config (
        bucket TEXT NOT NULL REFERENCES s3_bucket (name) ON DELETE CASCADE, kind TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (bucket, kind))`,
      `CREATE TABLE s3_version (
        bucket TEXT NOT NULL REFERENCES s3_bucket (name), object_key TEXT NOT NULL, version TEXT NOT NULL, id TEXT NOT NULL,
        latest INTEGER NOT NULL, marker INTEGER NOT NULL, size INTEGER NOT NULL, etag TEXT NOT NULL, modified INTEGER NOT NULL,
        sha256 TEXT, start INTEGER NOT NULL, attributes TEXT NOT NULL, checksums TEXT NOT NULL, parts TEXT, tags TEXT, acl TEXT,
        PRIMARY KEY (bucket, object_key, version))`,
      `CREATE UNIQUE INDEX s3_version_latest ON s3_version (bucket, object_key) WHERE latest = 1`,
      `CREATE INDEX s3_version_order ON s3_version (bucket, object_key, id)`,
      `CREATE INDEX s3_version_blob ON s3_version (sha256)`,
      `CREATE TABLE s3_upload (
        id TEXT PRIMARY KEY, bucket TEXT NOT NULL REFERENCES s3_bucket (name), object_key TEXT NOT NULL, created INTEGER NOT NULL,
        attributes TEXT NOT NULL, tags TEXT, acl TEXT, algorithm TEXT, checksum_type TEXT)`,
      `CREATE INDEX s3_upload_key ON s3_upload (bucket, object_key, id)`,
      `CREATE TABLE s3_part (
        upload TEXT NOT NULL REFERENCES s3_upload (id), number INTEGER NOT NULL, id TEXT NOT NULL, etag TEXT NOT NULL,
        size INTEGER NOT NULL, modified INTEGER NOT NULL, checksums TEXT NOT NULL, PRIMARY KEY (upload, number))`,
      `CREATE TABLE s3_slice (
        owner TEXT NOT NULL, position INTEGER NOT NULL, sha256 TEXT NOT NULL, start INTEGER NOT NULL, length INTEGER NOT NULL,
        PRIMARY KEY (owner, position))`,
      `CREATE INDEX s3_slice_blob ON s3_slice (sha256)`,
    ],
  },
];

export interface BucketRow {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  /** Epoch ms. */
  readonly created: number;
  /** Empty: never enabled. */
  readonly versioning: '' | 'Enabled' | 'Suspended';
}

export interface VersionRow {
  readonly bucket: string;
  readonly key: string;
  /** `null` (as text) for the version made while versioning was not enabled. */
  readonly version: string;
  /** UUIDv7: a key's versions in the order of their making. Owns the rows in s3_slice. */
  readonly id: string;
  readonly latest: 0 | 1;
  /** 1 for a delete marker. */
  readonly marker: 0 | 1;
  readonly size: number;
  /** Without quotes. */
  readonly etag: string;
  /** Epoch ms. */
  readonly modified: number;
  /** The blob that holds it all, from `start` on; null where the slices are rows. */
  readonly sha256: string | null;
  readonly start: number;
  /** JSON. */
  readonly attributes: string;
  readonly checksums: string;
  /** JSON: the parts' sizes, for objects of a multipart upload. */
  readonly parts: string | null;
  /** JSON: a TagSet. */
  readonly tags: string | null;
  /** JSON: Grants. */
  readonly acl: string | null;
}

export interface UploadRow {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly created: number;
  readonly attributes: string;
  readonly tags: string | null;
  readonly acl: string | null;
  readonly algorithm: string | null;
  readonly checksum_type: string | null;
}

export interface PartRow {
  readonly number: number;
  readonly id: string;
  readonly etag: string;
  readonly size: number;
  readonly modified: number;
  readonly checksums: string;
}

export interface SliceRow {
  readonly sha256: string;
  readonly start: number;
  readonly length: number;
}

const VERSION = `bucket, object_key AS key, version, id, latest, marker, size, etag, modified, sha256, start, attributes, checksums, parts, tags, acl`;

export const bucketSql = {
  insert: statement(`INSERT INTO s3_bucket (name, account, region, created, versioning) VALUES (?, ?, ?, ?, '')`),
  find: statement(`SELECT name, account, region, created, versioning FROM s3_bucket WHERE name = ?`),
  list: statement(`SELECT name, account, region, created, versioning FROM s3_bucket WHERE account = ? AND name > ? ORDER BY name LIMIT ?`),
  delete: statement(`DELETE FROM s3_bucket WHERE name = ?`),
  setVersioning: statement(`UPDATE s3_bucket SET versioning = ? WHERE name = ?`),
  putConfig: statement(`INSERT INTO s3_bucket_config (bucket, kind, body) VALUES (?, ?, ?)
    ON CONFLICT (bucket, kind) DO UPDATE SET body = excluded.body`),
  getConfig: statement(`SELECT body FROM s3_bucket_config WHERE bucket = ? AND kind = ?`),
  deleteConfig: statement(`DELETE FROM s3_bucket_config WHERE bucket = ? AND kind = ?`),
} as const;

export const versionSql = {
  current: statement(`SELECT ${VERSION} FROM s3_version WHERE bucket = ? AND object_key = ? AND latest = 1`),
  find: statement(`SELECT ${VERSION} FROM s3_version WHERE bucket = ? AND object_key = ? AND version = ?`),
  listFrom: statement(`SELECT ${VERSION} FROM s3_version
    WHERE bucket = ? AND latest = 1 AND marker = 0 AND object_key >= ? AND object_key <= ? ORDER BY object_key LIMIT ?`),
  listAfter: statement(`SELECT ${VERSION} FROM s3_version
    WHERE bucket = ? AND latest = 1 AND marker = 0 AND object_key > ? AND object_key <= ? ORDER BY object_key LIMIT ?`),
  versionsOfKey: statement(`SELECT ${VERSION} FROM s3_version WHERE bucket = ? AND object_key = ? AND id < ? ORDER BY id DESC LIMIT ?`),
  versionsFrom: statement(`SELECT ${VERSION} FROM s3_version
    WHERE bucket = ? AND object_key >= ? AND object_key <= ? ORDER BY object_key, id DESC LIMIT ?`),
  versionsAfter: statement(`SELECT ${VERSION} FROM s3_version
    WHERE bucket = ? AND object_key > ? AND object_key <= ? ORDER BY object_key, id DESC LIMIT ?`),
  /** Content of a version that is about to be replaced. */
  dropSlices: statement(`DELETE FROM s3_slice WHERE owner IN
    (SELECT id FROM s3_version WHERE bucket = ? AND object_key = ? AND version = ?)`),
  unsetLatest: statement(`UPDATE s3_version SET latest = 0 WHERE bucket = ? AND object_key = ? AND latest = 1`),
  setLatest: statement(`UPDATE s3_version SET latest = 1 WHERE bucket = ? AND object_key = ? AND id =
    (SELECT MAX(id) FROM s3_version WHERE bucket = ? AND object_key = ?)`),
  put: statement(`INSERT INTO s3_version (bucket, object_key, version, id, latest, marker, size, etag, modified, sha256, start, attributes,
      checksums, parts, tags, acl) VALUES (?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (bucket, object_key, version) DO UPDATE SET id = excluded.id, latest = 1, marker = excluded.marker, size = excluded.size,
      etag = excluded.etag, modified = excluded.modified, sha256 = excluded.sha256, start = excluded.start, attributes = excluded.attributes,
      checksums = excluded.checksums, parts = excluded.parts, tags = excluded.tags, acl = excluded.acl`),
  delete: statement(`DELETE FROM s3_version WHERE bucket = ? AND object_key = ? AND version = ?`),
  /** Changes nothing: its row count says whether an object is there, for conditional writes. */
  touchCurrent: statement(`UPDATE s3_version SET latest = 1 WHERE bucket = ? AND object_key = ? AND latest = 1 AND marker = 0`),
  touchTagged: statement(`UPDATE s3_version SET latest = 1 WHERE bucket = ? AND object_key = ? AND latest = 1 AND marker = 0 AND etag = ?`),
  setTags: statement(`UPDATE s3_version SET tags = ? WHERE id = ? AND bucket = ? AND object_key = ?`),
  setAcl: statement(`UPDATE s3_version SET acl = ? WHERE id = ? AND bucket = ? AND object_key = ?`),
  referenced: statement(`SELECT sha256 FROM s3_version WHERE sha256 = ? LIMIT 1`),
} as const;

export const sliceSql = {
  insert: statement(`INSERT INTO s3_slice (owner, position, sha256, start, length) VALUES (?, ?, ?, ?, ?)`),
  of: statement(`SELECT sha256, start, length FROM s3_slice WHERE owner = ? ORDER BY position`),
  referenced: statement(`SELECT sha256 FROM s3_slice WHERE sha256 = ? LIMIT 1`),
} as const;

const UPLOAD = `id, bucket, object_key AS key, created, attributes, tags, acl, algorithm, checksum_type`;

export const uploadSql = {
  insert: statement(`INSERT INTO s3_upload (id, bucket, object_key, created, attributes, tags, acl, algorithm, checksum_type)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`),
  find: statement(`SELECT ${UPLOAD} FROM s3_upload WHERE id = ?`),
  list: statement(`SELECT ${UPLOAD} FROM s3_upload
    WHERE bucket = ? AND (object_key > ? OR (object_key = ? AND id > ?)) AND object_key >= ? AND object_key <= ? ORDER BY object_key, id LIMIT ?`),
  delete: statement(`DELETE FROM s3_upload WHERE id = ?`),
  putPart: statement(`INSERT INTO s3_part (upload, number, id, etag, size, modified, checksums) VALUES (?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (upload, number) DO UPDATE SET id = excluded.id, etag = excluded.etag, size = excluded.size,
      modified = excluded.modified, checksums = excluded.checksums`),
  dropPartSlices: statement(`DELETE FROM s3_slice WHERE owner IN (SELECT id FROM s3_part WHERE upload = ? AND number = ?)`),
  dropAllSlices: statement(`DELETE FROM s3_slice WHERE owner IN (SELECT id FROM s3_part WHERE upload = ?)`),
  deleteParts: statement(`DELETE FROM s3_part WHERE upload = ?`),
  parts: statement(
    `SELECT number, id, etag, size, modified, checksums FROM s3_part WHERE upload = ? AND number > ? ORDER BY number LIMIT ?`,
  ),
} as const;
