import { parseRange } from '../../../kernel/byte-range.ts';
import type { Span } from '../../../kernel/byte-range.ts';
import { SliceBody } from '../../../ports/blobs.ts';
import type { Api, GetObjectRequest, HeadObjectRequest } from '../api.gen.ts';
import { cut } from '../content.ts';
import { s3Errors } from '../errors.ts';
import { findBucket, findObject, shownVersion, slicesOf } from '../lookup.ts';
import { shownAttributes } from '../rules/attributes.ts';
import type { Attributes, Checksums } from '../rules/attributes.ts';
import { checkRead } from '../rules/conditions.ts';
import type { BucketRow, VersionRow } from '../tables.ts';
import type { Call, S3Tools } from '../tools.ts';

type Request = GetObjectRequest | HeadObjectRequest;

/** Answers 304 and 412 as the request's conditions ask. */
function checkConditions(input: Request, row: VersionRow): void {
  const verdict = checkRead(
    {
      ifMatch: input.IfMatch,
      ifNoneMatch: input.IfNoneMatch,
      ifModifiedSince: input.IfModifiedSince,
      ifUnmodifiedSince: input.IfUnmodifiedSince,
    },
    row,
  );
  if (verdict === 'proceed') return;
  if (verdict !== 'notModified') throw s3Errors.preconditionFailed(verdict);
  throw s3Errors.notModified({ etag: `"${row.etag}"`, 'last-modified': new Date(row.modified).toUTCString() });
}

/** The bytes of one part of a multipart upload; an object that was put whole is its only part. */
function spanOfPart(row: VersionRow, number: number): Span & { readonly of: number | undefined } {
  const sizes = row.parts === null ? undefined : (JSON.parse(row.parts) as number[]);
  const all = sizes ?? [row.size];
  if (number > all.length) throw s3Errors.invalidRange(row.size);
  const start = all.slice(0, number - 1).reduce((sum, size) => sum + size, 0);
  return { start, end: start + all[number - 1]!, of: sizes?.length };
}

function spanOf(input: Request, row: VersionRow): (Span & { readonly of?: number | undefined }) | undefined {
  if (input.PartNumber !== undefined) {
    if (input.Range !== undefined) throw s3Errors.InvalidRequest('Cannot specify both Range header and partNumber query parameter');
    return spanOfPart(row, input.PartNumber);
  }
  const span = parseRange(input.Range, row.size);
  if (span === 'unsatisfiable') throw s3Errors.invalidRange(row.size);
  return span;
}

/** What a request may have shown otherwise, as `response-content-type` and its like ask. */
function overrides(input: Request): Partial<Attributes> {
  const asked = {
    CacheControl: input.ResponseCacheControl,
    ContentDisposition: input.ResponseContentDisposition,
    ContentEncoding: input.ResponseContentEncoding,
    ContentLanguage: input.ResponseContentLanguage,
    ContentType: input.ResponseContentType,
    Expires: input.ResponseExpires,
  };
  return Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined));
}

function describe(input: Request, bucket: BucketRow, row: VersionRow, span: (Span & { readonly of?: number | undefined }) | undefined) {
  const tags = row.tags === null ? 0 : (JSON.parse(row.tags) as unknown[]).length;
  const checksums = JSON.parse(row.checksums) as Checksums;
  // A checksum speaks of the whole object.
  const showsChecksums = input.ChecksumMode === 'ENABLED' && span === undefined && Object.keys(checksums).length > 0;
  return {
    ...shownAttributes(JSON.parse(row.attributes) as Attributes),
    ...overrides(input),
    ...(showsChecksums && { ...checksums, ChecksumType: row.parts === null ? ('FULL_OBJECT' as const) : ('COMPOSITE' as const) }),
    ...shownVersion(bucket, row.version),
    ...(span?.of !== undefined && { PartsCount: span.of }),
    ...(tags > 0 && { TagCount: tags }),
    ...(span && row.size > 0 && { ContentRange: `bytes ${span.start}-${span.end - 1}/${row.size}` }),
    AcceptRanges: 'bytes',
    ETag: `"${row.etag}"`,
    LastModified: row.modified,
    ContentLength: span ? span.end - span.start : row.size,
  };
}

async function look(call: Call, input: Request) {
  const bucket = await findBucket(call, input.Bucket, input.ExpectedBucketOwner);
  const row = await findObject(call.tools, input);
  checkConditions(input, row);
  const span = spanOf(input, row);
  return { row, span, shown: describe(input, bucket, row, span) };
}

/** A whole object's body carries its MD5 along, so that a copy through PutObject need not compute it. */
async function bodyOf(tools: S3Tools, row: VersionRow, span: Span | undefined): Promise<SliceBody> {
  const slices = await slicesOf(tools, row);
  if (span) return new SliceBody(tools.blobs, cut(slices, span.start, span.end));
  return new SliceBody(tools.blobs, slices, row.parts === null ? row.etag : undefined);
}

export function getOperations(tools: S3Tools): Pick<Api, 'getObject' | 'headObject'> {
  return {
    async getObject(input, ctx) {
      const { row, span, shown } = await look({ tools, ctx }, input);
      return { ...shown, Body: await bodyOf(tools, row, span) } as Awaited<ReturnType<Api['getObject']>>;
    },
    async headObject(input, ctx) {
      return (await look({ tools, ctx }, input)).shown as Awaited<ReturnType<Api['headObject']>>;
    },
  };
}
