import type { IncomingMessage } from 'node:http';
import { hostName } from '../../protocol/router/virtual-host.ts';

const BY_PATH = '/_website/';

export interface Address {
  readonly bucket: string;
  /** Decoded, without the leading slash. Never a path of a file system: `..` in it is part of a key. */
  readonly key: string;
  /** What comes before the key in URLs of this site: `/`, or `/_website/BUCKET/`. */
  readonly base: string;
  /** The site shares an origin with everything else here. */
  readonly byPath: boolean;
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** `BUCKET.s3-website.localhost`, `BUCKET.s3-website-REGION.localhost`, or undefined. Bucket names may have dots. */
function bucketOfHost(host: string | undefined): string | undefined {
  return /^(.+)\.s3-website(?:[-.][a-z0-9-]+)?\.localhost$/.exec(hostName(host ?? ''))?.[1];
}

/** The bucket and key that a request's host or path names; undefined where it is for no website, or its path is no valid encoding. */
export function addressOf(request: Pick<IncomingMessage, 'url' | 'headers'>): Address | undefined {
  const path = (request.url ?? '/').split('?', 1)[0]!;
  const bucket = bucketOfHost(request.headers.host);
  if (bucket !== undefined) return withKey({ bucket, base: '/', byPath: false }, path.slice(1));
  if (!path.startsWith(BY_PATH)) return undefined;
  const [name = '', ...rest] = path.slice(BY_PATH.length).split('/');
  return withKey({ bucket: name, base: `${BY_PATH}${name}/`, byPath: true }, rest.join('/'));
}

function withKey(address: Omit<Address, 'key'>, text: string): Address | undefined {
  const key = decode(text);
  return key === undefined ? undefined : { ...address, key };
}
