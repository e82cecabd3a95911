import type { Slice } from '../../ports/blobs.ts';
import { WriteConflict, write } from '../../ports/database.ts';
import type { Write } from '../../ports/database.ts';
import { s3Errors } from './errors.ts';
import { objectEvent } from './events.ts';
import { findBucket } from './lookup.ts';
import { writeCondition } from './rules/conditions.ts';
import type { Attributes, Checksums } from './rules/attributes.ts';
import { sliceSql, versionSql } from './tables.ts';
import type { BucketRow } from './tables.ts';
import type { Call } from './tools.ts';

/** A version as it is to be written. */
export interface NewVersion {
  readonly key: string;
  readonly size: number;
  readonly etag: string;
  readonly slices: readonly Slice[];
  readonly attributes: Attributes;
  readonly checksums: Checksums;
  /** The sizes of the parts of a multipart upload. */
  readonly parts?: readonly number[] | undefined;
  /** JSON: a TagSet. */
  readonly tags?: string | null | undefined;
  /** JSON: Grants. */
  readonly acl?: string | null | undefined;
}

export interface PutOptions {
  /** As events name it: PutObject, CopyObject, CompleteMultipartUpload. */
  readonly reason: string;
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  /** Written in the same commit. */
  readonly also?: readonly Write[];
}

export interface PutResult {
  readonly version: string;
  readonly modified: number;
}

const IF_MATCH = 'If-Match';
const IF_NONE_MATCH = 'If-None-Match';
const ATTEMPTS = 5;

function conditionWrites(bucket: string, key: string, { ifMatch, ifNoneMatch }: PutOptions): Write[] {
  const condition = writeCondition(ifMatch, ifNoneMatch);
  switch (condition.kind) {
    case 'none':
      return [];
    case 'absent':
      return [write(versionSql.touchCurrent, [bucket, key], { expect: 0, label: IF_NONE_MATCH })];
    case 'tag':
      return condition.etag === '*'
        ? [write(versionSql.touchCurrent, [bucket, key], { expect: 1, label: IF_MATCH })]
        : [write(versionSql.touchTagged, [bucket, key, condition.etag], { expect: 1, label: IF_MATCH })];
    case 'unsupported':
      throw s3Errors.invalidArgument(
        'A conditional write takes If-Match, or If-None-Match with the value *.',
        'If-None-Match',
        ifNoneMatch,
      );
  }
}

/** Refuses before the body is read what would be refused afterwards; the commit decides. Throws PreconditionFailed, NoSuchKey. */
export function checkCondition(
  current: { readonly etag: string; readonly marker: 0 | 1 } | undefined,
  key: string,
  options: Pick<PutOptions, 'ifMatch' | 'ifNoneMatch'>,
): void {
  const condition = writeCondition(options.ifMatch, options.ifNoneMatch);
  const there = current !== undefined && current.marker === 0;
  if (condition.kind === 'absent' && there) throw s3Errors.preconditionFailed(IF_NONE_MATCH);
  if (condition.kind !== 'tag') return;
  if (!there) throw s3Errors.noSuchKey(key);
  if (condition.etag !== '*' && condition.etag !== current.etag) throw s3Errors.preconditionFailed(IF_MATCH);
}

/** Writes that make room for a version: the old null version's slices, and the mark of the latest. */
export function makeRoom(bucket: BucketRow, key: string, version: string): Write[] {
  const writes = version === 'null' ? [write(versionSql.dropSlices, [bucket.name, key, version])] : [];
  // In a bucket that was never versioned the null version is the only one, and the upsert replaces it.
  if (bucket.versioning !== '') writes.push(write(versionSql.unsetLatest, [bucket.name, key]));
  return writes;
}

function sliceWrites(owner: string, slices: readonly Slice[]): Write[] {
  return slices.map(({ sha256, offset, length }, i) => write(sliceSql.insert, [owner, i, sha256, offset, length]));
}

interface Identity extends PutResult {
  readonly id: string;
}

function versionWrites(bucket: BucketRow, fresh: NewVersion, { id, version, modified }: Identity): Write[] {
  const [only] = fresh.slices;
  const single = fresh.slices.length === 1 && only ? only : undefined;
  const place = [bucket.name, fresh.key, version, id, 0];
  const content = [fresh.size, fresh.etag, modified, single?.sha256 ?? null, single?.offset ?? 0];
  const facts = [JSON.stringify(fresh.attributes), JSON.stringify(fresh.checksums), fresh.parts ? JSON.stringify(fresh.parts) : null];
  const row = write(versionSql.put, [...place, ...content, ...facts, fresh.tags ?? null, fresh.acl ?? null]);
  return [...makeRoom(bucket, fresh.key, version), row, ...(single ? [] : sliceWrites(id, fresh.slices))];
}

/** What a lost write means; undefined where trying again may help (another put of the key came in between). */
function lost(conflict: WriteConflict, key: string): Error | undefined {
  if (conflict.label === IF_NONE_MATCH || conflict.label === IF_MATCH) return s3Errors.preconditionFailed(conflict.label);
  if (conflict.label === 'upload') return s3Errors.noSuchUpload(key);
  return undefined;
}

/** Makes a version the current one, with its event, in one commit. */
export async function putVersion(call: Call, into: BucketRow, fresh: NewVersion, options: PutOptions): Promise<PutResult> {
  const { tools } = call;
  let bucket = into;
  for (let attempt = 1; ; attempt++) {
    const id = tools.ids.uuid();
    const version = bucket.versioning === 'Enabled' ? tools.ids.hex(16) : 'null';
    const identity = { id, version, modified: tools.clock.now() };
    const event = objectEvent(call, bucket, { type: 'Object Created', reason: options.reason }, { ...fresh, id, version });
    const unit = [
      ...conditionWrites(bucket.name, fresh.key, options),
      ...versionWrites(bucket, fresh, identity),
      ...(options.also ?? []),
      event,
    ];
    try {
      await tools.commits.commit(unit);
      return identity;
    } catch (error) {
      if (!(error instanceof WriteConflict)) throw error;
      const refused = lost(error, fresh.key);
      if (refused) throw refused;
      if (attempt === ATTEMPTS) throw s3Errors.busy();
      // The bucket may be gone, or have other versions now.
      bucket = await findBucket(call, bucket.name);
    }
  }
}
