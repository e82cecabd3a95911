import type { IncomingMessage } from 'node:http';
import { bucketOfHost } from '../../protocol/router/virtual-host.ts';
import type { CORSConfiguration } from './api.gen.ts';
import { findConfig } from './lookup.ts';
import { corsHeaders } from './rules/cors.ts';
import type { S3Tools } from './tools.ts';

/** The headers that a bucket's CORS configuration grants a request of a foreign origin; undefined where it grants nothing. */
export type BucketCors = (
  request: IncomingMessage,
  origin: string,
  method: string,
) => Promise<Readonly<Record<string, string>> | undefined>;

/** The bucket of a request's host or path. A path of another service names a bucket that does not exist. */
function bucketOf(request: IncomingMessage): string {
  const first = (request.url ?? '/').split(/[/?]/, 2)[1] ?? '';
  return bucketOfHost(request.headers.host) ?? first;
}

export function createCors(tools: S3Tools): BucketCors {
  return async (request, origin, method) => {
    const config = await findConfig<CORSConfiguration>(tools, bucketOf(request), 'cors');
    const announced = request.headers['access-control-request-headers'] ?? '';
    const headers = announced.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
    return config && corsHeaders(config.CORSRules, { origin, method, headers });
  };
}
