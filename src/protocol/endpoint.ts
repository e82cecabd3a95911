import type { RawRequest } from './wire-request.ts';

/** The base of the URLs we hand out, as the client reached us; a bucket in front of the host is no part of it. */
export function endpointOf({ headers, bucketHost }: RawRequest): string {
  const host = headers['host'] ?? 'localhost';
  return `http://${bucketHost === undefined ? host : host.slice(bucketHost.length + 1)}`;
}
