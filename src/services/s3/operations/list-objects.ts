import type { Api, Object as ListedObject } from '../api.gen.ts';
import { s3Errors } from '../errors.ts';
import { findBucket } from '../lookup.ts';
import { ownerOf } from '../rules/acl.ts';
import type { Attributes } from '../rules/attributes.ts';
import { Page, encodeKey, endOf, isBefore, startBehind } from '../rules/listing.ts';
import { versionSql } from '../tables.ts';
import type { BucketRow, VersionRow } from '../tables.ts';
import type { S3Tools } from '../tools.ts';

const MOST = 1000;

export interface Listing {
  readonly prefix: string;
  readonly delimiter: string | undefined;
  readonly max: number;
  /** Only keys strictly behind this. */
  readonly after: string;
}

/** One page of current objects. Keys below a common prefix are skipped by one seek each, not read. */
export async function listPage(tools: S3Tools, bucket: string, { prefix, delimiter, max, after }: Listing): Promise<Page<VersionRow>> {
  const page = new Page<VersionRow>(prefix, delimiter, max, after);
  if (max === 0) return page;
  const limit = max + 1;
  for (;;) {
    const fromPrefix = page.cursor === '' || isBefore(page.cursor, prefix);
    const sql = fromPrefix ? versionSql.listFrom : versionSql.listAfter;
    const rows = await tools.db.all<VersionRow>(sql, bucket, fromPrefix ? prefix : page.cursor, endOf(prefix), limit);
    for (const row of rows) if (!page.add(row)) return page;
    if (rows.length < limit) return page;
  }
}

export function listedEtag({ etag }: VersionRow): string {
  return `"${etag}"`;
}

function shown(row: VersionRow, bucket: BucketRow, encoding: string | undefined, withOwner: boolean): ListedObject {
  const { StorageClass } = JSON.parse(row.attributes) as Attributes;
  return {
    Key: encodeKey(row.key, encoding),
    LastModified: row.modified,
    ETag: listedEtag(row),
    Size: row.size,
    StorageClass: (StorageClass ?? 'STANDARD') as 'STANDARD',
    ...(withOwner && { Owner: ownerOf(bucket.account) }),
  };
}

interface Asked {
  readonly Prefix?: string;
  readonly Delimiter?: string;
  readonly MaxKeys?: number;
  readonly EncodingType?: string;
}

/** The members that both versions of the listing share. */
export function listingFacts(input: Asked, bucket: BucketRow, page: Page<VersionRow>) {
  const encode = <T extends string | undefined>(text: T): T => encodeKey(text, input.EncodingType);
  return {
    Name: bucket.name,
    Prefix: encode(input.Prefix ?? ''),
    MaxKeys: maxKeys(input.MaxKeys),
    IsTruncated: page.truncated,
    ...(input.Delimiter !== undefined && input.Delimiter !== '' && { Delimiter: encode(input.Delimiter) }),
    ...(input.EncodingType !== undefined && { EncodingType: 'url' as const }),
    ...(page.prefixes.length > 0 && { CommonPrefixes: page.prefixes.map((prefix) => ({ Prefix: encode(prefix) })) }),
  };
}

export function maxKeys(asked: number | undefined): number {
  if (asked !== undefined && asked < 0)
    throw s3Errors.invalidArgument('Argument maxKeys must be an integer between 0 and 2147483647', 'maxKeys', String(asked));
  return Math.min(asked ?? MOST, MOST);
}

function encodeToken(cursor: string): string {
  return Buffer.from(cursor).toString('base64url');
}

function decodeToken(token: string): string {
  if (token === '' || !/^[\w-]+$/.test(token))
    throw s3Errors.invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
  return Buffer.from(token, 'base64url').toString();
}

export function listOperations(tools: S3Tools): Pick<Api, 'listObjects' | 'listObjectsV2'> {
  return {
    async listObjects(input, ctx) {
      const bucket = await findBucket({ tools, ctx }, input.Bucket, input.ExpectedBucketOwner);
      const { Prefix: prefix = '', Delimiter: delimiter, Marker: marker = '' } = input;
      const after = startBehind(marker, prefix, delimiter);
      const page = await listPage(tools, bucket.name, { prefix, delimiter, max: maxKeys(input.MaxKeys), after });
      const encoding = input.EncodingType;
      return {
        ...listingFacts(input, bucket, page),
        Marker: encodeKey(marker, encoding),
        Contents: page.rows.map((row) => shown(row, bucket, encoding, true)),
        // Without a delimiter clients go on behind the last key themselves.
        ...(page.truncated && delimiter !== undefined && { NextMarker: encodeKey(page.last, encoding) }),
      };
    },
    async listObjectsV2(input, ctx) {
      const bucket = await findBucket({ tools, ctx }, input.Bucket, input.ExpectedBucketOwner);
      const { Prefix: prefix = '', Delimiter: delimiter, ContinuationToken: token, StartAfter: start } = input;
      const after = token === undefined ? startBehind(start ?? '', prefix, delimiter) : decodeToken(token);
      const page = await listPage(tools, bucket.name, { prefix, delimiter, max: maxKeys(input.MaxKeys), after });
      const encoding = input.EncodingType;
      return {
        ...listingFacts(input, bucket, page),
        KeyCount: page.rows.length + page.prefixes.length,
        Contents: page.rows.map((row) => shown(row, bucket, encoding, input.FetchOwner === true)),
        ...(token !== undefined && { ContinuationToken: token }),
        ...(start !== undefined && { StartAfter: encodeKey(start, encoding) }),
        ...(page.truncated && { NextContinuationToken: encodeToken(page.cursor) }),
      };
    },
  };
}
