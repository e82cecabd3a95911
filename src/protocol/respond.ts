import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ServiceModel } from './model.ts';
import type { WireOutput } from './codec/server.ts';

/** What every answer of a family carries. Users' bytes must not run as a page of this origin: a browser shows them without scripts. */
function commonHeaders(protocol: ServiceModel['protocol'], requestId: string): Record<string, string> {
  if (protocol !== 'rest-xml') return { 'x-amzn-requestid': requestId };
  return {
    'x-amz-request-id': requestId,
    'x-amz-id-2': requestId,
    'content-security-policy': 'sandbox',
    'x-content-type-options': 'nosniff',
  };
}

/** These statuses have no body (RFC 9110 §6.4.1). */
function isBodiless(status: number): boolean {
  return status === 204 || status === 304;
}

/** Sends an answer. Rejects when the connection or the body's source breaks on the way; the connection is then closed. */
export async function respond(
  response: ServerResponse,
  output: WireOutput,
  protocol: ServiceModel['protocol'],
  requestId: string,
): Promise<void> {
  const { status, headers, body } = output;
  response.statusCode = status;
  for (const [name, value] of Object.entries({ ...headers, ...commonHeaders(protocol, requestId) })) response.setHeader(name, value);
  if (body === undefined || isBodiless(status) || response.req.method === 'HEAD') {
    if (body === undefined && !isBodiless(status) && response.req.method !== 'HEAD') response.setHeader('content-length', 0);
    response.end();
  } else if (body instanceof Uint8Array) {
    response.setHeader('content-length', body.byteLength);
    response.end(body);
  } else {
    await pipeline(Readable.from(body, { objectMode: false }), response);
  }
}
