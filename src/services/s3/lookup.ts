import { s3Errors } from './errors.ts';
import { bucketSql, sliceSql, versionSql } from './tables.ts';
import type { BucketRow, SliceRow, VersionRow } from './tables.ts';
import type { Call, S3Tools } from './tools.ts';
import type { Slice } from '../../ports/blobs.ts';

/** The bucket of a call. Throws NoSuchBucket; AccessDenied for another account's, as policies between accounts are not evaluated yet. */
export async function findBucket({ tools, ctx }: Call, name: string, expectedOwner?: string): Promise<BucketRow> {
  const bucket = await tools.db.get<BucketRow>(bucketSql.find, name);
  if (!bucket) throw s3Errors.noSuchBucket(name);
  const isStranger = ctx.principal.kind !== 'anonymous' && bucket.account !== ctx.account;
  if (isStranger || (expectedOwner !== undefined && expectedOwner !== bucket.account)) throw s3Errors.accessDenied();
  return bucket;
}

/** A stored configuration of a bucket, or undefined. */
export async function findConfig<T>(tools: S3Tools, bucket: string, kind: string): Promise<T | undefined> {
  const row = await tools.db.get<{ readonly body: string }>(bucketSql.getConfig, bucket, kind);
  return row && (JSON.parse(row.body) as T);
}

export interface Target {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string | undefined;
}

/** The row that a request names: the current version, or the one with the id. May be a delete marker; undefined where nothing is. */
export async function findRow(tools: S3Tools, { Bucket, Key, VersionId }: Target): Promise<VersionRow | undefined> {
  if (VersionId === undefined) return tools.db.get<VersionRow>(versionSql.current, Bucket, Key);
  const row = await tools.db.get<VersionRow>(versionSql.find, Bucket, Key, VersionId);
  if (!row) throw s3Errors.noSuchVersion(Key, VersionId);
  return row;
}

/** The object that a request names. Delete markers are no objects: NoSuchKey where one is current, MethodNotAllowed where it is named. */
export async function findObject(tools: S3Tools, target: Target): Promise<VersionRow> {
  const row = await findRow(tools, target);
  if (!row) throw s3Errors.noSuchKey(target.Key);
  if (row.marker === 0) return row;
  const headers = { 'x-amz-delete-marker': 'true', 'x-amz-version-id': row.version };
  if (target.VersionId !== undefined) throw s3Errors.methodNotAllowed({ ...headers, allow: 'DELETE' });
  throw s3Errors.deleted(target.Key, headers);
}

/** Where the bytes of a version are. */
export async function slicesOf(tools: S3Tools, row: Pick<VersionRow, 'id' | 'sha256' | 'start' | 'size'>): Promise<readonly Slice[]> {
  if (row.sha256 !== null) return [{ sha256: row.sha256, offset: row.start, length: row.size }];
  return slicesOwnedBy(tools, row.id);
}

export async function slicesOwnedBy(tools: S3Tools, owner: string): Promise<readonly Slice[]> {
  const rows = await tools.db.all<SliceRow>(sliceSql.of, owner);
  return rows.map(({ sha256, start, length }) => ({ sha256, offset: start, length }));
}

/** The VersionId member: absent in buckets that were never versioned. */
export function shownVersion(bucket: Pick<BucketRow, 'versioning'>, version: string): { readonly VersionId?: string } {
  return bucket.versioning === '' ? {} : { VersionId: version };
}
