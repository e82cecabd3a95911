import { createHash } from 'node:crypto';
import { SliceBody } from '../../../ports/blobs.ts';
import type { Api, UploadPartCopyRequest, UploadPartRequest } from '../api.gen.ts';
import { cut, storeBody } from '../content.ts';
import { findSource } from '../copying.ts';
import { s3Errors } from '../errors.ts';
import { findBucket } from '../lookup.ts';
import { checksumsOf } from '../request-facts.ts';
import { ownerOf } from '../rules/acl.ts';
import type { Attributes, Checksums } from '../rules/attributes.ts';
import { encodeKey, endOf } from '../rules/listing.ts';
import { parseCopyRange } from '../rules/range.ts';
import { uploadSql } from '../tables.ts';
import type { PartRow, UploadRow } from '../tables.ts';
import type { Call, S3Tools } from '../tools.ts';
import { checkPartNumber, findUpload, putPart } from '../uploads.ts';

type PartOperations = Pick<Api, 'uploadPart' | 'uploadPartCopy' | 'listParts' | 'listMultipartUploads'>;

const MOST = 1000;

async function uploadPart(call: Call, input: UploadPartRequest): ReturnType<Api['uploadPart']> {
  const { tools } = call;
  await findBucket(call, input.Bucket, input.ExpectedBucketOwner);
  checkPartNumber(input.PartNumber);
  const upload = await findUpload(tools, input);
  const content = await storeBody(tools, input.Body, input);
  const checksums = checksumsOf(call, input);
  await putPart(tools, upload.id, input.PartNumber, content, checksums);
  return { ETag: `"${content.md5}"`, ServerSideEncryption: 'AES256', ...checksums };
}

async function md5Of(body: SliceBody): Promise<string> {
  if (body.md5 !== undefined) return body.md5;
  const hash = createHash('md5');
  for await (const chunk of body) hash.update(chunk);
  return hash.digest('hex');
}

async function uploadPartCopy(call: Call, input: UploadPartCopyRequest): ReturnType<Api['uploadPartCopy']> {
  const { tools } = call;
  await findBucket(call, input.Bucket, input.ExpectedBucketOwner);
  checkPartNumber(input.PartNumber);
  const upload = await findUpload(tools, input);
  const { bucket, row, slices } = await findSource(call, input);
  const range = input.CopySourceRange === undefined ? { start: 0, end: row.size } : parseCopyRange(input.CopySourceRange, row.size);
  if (range === 'malformed') {
    throw s3Errors.invalidArgument(
      'The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy',
      'x-amz-copy-source-range',
      input.CopySourceRange,
    );
  }
  if (range === 'unsatisfiable') {
    throw s3Errors.invalidArgument(
      `Range specified is not valid for source object of size: ${row.size}`,
      'x-amz-copy-source-range',
      input.CopySourceRange,
    );
  }
  const isWhole = range.end - range.start === row.size && row.parts === null;
  const body = new SliceBody(tools.blobs, cut(slices, range.start, range.end), isWhole ? row.etag : undefined);
  const md5 = await md5Of(body);
  const modified = await putPart(tools, upload.id, input.PartNumber, { slices: body.slices, size: body.size, md5 }, {});
  return {
    CopyPartResult: { ETag: `"${md5}"`, LastModified: modified },
    ...(bucket.versioning !== '' && { CopySourceVersionId: row.version }),
  };
}

/** Who began it, and how it will be stored: what both listings show of an upload. */
function uploadFacts(upload: UploadRow, account: string) {
  const { StorageClass } = JSON.parse(upload.attributes) as Attributes;
  return {
    Owner: ownerOf(account),
    Initiator: ownerOf(account),
    StorageClass: (StorageClass ?? 'STANDARD') as 'STANDARD',
    ...(upload.algorithm !== null && { ChecksumAlgorithm: upload.algorithm as 'SHA256' }),
    ...(upload.checksum_type !== null && { ChecksumType: upload.checksum_type as 'COMPOSITE' }),
  };
}

export function partOperations(tools: S3Tools): PartOperations {
  return {
    uploadPart: (input, ctx) => uploadPart({ tools, ctx }, input),
    uploadPartCopy: (input, ctx) => uploadPartCopy({ tools, ctx }, input),
    async listParts(input, ctx) {
      const bucket = await findBucket({ tools, ctx }, input.Bucket, input.ExpectedBucketOwner);
      const upload = await findUpload(tools, input);
      const max = Math.min(input.MaxParts ?? MOST, MOST);
      const marker = input.PartNumberMarker ?? 0;
      const rows = await tools.db.all<PartRow>(uploadSql.parts, upload.id, marker, max + 1);
      const shown = rows.slice(0, max);
      return {
        ...uploadFacts(upload, bucket.account),
        Bucket: bucket.name,
        Key: upload.key,
        UploadId: upload.id,
        PartNumberMarker: marker,
        NextPartNumberMarker: shown.at(-1)?.number ?? 0,
        MaxParts: max,
        IsTruncated: rows.length > max,
        Parts: shown.map(({ number, etag, size, modified, checksums }) => ({
          PartNumber: number,
          ETag: `"${etag}"`,
          Size: size,
          LastModified: modified,
          ...(JSON.parse(checksums) as Checksums),
        })),
      };
    },
    async listMultipartUploads(input, ctx) {
      const bucket = await findBucket({ tools, ctx }, input.Bucket, input.ExpectedBucketOwner);
      const max = Math.min(input.MaxUploads ?? MOST, MOST);
      const { Prefix: prefix = '', KeyMarker: key = '', UploadIdMarker: id, EncodingType: encoding } = input;
      // A key marker alone skips all uploads of its key.
      const behind = [key, id === undefined ? endOf(key) : key, id ?? ''] as const;
      const rows = await tools.db.all<UploadRow>(uploadSql.list, bucket.name, ...behind, prefix, endOf(prefix), max + 1);
      const shown = rows.slice(0, max);
      return {
        Bucket: bucket.name,
        Prefix: encodeKey(prefix, encoding),
        KeyMarker: encodeKey(key, encoding),
        UploadIdMarker: id ?? '',
        MaxUploads: max,
        IsTruncated: rows.length > max,
        ...(rows.length > max && { NextKeyMarker: encodeKey(shown.at(-1)!.key, encoding), NextUploadIdMarker: shown.at(-1)!.id }),
        ...(encoding !== undefined && { EncodingType: 'url' as const }),
        Uploads: shown.map((upload) => ({
          ...uploadFacts(upload, bucket.account),
          UploadId: upload.id,
          Key: encodeKey(upload.key, encoding),
          Initiated: upload.created,
        })),
      };
    },
  };
}
