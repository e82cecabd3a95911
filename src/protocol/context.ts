import type { Principal } from '../ports/authorise.ts';
import type { ByteStream } from '../ports/blobs.ts';

/** What every operation knows about the call it serves. Rows are keyed by (account, region) first. */
export interface CallContext {
  readonly principal: Principal;
  readonly account: string;
  readonly region: string;
  readonly requestId: string;
  /** Aborted when the client has gone away or the caller's deadline has passed. */
  readonly signal: AbortSignal;
  /** The base of URLs we hand out, as the client reached us: `http://127.0.0.1:4566`, no trailing slash. */
  readonly endpoint: string;
  /** The request as it came, where it came over the wire: what S3 needs beyond its model (host, raw path, CORS). */
  readonly wire?: WireRequest;
}

export interface WireRequest {
  readonly method: string;
  /** The path as sent, undecoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly remoteAddress: string;
  /** The bucket that the Host header names, where it does. */
  readonly bucketHost?: string;
  /** Headers that come after a chunked body (checksums, verified by then); complete once the body has been read. */
  readonly trailers: Readonly<Record<string, string>>;
}

/** Where an operation takes a stream, a caller may also give bytes or text. */
type Loose<Input> = { readonly [K in keyof Input]: ByteStream extends Input[K] ? Input[K] | Uint8Array | string : Input[K] };

/** How a service's `Api` looks to a caller that is not the wire: the same operations, without the context. */
export type Client<Api> = {
  readonly [K in keyof Api]: Api[K] extends (input: infer I, ctx: CallContext) => infer O ? (input: Loose<I>) => O : never;
};
