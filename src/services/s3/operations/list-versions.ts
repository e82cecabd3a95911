import type { Api, DeleteMarkerEntry, ObjectVersion } from '../api.gen.ts';
import { s3Errors } from '../errors.ts';
import { findBucket } from '../lookup.ts';
import { ownerOf } from '../rules/acl.ts';
import type { Attributes } from '../rules/attributes.ts';
import { Page, encodeKey, endOf, isBefore, startBehind } from '../rules/listing.ts';
import { versionSql } from '../tables.ts';
import type { BucketRow, VersionRow } from '../tables.ts';
import type { S3Tools } from '../tools.ts';
import { listedEtag, listingFacts, maxKeys } from './list-objects.ts';
import type { Listing } from './list-objects.ts';

interface VersionListing extends Listing {
  /** Where the listing stopped inside a key: the id of the last version shown. */
  readonly within?: { readonly key: string; readonly id: string } | undefined;
}

/** The rest of the key at which the page before stopped, then all keys behind it; newest versions first within a key. */
async function listPage(
  tools: S3Tools,
  bucket: string,
  { prefix, delimiter, max, after, within }: VersionListing,
): Promise<Page<VersionRow>> {
  const page = new Page<VersionRow>(prefix, delimiter, max, after);
  if (max === 0) return page;
  const limit = max + 1;
  let inside = within;
  for (;;) {
    const fromPrefix = page.cursor === '' || isBefore(page.cursor, prefix);
    const sql = fromPrefix ? versionSql.versionsFrom : versionSql.versionsAfter;
    const rows = inside
      ? await tools.db.all<VersionRow>(versionSql.versionsOfKey, bucket, inside.key, inside.id, limit)
      : await tools.db.all<VersionRow>(sql, bucket, fromPrefix ? prefix : page.cursor, endOf(prefix), limit);
    for (const row of rows) if (!page.add(row)) return page;
    if (rows.length < limit && !inside) return page;
    // A batch may end in the middle of a key.
    const last = rows.at(-1);
    inside = rows.length === limit && last && page.rows.at(-1) === last ? { key: last.key, id: last.id } : undefined;
  }
}

function versionOf(row: VersionRow, bucket: BucketRow, encoding: string | undefined): ObjectVersion {
  const { StorageClass } = JSON.parse(row.attributes) as Attributes;
  return {
    ...markerOf(row, bucket, encoding),
    ETag: listedEtag(row),
    Size: row.size,
    StorageClass: (StorageClass ?? 'STANDARD') as 'STANDARD',
  };
}

function markerOf(row: VersionRow, bucket: BucketRow, encoding: string | undefined): DeleteMarkerEntry {
  return {
    Key: encodeKey(row.key, encoding),
    VersionId: row.version,
    IsLatest: row.latest === 1,
    LastModified: row.modified,
    Owner: ownerOf(bucket.account),
  };
}

/** Where a page ends: at a version, or at a common prefix. */
function nextMarkers(page: Page<VersionRow>, encoding: string | undefined): { NextKeyMarker?: string; NextVersionIdMarker?: string } {
  if (!page.truncated || page.last === undefined) return {};
  const row = page.rows.at(-1);
  return { NextKeyMarker: encodeKey(page.last, encoding), ...(row?.key === page.last && { NextVersionIdMarker: row.version }) };
}

export function versionListOperations(tools: S3Tools): Pick<Api, 'listObjectVersions'> {
  return {
    async listObjectVersions(input, ctx) {
      const bucket = await findBucket({ tools, ctx }, input.Bucket, input.ExpectedBucketOwner);
      const {
        Prefix: prefix = '',
        Delimiter: delimiter,
        KeyMarker: marker = '',
        VersionIdMarker: versionMarker,
        EncodingType: encoding,
      } = input;
      if (versionMarker && marker === '') {
        throw s3Errors.invalidArgument('A version-id marker cannot be specified without a key marker.', 'version-id-marker', versionMarker);
      }
      const at = versionMarker ? await tools.db.get<VersionRow>(versionSql.find, bucket.name, marker, versionMarker) : undefined;
      const listing = { prefix, delimiter, max: maxKeys(input.MaxKeys), after: startBehind(marker, prefix, delimiter) };
      const page = await listPage(tools, bucket.name, { ...listing, within: at && { key: marker, id: at.id } });
      return {
        ...listingFacts(input, bucket, page),
        KeyMarker: encodeKey(marker, encoding),
        VersionIdMarker: versionMarker ?? '',
        Versions: page.rows.filter((row) => row.marker === 0).map((row) => versionOf(row, bucket, encoding)),
        DeleteMarkers: page.rows.filter((row) => row.marker === 1).map((row) => markerOf(row, bucket, encoding)),
        ...nextMarkers(page, encoding),
      };
    },
  };
}
