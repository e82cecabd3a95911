import { s3Errors } from './errors.ts';
import { keepAll } from './content.ts';
import { findBucket, findObject, slicesOf } from './lookup.ts';
import { checkRead } from './rules/conditions.ts';
import { parseCopySource } from './rules/copy-source.ts';
import type { Slice } from '../../ports/blobs.ts';
import type { BucketRow, VersionRow } from './tables.ts';
import type { Call } from './tools.ts';

interface FromSource {
  readonly CopySource: string;
  readonly CopySourceIfMatch?: string;
  readonly CopySourceIfModifiedSince?: number;
  readonly CopySourceIfNoneMatch?: string;
  readonly CopySourceIfUnmodifiedSince?: number;
  readonly ExpectedSourceBucketOwner?: string;
}

export interface Source {
  readonly bucket: BucketRow;
  readonly row: VersionRow;
  readonly slices: readonly Slice[];
}

function checkConditions(input: FromSource, row: VersionRow): void {
  const verdict = checkRead(
    {
      ifMatch: input.CopySourceIfMatch,
      ifNoneMatch: input.CopySourceIfNoneMatch,
      ifModifiedSince: input.CopySourceIfModifiedSince,
      ifUnmodifiedSince: input.CopySourceIfUnmodifiedSince,
    },
    row,
  );
  // A copy has no "not modified": every condition that does not hold is a failed one.
  if (verdict !== 'proceed')
    throw s3Errors.preconditionFailed(verdict === 'notModified' ? 'x-amz-copy-source-If-None-Match' : `x-amz-copy-source-${verdict}`);
}

/** The object that a copy reads, whose bytes are kept until the copy is committed. */
export async function findSource(call: Call, input: FromSource): Promise<Source> {
  const source = parseCopySource(input.CopySource);
  if (!source)
    throw s3Errors.invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
      input.CopySource,
    );
  const bucket = await findBucket(call, source.bucket, input.ExpectedSourceBucketOwner);
  for (let attempt = 1; ; attempt++) {
    const row = await findObject(call.tools, { Bucket: source.bucket, Key: source.key, VersionId: source.version });
    checkConditions(input, row);
    const slices = await slicesOf(call.tools, row);
    if (await keepAll(call.tools, slices)) return { bucket, row, slices };
    // Deleted and collected since the row was read: look again, and find it gone or replaced.
    if (attempt === 5) throw s3Errors.busy();
  }
}
