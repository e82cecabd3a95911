import { SliceBody } from '../../ports/blobs.ts';
import type { WebsiteConfig, Websites } from '../../ports/websites.ts';
import { cut } from './content.ts';
import { findConfig, findRow, slicesOf } from './lookup.ts';
import { isPublicObject } from './public-access.ts';
import type { Attributes } from './rules/attributes.ts';
import { shownAttributes } from './rules/attributes.ts';
import { bucketSql } from './tables.ts';
import type { S3Tools } from './tools.ts';

function headersOf(attributes: Attributes): Record<string, string> {
  const { ContentType, CacheControl, ContentDisposition, ContentEncoding, ContentLanguage, Expires } = shownAttributes(attributes);
  const named: readonly (readonly [string, string | undefined])[] = [
    ['content-type', ContentType],
    ['cache-control', CacheControl],
    ['content-disposition', ContentDisposition],
    ['content-encoding', ContentEncoding],
    ['content-language', ContentLanguage],
    ['expires', Expires === undefined ? undefined : new Date(Expires).toUTCString()],
  ];
  return Object.fromEntries(named.filter((pair): pair is readonly [string, string] => pair[1] !== undefined));
}

/** Buckets as the website plane sees them. */
export function createWebsites(tools: S3Tools): Websites {
  return {
    async config(bucket) {
      if (!(await tools.db.get(bucketSql.find, bucket))) return undefined;
      return { website: await findConfig<WebsiteConfig>(tools, bucket, 'website') };
    },
    async object(bucket, key) {
      const row = await findRow(tools, { Bucket: bucket, Key: key });
      if (!row || row.marker === 1) return undefined;
      if (!(await isPublicObject(tools, row))) return 'forbidden';
      const attributes = JSON.parse(row.attributes) as Attributes;
      const slices = await slicesOf(tools, row);
      return {
        headers: headersOf(attributes),
        size: row.size,
        etag: row.etag,
        modified: row.modified,
        redirect: attributes.WebsiteRedirectLocation,
        read: (start, end) => new SliceBody(tools.blobs, cut(slices, start, end)),
      };
    },
  };
}
