import type { IncomingMessage } from 'node:http';
import type { WireRequest } from './context.ts';
import { bucketOfHost } from './router/virtual-host.ts';

/** A request as the edge sees it: the raw path and query, nothing normalised. */
export interface RawRequest extends WireRequest {
  readonly rawQuery: string;
  /** Filled while a chunked body is read. */
  readonly trailers: Record<string, string>;
}

/** Node joins repeated headers with a comma and a blank; cookies and the like are of no concern here. */
function headersOf(message: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers))
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(',') : value;
  return headers;
}

/** The target as sent; the absolute form (RFC 9112 §3.2.2) loses its scheme and authority. */
function targetOf(url: string): string {
  return url.startsWith('/') ? url : url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i, '') || '/';
}

export function rawRequest(message: IncomingMessage): RawRequest {
  const target = targetOf(message.url ?? '/');
  const at = target.indexOf('?');
  const rawQuery = at < 0 ? '' : target.slice(at + 1);
  const headers = headersOf(message);
  const bucketHost = bucketOfHost(headers['host']);
  return {
    method: message.method ?? 'GET',
    path: at < 0 ? target : target.slice(0, at),
    rawQuery,
    query: new URLSearchParams(rawQuery),
    headers,
    remoteAddress: message.socket.remoteAddress ?? '',
    ...(bucketHost !== undefined && { bucketHost }),
    trailers: {},
  };
}
