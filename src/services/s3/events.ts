import { formatArn } from '../../kernel/arn.ts';
import type { Write } from '../../ports/database.ts';
import type { BucketRow } from './tables.ts';
import type { Call } from './tools.ts';

export interface Happened {
  readonly key: string;
  /** The version's id: UUIDv7, so that its text orders the events of a key. */
  readonly id: string;
  readonly version: string;
  readonly size?: number;
  readonly etag?: string;
}

/**
 * The bus event of a change, in EventBridge's shape for S3
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html). Every bucket raises them, enabled or not.
 */
export function objectEvent(
  { tools, ctx }: Call,
  bucket: BucketRow,
  what: { readonly type: 'Object Created' | 'Object Deleted'; readonly reason: string; readonly deletion?: string },
  happened: Happened,
): Write {
  const { key, id, version, size, etag } = happened;
  return tools.bus.write({
    id: tools.ids.uuid(),
    account: bucket.account,
    region: bucket.region,
    time: tools.clock.now(),
    source: 'aws.s3',
    detailType: what.type,
    resources: [formatArn('s3', '', '', bucket.name)],
    detail: {
      version: '0',
      bucket: { name: bucket.name },
      object: {
        key,
        size,
        etag,
        'version-id': bucket.versioning === '' ? undefined : version,
        sequencer: id.replaceAll('-', '').toUpperCase(),
      },
      'request-id': ctx.requestId,
      requester: ctx.principal.account,
      'source-ip-address': ctx.wire?.remoteAddress,
      reason: what.reason,
      'deletion-type': what.deletion,
    },
    bus: 'default',
  });
}
