import { Agent, request as httpRequest } from 'node:http';
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';
import { Agent as SecureAgent, request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ByteStream } from '../protocol/codec/client.ts';

export interface TransportRequest {
  readonly method: string;
  /** Path and query, percent-encoded: sent as it is. */
  readonly target: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | ByteStream | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface TransportResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly stream: IncomingMessage;
}

/** HTTP over kept-alive connections. fetch would normalise paths (S3 keys may hold `..`) and costs the CLI its start-up time. */
export interface Transport {
  readonly endpoint: URL;
  /** Rejects when the server cannot be reached, or the signal aborts. */
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Closes idle connections, so that a short-lived program can end. */
  close(): void;
}

function headersOf(message: IncomingMessage): Record<string, string> {
  const entries = Object.entries(message.headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] as const]));
  return Object.fromEntries(entries);
}

function withLength(headers: Readonly<Record<string, string>>, body: TransportRequest['body']): OutgoingHttpHeaders {
  if (body instanceof Uint8Array) return { ...headers, 'content-length': String(body.byteLength) };
  return body === undefined ? { ...headers, 'content-length': '0' } : { ...headers };
}

export function createTransport(endpoint: string): Transport {
  const url = new URL(endpoint);
  const secure = url.protocol === 'https:';
  const agent = secure ? new SecureAgent({ keepAlive: true }) : new Agent({ keepAlive: true });
  const start = secure ? httpsRequest : httpRequest;
  return {
    endpoint: url,
    close: () => agent.destroy(),
    send({ method, target, headers, body, signal }) {
      return new Promise((resolve, reject) => {
        const sending = start({
          agent,
          method,
          path: target,
          hostname: url.hostname.replace(/^\[|\]$/g, ''),
          port: url.port,
          headers: withLength(headers, body),
          ...(signal && { signal }),
        });
        sending.on('response', (stream) => resolve({ status: stream.statusCode ?? 0, headers: headersOf(stream), stream }));
        sending.on('error', reject);
        if (body === undefined || body instanceof Uint8Array) sending.end(body);
        // An early answer (an error) closes the request before its body has gone out: the answer counts, not the broken pipe.
        else pipeline(Readable.from(body, { objectMode: false }), sending).catch(reject);
      });
    },
  };
}
