import type { Api, PutObjectRequest } from '../api.gen.ts';
import { storeBody } from '../content.ts';
import { findBucket, findRow, shownVersion } from '../lookup.ts';
import { checkCondition, putVersion } from '../put-version.ts';
import { checksumsOf, factsOf } from '../request-facts.ts';
import type { Call, S3Tools } from '../tools.ts';

async function putObject(call: Call, input: PutObjectRequest): ReturnType<Api['putObject']> {
  const { tools } = call;
  const bucket = await findBucket(call, input.Bucket, input.ExpectedBucketOwner);
  const facts = factsOf(bucket, input);
  const options = { reason: 'PutObject', ifMatch: input.IfMatch, ifNoneMatch: input.IfNoneMatch };
  const isConditional = input.IfMatch !== undefined || input.IfNoneMatch !== undefined;
  if (isConditional) checkCondition(await findRow(tools, { Bucket: input.Bucket, Key: input.Key }), input.Key, options);
  const { slices, size, md5 } = await storeBody(tools, input.Body, input);
  const checksums = checksumsOf(call, input);
  const { version } = await putVersion(call, bucket, { key: input.Key, size, etag: md5, slices, checksums, ...facts }, options);
  const hasChecksum = Object.keys(checksums).length > 0;
  return {
    ETag: `"${md5}"`,
    ServerSideEncryption: facts.attributes.ServerSideEncryption ?? 'AES256',
    ...checksums,
    ...(hasChecksum && { ChecksumType: 'FULL_OBJECT' }),
    ...shownVersion(bucket, version),
  };
}

export function putOperations(tools: S3Tools): Pick<Api, 'putObject'> {
  return { putObject: (input, ctx) => putObject({ tools, ctx }, input) };
}
