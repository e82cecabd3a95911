import type { IncomingMessage, ServerResponse } from 'node:http';
import { isForeignOrigin } from './origin.ts';

/**
 * The CORS headers that a bucket's configuration grants this request (`Access-Control-Allow-Origin` …), or undefined where it grants
 * nothing or the request is for no bucket. `method` is the method asked about: of the request, or of the one a preflight announces.
 */
export type Cors = (request: IncomingMessage, origin: string, method: string) => Promise<Readonly<Record<string, string>> | undefined>;

function refuse(response: ServerResponse): void {
  const xml =
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessForbidden</Code><Message>CORSResponse: This CORS request is not allowed.</Message></Error>';
  response.writeHead(403, { 'content-type': 'application/xml', 'content-length': Buffer.byteLength(xml) });
  response.end(xml);
}

/**
 * Browsers send form-encoded calls of foreign pages without asking first, so a foreign origin is refused before anything is done,
 * except where S3's CORS allows it (DESIGN §8). Answers whether the request may go on.
 */
export async function passesCors(request: IncomingMessage, response: ServerResponse, cors: Cors | undefined): Promise<boolean> {
  const { origin, host } = request.headers;
  if (origin === undefined || !isForeignOrigin(origin, host)) return true;
  const preflight = request.method === 'OPTIONS';
  const method = preflight ? request.headers['access-control-request-method'] : request.method;
  const granted = method === undefined ? undefined : await cors?.(request, origin, method);
  if (!granted) {
    refuse(response);
    return false;
  }
  for (const [name, value] of Object.entries(granted)) response.setHeader(name, value);
  if (preflight) response.writeHead(200, { 'content-length': 0 }).end();
  return !preflight;
}
