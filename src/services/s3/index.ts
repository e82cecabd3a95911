import type { Websites } from '../../ports/websites.ts';
import type { Service } from '../../protocol/service.ts';
import { guard } from './guard.ts';
import { model } from './api.gen.ts';
import type { Api } from './api.gen.ts';
import { createCors } from './cors.ts';
import type { BucketCors } from './cors.ts';
import { documentOperations, settingOperations } from './operations/bucket-config.ts';
import { bucketOperations } from './operations/buckets.ts';
import { copyOperations } from './operations/copy-object.ts';
import { deleteOperations } from './operations/delete-objects.ts';
import { getOperations } from './operations/get-object.ts';
import { listOperations } from './operations/list-objects.ts';
import { versionListOperations } from './operations/list-versions.ts';
import { multipartOperations } from './operations/multipart.ts';
import { facetOperations } from './operations/object-facets.ts';
import { partOperations } from './operations/parts.ts';
import { putOperations } from './operations/put-object.ts';
import { migrations, sliceSql, versionSql } from './tables.ts';
import type { S3Tools } from './tools.ts';
import { createWebsites } from './websites.ts';

export type { S3Tools } from './tools.ts';

export interface S3Service extends Service<Api> {
  /** For the website plane. */
  readonly websites: Websites;
  /** For the listener: which foreign origins may talk to which bucket. */
  readonly cors: BucketCors;
  /** Which of these blobs an object or an unfinished upload refers to: for the collection of blobs. */
  referenced(sha256s: readonly string[]): Promise<ReadonlySet<string>>;
}

/** Emits `Object Created` and `Object Deleted` (source aws.s3). */
export function createS3(tools: S3Tools): S3Service {
  const operations: Partial<Api> = {
    ...bucketOperations(tools),
    ...documentOperations(tools),
    ...settingOperations(tools),
    ...putOperations(tools),
    ...getOperations(tools),
    ...copyOperations(tools),
    ...deleteOperations(tools),
    ...listOperations(tools),
    ...versionListOperations(tools),
    ...multipartOperations(tools),
    ...partOperations(tools),
    ...facetOperations(tools),
  };
  return {
    model,
    migrations,
    operations: guard(tools, operations),
    websites: createWebsites(tools),
    cors: createCors(tools),
    async referenced(sha256s) {
      const found = new Set<string>();
      for (const sha256 of sha256s) {
        const row = (await tools.db.get(versionSql.referenced, sha256)) ?? (await tools.db.get(sliceSql.referenced, sha256));
        if (row) found.add(sha256);
      }
      return found;
    },
  };
}
