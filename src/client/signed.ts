import type { Clock } from '../kernel/clock.ts';
import type { ByteStream } from '../protocol/codec/client.ts';
import { EMPTY_SHA256, sha256Hex, UNSIGNED_PAYLOAD } from '../protocol/sigv4/canonical.ts';
import { presignQuery, signHeaders } from '../protocol/sigv4/sign.ts';
import type { SigningKey } from '../protocol/sigv4/sign.ts';
import type { Transport, TransportResponse } from './transport.ts';

export interface SignedRequest {
  /** The service of the credential scope. */
  readonly service: string;
  readonly method: string;
  /** Percent-encoded. */
  readonly path: string;
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Streams go to S3 only: their hash cannot be known beforehand. */
  readonly body?: Uint8Array | ByteStream;
  readonly signal?: AbortSignal | undefined;
}

export interface Signer {
  readonly region: string;
  readonly clock: Clock;
  /** Undefined sends requests unsigned (`--auth off`). */
  credentials(): Promise<SigningKey | undefined>;
}

function hashOf(body: SignedRequest['body']): string {
  if (body === undefined) return EMPTY_SHA256;
  return body instanceof Uint8Array ? sha256Hex(body) : UNSIGNED_PAYLOAD;
}

/** Sends a request signed with SigV4; answers whatever status came. */
export async function signedFetch(transport: Transport, signer: Signer, request: SignedRequest): Promise<TransportResponse> {
  const { service, method, path, query = '', body, signal } = request;
  const key = await signer.credentials();
  const bare = { host: transport.endpoint.host, ...request.headers };
  const options = { key: key!, region: signer.region, service, now: signer.clock.now() };
  const headers = key ? signHeaders({ method, path, query, headers: bare }, hashOf(body), options) : bare;
  return transport.send({ method, target: query === '' ? path : `${path}?${query}`, headers, body, signal });
}

/** A URL that carries its signature for `expires` seconds. */
export async function presign(
  transport: Transport,
  signer: Signer,
  request: Omit<SignedRequest, 'body' | 'signal'>,
  expires: number,
): Promise<string> {
  const { service, method, path, query = '' } = request;
  const { origin, host } = transport.endpoint;
  const key = await signer.credentials();
  if (!key) return `${origin}${path}${query && `?${query}`}`;
  const options = { key, region: signer.region, service, now: signer.clock.now() };
  return `${origin}${path}?${presignQuery({ method, path, query, headers: { host } }, expires, EMPTY_SHA256, options)}`;
}
