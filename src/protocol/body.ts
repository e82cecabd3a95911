import type { ByteStream } from '../ports/blobs.ts';
import { ApiError } from './errors.ts';
import type { ServiceModel } from './model.ts';
import { UNSIGNED_PAYLOAD } from './sigv4/canonical.ts';
import { verifyChecksums, verifyHash } from './sigv4/checksums.ts';
import { decodeChunked } from './sigv4/chunked.ts';
import type { ChunkSeed } from './sigv4/verify.ts';
import type { RawRequest } from './wire-request.ts';

/** Bytes of a request that is not an S3 object. CodeCommit's PutFile takes 6 MB of content, 8 MB in base64. */
export const MAX_BODY = 10 * 1024 * 1024;

export function tooLarge(protocol: ServiceModel['protocol']): ApiError {
  if (protocol === 'rest-xml') return new ApiError('MaxMessageLengthExceeded', 'Your request was too large.', 400);
  return new ApiError(
    protocol === 'query' ? 'RequestEntityTooLarge' : 'RequestEntityTooLargeException',
    `Request size exceeded ${MAX_BODY} bytes.`,
    413,
  );
}

/** The whole body, refused as soon as it is known to be too long. */
export async function readBody(body: ByteStream, headers: RawRequest['headers'], protocol: ServiceModel['protocol']): Promise<Buffer> {
  if (Number(headers['content-length'] ?? 0) > MAX_BODY) throw tooLarge(protocol);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > MAX_BODY) throw tooLarge(protocol);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export interface BodyChecks {
  readonly request: RawRequest;
  /** Present where the request's own signature was verified. */
  readonly seed: ChunkSeed | undefined;
  /** Whether the checksum headers speak of this body (in CompleteMultipartUpload they speak of the object). */
  readonly checksums: boolean;
}

function unchunked(body: ByteStream, declared: string, { request, seed }: BodyChecks): ByteStream {
  const length = request.headers['x-amz-decoded-content-length'];
  const signed = declared.startsWith('STREAMING-AWS4-HMAC-SHA256-PAYLOAD');
  return decodeChunked(body, {
    seed: signed ? seed : undefined,
    length: length === undefined ? undefined : Number(length),
    trailers: request.trailers,
  });
}

/** An S3 body as it was meant: chunk framing taken off, and every hash, signature and checksum that came with it verified on the way. */
export function checkedBody(body: ByteStream, checks: BodyChecks): ByteStream {
  const { headers, trailers } = checks.request;
  const declared = headers['x-amz-content-sha256'] ?? UNSIGNED_PAYLOAD;
  let plain = body;
  if (declared.startsWith('STREAMING-')) plain = unchunked(body, declared, checks);
  else if (/^[0-9a-f]{64}$/i.test(declared)) plain = verifyHash(body, declared);
  return checks.checksums ? verifyChecksums(plain, headers, () => trailers) : plain;
}

/** The content encoding without the framing that has been taken off. */
export function withoutChunkedEncoding(headers: RawRequest['headers']): RawRequest['headers'] {
  const { 'content-encoding': encoding, ...rest } = headers;
  if (encoding === undefined || !/\baws-chunked\b/i.test(encoding)) return headers;
  const left = encoding
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part.toLowerCase() !== 'aws-chunked' && part !== '');
  return left.length > 0 ? { ...rest, 'content-encoding': left.join(',') } : rest;
}
