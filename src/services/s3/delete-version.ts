import { WriteConflict, write } from '../../ports/database.ts';
import type { Write } from '../../ports/database.ts';
import { s3Errors } from './errors.ts';
import { objectEvent } from './events.ts';
import { makeRoom } from './put-version.ts';
import { matchesTag } from './rules/conditions.ts';
import { versionSql } from './tables.ts';
import type { BucketRow, VersionRow } from './tables.ts';
import type { Call } from './tools.ts';

export interface Deletion {
  readonly key: string;
  readonly version?: string | undefined;
  readonly ifMatch?: string | undefined;
}

export interface Deleted {
  /** A delete marker was made, or was what was deleted. */
  readonly marker: boolean;
  /** The version that was deleted, or the delete marker that was made; undefined in buckets without versions. */
  readonly version: string | undefined;
}

function removal(bucket: BucketRow, key: string, version: string): Write[] {
  return [
    write(versionSql.dropSlices, [bucket.name, key, version]),
    write(versionSql.delete, [bucket.name, key, version], { expect: 1 }),
    ...(bucket.versioning === '' ? [] : [write(versionSql.setLatest, [bucket.name, key, bucket.name, key])]),
  ];
}

function markerWrites(bucket: BucketRow, key: string, id: string, version: string, now: number): Write[] {
  const row = write(versionSql.put, [bucket.name, key, version, id, 1, 0, '', now, null, 0, '{}', '{}', null, null, null]);
  return [...makeRoom(bucket, key, version), row];
}

interface Step {
  readonly writes: readonly Write[];
  readonly result: Deleted;
  readonly deletion: string;
  readonly id: string;
  readonly row: VersionRow | undefined;
}

function planRemoval({ tools }: Call, bucket: BucketRow, key: string, row: VersionRow | undefined): Step | undefined {
  if (!row) return undefined;
  const result = { marker: row.marker === 1, version: bucket.versioning === '' ? undefined : row.version };
  return { writes: removal(bucket, key, row.version), result, deletion: 'Permanently Deleted', id: tools.ids.uuid(), row };
}

function planMarker({ tools }: Call, bucket: BucketRow, key: string, row: VersionRow | undefined): Step {
  const id = tools.ids.uuid();
  const version = bucket.versioning === 'Enabled' ? tools.ids.hex(16) : 'null';
  const writes = markerWrites(bucket, key, id, version, tools.clock.now());
  return { writes, result: { marker: true, version }, deletion: 'Delete Marker Created', id, row };
}

async function plan(call: Call, bucket: BucketRow, { key, version, ifMatch }: Deletion): Promise<Step | undefined> {
  const { db } = call.tools;
  const row =
    version === undefined
      ? await db.get<VersionRow>(versionSql.current, bucket.name, key)
      : await db.get<VersionRow>(versionSql.find, bucket.name, key, version);
  if (ifMatch !== undefined && (!row || row.marker === 1)) throw s3Errors.noSuchKey(key);
  if (ifMatch !== undefined && !matchesTag(ifMatch, row!.etag)) throw s3Errors.preconditionFailed('If-Match');
  const makesMarker = version === undefined && bucket.versioning !== '';
  return makesMarker ? planMarker(call, bucket, key, row) : planRemoval(call, bucket, key, row);
}

function eventOf(call: Call, bucket: BucketRow, reason: string, key: string, step: Step): Write {
  const happened = { key, id: step.id, version: step.result.version ?? 'null', ...(step.row && { etag: step.row.etag }) };
  return objectEvent(call, bucket, { type: 'Object Deleted', reason, deletion: step.deletion }, happened);
}

/** Deletes as S3 does: what is not there is deleted successfully. A version that changes in between is looked at again. */
export async function deleteVersion(call: Call, bucket: BucketRow, deletion: Deletion, reason: string): Promise<Deleted> {
  for (let attempt = 1; ; attempt++) {
    const step = await plan(call, bucket, deletion);
    if (!step) return { marker: false, version: deletion.version };
    // The row must still be the one that was judged.
    const same =
      deletion.ifMatch === undefined || deletion.version !== undefined
        ? []
        : [write(versionSql.touchTagged, [bucket.name, deletion.key, step.row!.etag], { expect: 1 })];
    try {
      await call.tools.commits.commit([...same, ...step.writes, eventOf(call, bucket, reason, deletion.key, step)]);
      return step.result;
    } catch (error) {
      if (!(error instanceof WriteConflict)) throw error;
      if (attempt === 5) throw s3Errors.busy();
    }
  }
}
