import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { parseRange } from '../../kernel/byte-range.ts';
import type { WebsiteObject } from '../../ports/websites.ts';
import type { Address } from './address.ts';
import { isFresh } from './rules.ts';

/**
 * What users put into a bucket must not run as a page of the origin that it is served from by path
 * (https://developer.mozilla.org/docs/Web/HTTP/Headers/Content-Security-Policy/sandbox): scripts run, but with an origin of their own.
 */
const SANDBOX = 'sandbox allow-scripts allow-forms allow-popups allow-modals allow-downloads';

const TITLES: Readonly<Record<number, string>> = {
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  416: 'Requested Range Not Satisfiable',
};

/** Headers that every answer of a site has. */
export function siteHeaders({ byPath }: Pick<Address, 'byPath'>): Record<string, string> {
  return { 'x-content-type-options': 'nosniff', ...(byPath && { 'content-security-policy': SANDBOX }) };
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

function send(response: ServerResponse, status: number, headers: Readonly<Record<string, string | number>>, body: string): void {
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** The page that says what went wrong, in the form that S3's website endpoints have. */
export function sendError(
  response: ServerResponse,
  address: Pick<Address, 'byPath'>,
  status: number,
  facts: Readonly<Record<string, string>>,
): void {
  const title = `${status} ${TITLES[status] ?? 'Error'}`;
  const items = Object.entries(facts).map(([name, value]) => `<li>${escapeHtml(name)}: ${escapeHtml(value)}</li>`);
  const html = `<html>\n<head><title>${title}</title></head>\n<body>\n<h1>${title}</h1>\n<ul>\n${items.join('\n')}\n</ul>\n<hr/>\n</body>\n</html>\n`;
  send(response, status, { ...siteHeaders(address), 'content-type': 'text/html; charset=utf-8' }, html);
}

export function sendRedirect(response: ServerResponse, address: Pick<Address, 'byPath'>, status: number, location: string): void {
  send(response, status, { ...siteHeaders(address), location }, '');
}

/** Sends an object, or the part of it that was asked for. An error document goes out whole, with the error's status. */
export async function sendObject(
  request: IncomingMessage,
  response: ServerResponse,
  address: Address,
  object: WebsiteObject,
  status = 200,
): Promise<void> {
  const headers = {
    ...siteHeaders(address),
    ...object.headers,
    etag: `"${object.etag}"`,
    'last-modified': new Date(object.modified).toUTCString(),
  };
  if (status === 200 && isFresh(request.headers, object.etag, object.modified)) {
    response.writeHead(304, headers).end();
    return;
  }
  const range = status === 200 ? parseRange(request.headers.range, object.size) : undefined;
  if (range === 'unsatisfiable')
    return sendError(response, address, 416, { Code: 'InvalidRange', Message: 'The requested range is not satisfiable' });
  const { start, end } = range ?? { start: 0, end: object.size };
  const part = range && { 'content-range': `bytes ${start}-${end - 1}/${object.size}` };
  response.writeHead(range ? 206 : status, { ...headers, ...part, 'accept-ranges': 'bytes', 'content-length': end - start });
  if (request.method === 'HEAD' || end === start) response.end();
  else await pipeline(Readable.from(object.read(start, end), { objectMode: false }), response);
}
