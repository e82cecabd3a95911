const REGION = '[a-z]{2}(?:-[a-z]+)+-\\d';
const ENDPOINT = `(?:s3(?:\\.${REGION})?\\.)?localhost`;
const PLAIN = new RegExp(`^${ENDPOINT}$`);
const VIRTUAL = new RegExp(`^(.+?)\\.${ENDPOINT}$`);

/** The host part of a Host header, lower case, without the port. */
export function hostName(host: string): string {
  return host.toLowerCase().replace(/:\d*$/, '');
}

/**
 * The bucket in a virtual-hosted address: `BUCKET.localhost` (what the JavaScript SDK makes of http://localhost),
 * `BUCKET.s3.localhost`, `BUCKET.s3.REGION.localhost`. Undefined for path-style addresses.
 */
export function bucketOfHost(host: string | undefined): string | undefined {
  const name = hostName(host ?? '');
  return PLAIN.test(name) ? undefined : VIRTUAL.exec(name)?.[1];
}
