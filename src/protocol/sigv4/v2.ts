import { queryPairs } from './canonical.ts';
import type { SignableRequest } from './canonical.ts';

/** Query parameters that version 2 signs as part of the resource. Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/RESTAuthentication.html */
const SUBRESOURCES = new Set([
  'accelerate',
  'acl',
  'cors',
  'defaultObjectAcl',
  'delete',
  'lifecycle',
  'location',
  'logging',
  'notification',
  'partNumber',
  'policy',
  'requestPayment',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
  'restore',
  'select',
  'select-type',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'versioning',
  'versions',
  'website',
]);

/** The text that a version-2 presigned URL signs; `Expires` stands in the place of the date. */
export function canonicalV2(request: SignableRequest, expires: string, bucketHost: string | undefined): string {
  const pairs = queryPairs(request.query);
  const resource = pairs
    .filter(([name]) => SUBRESOURCES.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .join('&');
  // Presigned URLs carry what would have been x-amz- headers in the query.
  const amz = [...Object.entries(request.headers), ...pairs.map(([name, value]) => [name.toLowerCase(), value] as const)]
    .filter(([name]) => name.startsWith('x-amz-'))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}:${value.trim()}\n`)
    .join('');
  const path = (bucketHost === undefined ? '' : `/${bucketHost}`) + request.path;
  const { headers } = request;
  const head = [request.method, headers['content-md5'] ?? '', headers['content-type'] ?? '', expires].join('\n');
  return `${head}\n${amz}${path}${resource && `?${resource}`}`;
}
