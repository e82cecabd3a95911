import { write } from '../../../ports/database.ts';
import type { Statement } from '../../../ports/database.ts';
import type { Api, Grant, GetObjectAttributesRequest, Tag } from '../api.gen.ts';
import { s3Errors } from '../errors.ts';
import { findBucket, findConfig, findObject, shownVersion } from '../lookup.ts';
import { aclJson, tagsJson } from '../request-facts.ts';
import { ownerOf, ownersGrant } from '../rules/acl.ts';
import type { GrantHeaders } from '../rules/acl.ts';
import type { Attributes, Checksums } from '../rules/attributes.ts';
import { bucketSql, versionSql } from '../tables.ts';
import type { BucketRow, VersionRow } from '../tables.ts';
import type { Call, S3Tools } from '../tools.ts';

type FacetOperations = Pick<
  Api,
  | 'getObjectTagging'
  | 'putObjectTagging'
  | 'deleteObjectTagging'
  | 'getObjectAcl'
  | 'putObjectAcl'
  | 'getBucketAcl'
  | 'putBucketAcl'
  | 'getObjectAttributes'
>;

interface OnObject {
  readonly Bucket: string;
  readonly Key: string;
  readonly VersionId?: string;
  readonly ExpectedBucketOwner?: string;
}

async function look(call: Call, input: OnObject): Promise<{ bucket: BucketRow; row: VersionRow }> {
  const bucket = await findBucket(call, input.Bucket, input.ExpectedBucketOwner);
  return { bucket, row: await findObject(call.tools, input) };
}

/** Sets one column of the version. One that was replaced since it was looked up is left alone: the replacement came later. */
async function set({ tools }: Call, statement: Statement, value: string | null, row: VersionRow): Promise<void> {
  await tools.commits.commit([write(statement, [value, row.id, row.bucket, row.key])]);
}

interface AclInput extends GrantHeaders {
  readonly AccessControlPolicy?: { readonly Grants?: readonly Grant[] };
}

/** The grants that a Put…Acl request means: of its headers, or of its body. */
function givenAcl(bucket: BucketRow, input: AclInput): string {
  const fromHeaders = aclJson(bucket, input);
  if (fromHeaders !== null) return fromHeaders;
  if (input.AccessControlPolicy === undefined) throw s3Errors.missingSecurityHeader();
  return JSON.stringify(input.AccessControlPolicy.Grants ?? []);
}

function attributesOf(input: GetObjectAttributesRequest, row: VersionRow) {
  const asked = new Set<string>(input.ObjectAttributes);
  const checksums = JSON.parse(row.checksums) as Checksums;
  const sizes = row.parts === null ? [] : (JSON.parse(row.parts) as number[]);
  const { StorageClass } = JSON.parse(row.attributes) as Attributes;
  const type = sizes.length > 0 ? ('COMPOSITE' as const) : ('FULL_OBJECT' as const);
  return {
    ...(asked.has('ETag') && { ETag: row.etag }),
    ...(asked.has('ObjectSize') && { ObjectSize: row.size }),
    ...(asked.has('StorageClass') && { StorageClass: (StorageClass ?? 'STANDARD') as 'STANDARD' }),
    ...(asked.has('Checksum') && Object.keys(checksums).length > 0 && { Checksum: { ...checksums, ChecksumType: type } }),
    ...(asked.has('ObjectParts') && sizes.length > 0 && { ObjectParts: { TotalPartsCount: sizes.length } }),
  };
}

export function facetOperations(tools: S3Tools): FacetOperations {
  return {
    async getObjectTagging(input, ctx) {
      const { bucket, row } = await look({ tools, ctx }, input);
      return { TagSet: row.tags === null ? [] : (JSON.parse(row.tags) as Tag[]), ...shownVersion(bucket, row.version) };
    },
    async putObjectTagging(input, ctx) {
      const tags = tagsJson(input.Tagging.TagSet);
      const { bucket, row } = await look({ tools, ctx }, input);
      await set({ tools, ctx }, versionSql.setTags, tags, row);
      return shownVersion(bucket, row.version);
    },
    async deleteObjectTagging(input, ctx) {
      const { bucket, row } = await look({ tools, ctx }, input);
      await set({ tools, ctx }, versionSql.setTags, null, row);
      return shownVersion(bucket, row.version);
    },
    async getObjectAcl(input, ctx) {
      const { bucket, row } = await look({ tools, ctx }, input);
      const owner = ownerOf(bucket.account);
      return { Owner: owner, Grants: row.acl === null ? [ownersGrant(owner)] : (JSON.parse(row.acl) as Grant[]) };
    },
    async putObjectAcl(input, ctx) {
      const { bucket, row } = await look({ tools, ctx }, input);
      await set({ tools, ctx }, versionSql.setAcl, givenAcl(bucket, input), row);
      return {};
    },
    async getBucketAcl(input, ctx) {
      const bucket = await findBucket({ tools, ctx }, input.Bucket, input.ExpectedBucketOwner);
      const owner = ownerOf(bucket.account);
      return { Owner: owner, Grants: (await findConfig<Grant[]>(tools, bucket.name, 'acl')) ?? [ownersGrant(owner)] };
    },
    async putBucketAcl(input, ctx) {
      const bucket = await findBucket({ tools, ctx }, input.Bucket, input.ExpectedBucketOwner);
      await tools.commits.commit([write(bucketSql.putConfig, [bucket.name, 'acl', givenAcl(bucket, input)])]);
    },
    async getObjectAttributes(input, ctx) {
      const { bucket, row } = await look({ tools, ctx }, input);
      return { LastModified: row.modified, ...shownVersion(bucket, row.version), ...attributesOf(input, row) };
    },
  };
}
