import { ApiError } from '../../../protocol/errors.ts';
import type { Api, DeletedObject, Error as DeleteError, ObjectIdentifier } from '../api.gen.ts';
import { deleteVersion } from '../delete-version.ts';
import type { Deleted } from '../delete-version.ts';
import { s3Errors } from '../errors.ts';
import { findBucket } from '../lookup.ts';
import type { BucketRow } from '../tables.ts';
import type { Call, S3Tools } from '../tools.ts';

const MOST = 1000;

function shown({ Key, VersionId }: ObjectIdentifier, { marker, version }: Deleted): DeletedObject {
  return { Key, ...(VersionId !== undefined && { VersionId }), ...(marker && { DeleteMarker: true, DeleteMarkerVersionId: version }) };
}

async function deleteOne(
  call: Call,
  bucket: BucketRow,
  object: ObjectIdentifier,
): Promise<{ deleted: DeletedObject } | { error: DeleteError }> {
  try {
    const deletion = { key: object.Key, version: object.VersionId, ifMatch: object.ETag };
    return { deleted: shown(object, await deleteVersion(call, bucket, deletion, 'DeleteObjects')) };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return {
      error: {
        Key: object.Key,
        ...(object.VersionId !== undefined && { VersionId: object.VersionId }),
        Code: error.code,
        Message: error.message,
      },
    };
  }
}

export function deleteOperations(tools: S3Tools): Pick<Api, 'deleteObject' | 'deleteObjects'> {
  return {
    async deleteObject(input, ctx) {
      const call = { tools, ctx };
      const bucket = await findBucket(call, input.Bucket, input.ExpectedBucketOwner);
      const { marker, version } = await deleteVersion(
        call,
        bucket,
        { key: input.Key, version: input.VersionId, ifMatch: input.IfMatch },
        'DeleteObject',
      );
      return { ...(marker && { DeleteMarker: true }), ...(version !== undefined && { VersionId: version }) };
    },
    async deleteObjects(input, ctx) {
      const call = { tools, ctx };
      const bucket = await findBucket(call, input.Bucket, input.ExpectedBucketOwner);
      const { Objects, Quiet } = input.Delete;
      if (Objects.length === 0 || Objects.length > MOST) throw s3Errors.malformedXml();
      // All at once, so that they share commits.
      const results = await Promise.all(Objects.map((object) => deleteOne(call, bucket, object)));
      const errors = results.flatMap((result) => ('error' in result ? [result.error] : []));
      const deleted = results.flatMap((result) => ('deleted' in result ? [result.deleted] : []));
      return { ...(Quiet !== true && { Deleted: deleted }), ...(errors.length > 0 && { Errors: errors }) };
    },
  };
}
