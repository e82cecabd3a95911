import type { Api, CopyObjectRequest } from '../api.gen.ts';
import { findSource } from '../copying.ts';
import type { Source } from '../copying.ts';
import { s3Errors } from '../errors.ts';
import { findBucket, shownVersion } from '../lookup.ts';
import { putVersion } from '../put-version.ts';
import { factsOf } from '../request-facts.ts';
import type { Attributes, Checksums } from '../rules/attributes.ts';
import type { BucketRow } from '../tables.ts';
import type { Call, S3Tools } from '../tools.ts';

/** Copying an object onto itself is allowed only where it changes something. */
function changesSomething(input: CopyObjectRequest, { row }: Source): boolean {
  return (
    input.MetadataDirective === 'REPLACE' ||
    input.TaggingDirective === 'REPLACE' ||
    input.StorageClass !== undefined ||
    input.WebsiteRedirectLocation !== undefined ||
    input.ServerSideEncryption !== undefined ||
    row.latest === 0
  );
}

/** The copy's attributes: the source's, or with REPLACE the request's; storage class and encryption are always the request's. */
function copiedAttributes(input: CopyObjectRequest, source: Attributes, given: Attributes): Attributes {
  if (input.MetadataDirective === 'REPLACE') return given;
  const { StorageClass: _class, WebsiteRedirectLocation: _redirect, ServerSideEncryption: _sse, ...kept } = source;
  const { StorageClass, WebsiteRedirectLocation, ServerSideEncryption, SSEKMSKeyId } = given;
  const asked = { StorageClass, WebsiteRedirectLocation, ServerSideEncryption, SSEKMSKeyId };
  return { ...kept, ...Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined)) };
}

/** S3 gives a copy of a multipart object the MD5 of its bytes; here it keeps its parts and with them its tag. */
function copyOf(input: CopyObjectRequest, target: BucketRow, { row, slices }: Source) {
  const facts = factsOf(target, input);
  return {
    key: input.Key,
    size: row.size,
    etag: row.etag,
    slices,
    attributes: copiedAttributes(input, JSON.parse(row.attributes) as Attributes, facts.attributes),
    checksums: JSON.parse(row.checksums) as Checksums,
    parts: row.parts === null ? undefined : (JSON.parse(row.parts) as number[]),
    tags: input.TaggingDirective === 'REPLACE' ? facts.tags : row.tags,
    acl: facts.acl,
  };
}

async function copyObject(call: Call, input: CopyObjectRequest): ReturnType<Api['copyObject']> {
  const target = await findBucket(call, input.Bucket, input.ExpectedBucketOwner);
  const source = await findSource(call, input);
  const { row } = source;
  const ontoItself = row.bucket === input.Bucket && row.key === input.Key;
  if (ontoItself && !changesSomething(input, source)) {
    throw s3Errors.InvalidRequest(
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const copy = copyOf(input, target, source);
  const options = { reason: 'CopyObject', ifMatch: input.IfMatch, ifNoneMatch: input.IfNoneMatch };
  const { version, modified } = await putVersion(call, target, copy, options);
  return {
    CopyObjectResult: { ETag: `"${row.etag}"`, LastModified: modified, ...copy.checksums },
    ServerSideEncryption: copy.attributes.ServerSideEncryption ?? 'AES256',
    ...shownVersion(target, version),
    ...(source.bucket.versioning !== '' && { CopySourceVersionId: row.version }),
  };
}

export function copyOperations(tools: S3Tools): Pick<Api, 'copyObject'> {
  return { copyObject: (input, ctx) => copyObject({ tools, ctx }, input) };
}
