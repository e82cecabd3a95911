import type { Slice } from '../../../ports/blobs.ts';
import { WriteConflict, write } from '../../../ports/database.ts';
import type { Write } from '../../../ports/database.ts';
import type { Api, CompleteMultipartUploadRequest, CreateMultipartUploadRequest } from '../api.gen.ts';
import { s3Errors } from '../errors.ts';
import { findBucket, shownVersion, slicesOwnedBy } from '../lookup.ts';
import { putVersion } from '../put-version.ts';
import { factsOf } from '../request-facts.ts';
import type { Attributes, Checksums } from '../rules/attributes.ts';
import { compositeChecksums, multipartEtag, selectParts } from '../rules/multipart.ts';
import type { StoredPart } from '../rules/multipart.ts';
import { uploadSql } from '../tables.ts';
import type { BucketRow, PartRow } from '../tables.ts';
import type { Call, S3Tools } from '../tools.ts';
import { findUpload } from '../uploads.ts';

const MOST_PARTS = 10_000;

async function create({ tools, ctx }: Call, input: CreateMultipartUploadRequest): ReturnType<Api['createMultipartUpload']> {
  const bucket = await findBucket({ tools, ctx }, input.Bucket, input.ExpectedBucketOwner);
  const { attributes, tags, acl } = factsOf(bucket, input);
  const id = tools.ids.uuid();
  const { ChecksumAlgorithm: algorithm, ChecksumType: type } = input;
  const params = [id, bucket.name, input.Key, tools.clock.now(), JSON.stringify(attributes), tags, acl, algorithm ?? null, type ?? null];
  await tools.commits.commit([write(uploadSql.insert, params)]).catch((error: unknown) => {
    throw error instanceof WriteConflict ? s3Errors.noSuchBucket(bucket.name) : error;
  });
  return {
    Bucket: bucket.name,
    Key: input.Key,
    UploadId: id,
    ServerSideEncryption: attributes.ServerSideEncryption ?? 'AES256',
    ...(algorithm !== undefined && { ChecksumAlgorithm: algorithm }),
    ...(type !== undefined && { ChecksumType: type }),
  };
}

interface Chosen extends StoredPart {
  readonly id: string;
}

/** The listed parts, as the rules allow them. */
async function choose({ tools }: Call, input: CompleteMultipartUploadRequest): Promise<readonly Chosen[]> {
  const rows = await tools.db.all<PartRow>(uploadSql.parts, input.UploadId, 0, MOST_PARTS);
  const stored = rows.map(({ number, id, etag, size, checksums }): Chosen => ({
    number,
    id,
    etag,
    size,
    checksums: JSON.parse(checksums) as Checksums,
  }));
  const selection = selectParts(input.MultipartUpload?.Parts ?? [], stored);
  switch (selection.kind) {
    case 'parts':
      return selection.parts as readonly Chosen[];
    case 'empty':
      throw s3Errors.malformedXml();
    case 'order':
      throw s3Errors.invalidPartOrder();
    case 'missing':
      throw s3Errors.invalidPart();
    case 'small':
      throw s3Errors.entityTooSmall();
  }
}

/** The upload goes in the commit that makes the object: completing twice, or aborting in between, loses. */
function closeUpload(id: string): Write[] {
  return [
    write(uploadSql.dropAllSlices, [id]),
    write(uploadSql.deleteParts, [id]),
    write(uploadSql.delete, [id], { expect: 1, label: 'upload' }),
  ];
}

async function assemble(call: Call, input: CompleteMultipartUploadRequest) {
  const parts = await choose(call, input);
  const slices: Slice[] = [];
  for (const { id } of parts) slices.push(...(await slicesOwnedBy(call.tools, id)));
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  if (input.MpuObjectSize !== undefined && input.MpuObjectSize !== size) {
    throw s3Errors.InvalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${input.MpuObjectSize} does not match what was computed: ${size}`,
    );
  }
  return { slices, size, etag: multipartEtag(parts), parts: parts.map((part) => part.size), checksums: compositeChecksums(parts) };
}

async function complete(call: Call, bucket: BucketRow, input: CompleteMultipartUploadRequest): ReturnType<Api['completeMultipartUpload']> {
  const upload = await findUpload(call.tools, input);
  const assembled = await assemble(call, input);
  const attributes = JSON.parse(upload.attributes) as Attributes;
  const fresh = { key: upload.key, ...assembled, attributes, tags: upload.tags, acl: upload.acl };
  const { version } = await putVersion(call, bucket, fresh, {
    reason: 'CompleteMultipartUpload',
    ifMatch: input.IfMatch,
    ifNoneMatch: input.IfNoneMatch,
    also: closeUpload(upload.id),
  });
  return {
    Location: `${call.ctx.endpoint}/${bucket.name}/${encodeURIComponent(input.Key).replaceAll('%2F', '/')}`,
    Bucket: bucket.name,
    Key: input.Key,
    ETag: `"${assembled.etag}"`,
    ServerSideEncryption: attributes.ServerSideEncryption ?? 'AES256',
    ...assembled.checksums,
    ...(Object.keys(assembled.checksums).length > 0 && { ChecksumType: 'COMPOSITE' as const }),
    ...shownVersion(bucket, version),
  };
}

export function multipartOperations(
  tools: S3Tools,
): Pick<Api, 'createMultipartUpload' | 'completeMultipartUpload' | 'abortMultipartUpload'> {
  return {
    createMultipartUpload: (input, ctx) => create({ tools, ctx }, input),
    async completeMultipartUpload(input, ctx) {
      const call = { tools, ctx };
      return complete(call, await findBucket(call, input.Bucket, input.ExpectedBucketOwner), input);
    },
    async abortMultipartUpload(input, ctx) {
      await findBucket({ tools, ctx }, input.Bucket, input.ExpectedBucketOwner);
      const { id } = await findUpload(tools, input);
      await tools.commits.commit(closeUpload(id)).catch((error: unknown) => {
        throw error instanceof WriteConflict ? s3Errors.noSuchUpload(id) : error;
      });
      return {};
    },
  };
}
