import { createHash } from 'node:crypto';
import { ApiError } from '../errors.ts';
import type { ByteStream } from '../../ports/blobs.ts';
import { EMPTY_SHA256, hmac, scopeText, sha256Hex } from './canonical.ts';
import { equalText } from './verify.ts';
import type { ChunkSeed } from './verify.ts';

/** No chunk header or trailer line is longer. */
const MAX_LINE = 8192;
/** A part of an upload is at most this long (S3's limit for one PUT). */
const MAX_CHUNK = 5 * 1024 ** 3;

function incomplete(): ApiError {
  return new ApiError('IncompleteBody', 'The request body terminated unexpectedly', 400);
}

function mismatch(): ApiError {
  return new ApiError('SignatureDoesNotMatch', 'The chunk signature we calculated does not match the signature you provided.', 403);
}

/** Takes lines and counted bytes off a stream without gathering it. */
class Reader {
  readonly #source: AsyncIterator<Uint8Array>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(source: ByteStream) {
    this.#source = source[Symbol.asyncIterator]();
  }

  async #more(): Promise<boolean> {
    const next = await this.#source.next();
    if (next.done) return false;
    this.#rest = this.#rest.length === 0 ? asBuffer(next.value) : Buffer.concat([this.#rest, next.value]);
    return true;
  }

  /** Up to the line end, without it; undefined at the end of the stream. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#rest.indexOf('\r\n');
      if (end >= 0) return this.#take(end + 2).toString('latin1', 0, end);
      if (this.#rest.length > MAX_LINE) throw new ApiError('InvalidChunkSizeError', 'A chunk header is too long', 400);
      if (!(await this.#more())) return this.#rest.length === 0 ? undefined : this.#take(this.#rest.length).toString('latin1');
    }
  }

  async *bytes(count: number): ByteStream {
    let left = count;
    while (left > 0) {
      if (this.#rest.length === 0 && !(await this.#more())) throw incomplete();
      const piece = this.#take(Math.min(left, this.#rest.length));
      left -= piece.length;
      if (piece.length > 0) yield piece;
    }
  }

  #take(count: number): Buffer {
    const taken = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    return taken;
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Each signature covers the one before it. Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html */
class SignatureChain {
  readonly #seed: ChunkSeed;
  #previous: string;

  constructor(seed: ChunkSeed) {
    this.#seed = seed;
    this.#previous = seed.signature;
  }

  check(kind: 'PAYLOAD' | 'TRAILER', hashes: readonly string[], signature: string | undefined): void {
    const { key, amzDate, scope } = this.#seed;
    const text = [`AWS4-HMAC-SHA256-${kind}`, amzDate, scopeText(scope), this.#previous, ...hashes].join('\n');
    const expected = hmac(key, text).toString('hex');
    if (signature === undefined || !equalText(expected, signature)) throw mismatch();
    this.#previous = expected;
  }
}

interface ChunkHeader {
  readonly size: number;
  readonly signature: string | undefined;
}

function chunkHeader(line: string | undefined): ChunkHeader {
  if (line === undefined) throw incomplete();
  const match = /^([0-9a-fA-F]{1,10})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(line);
  const size = match ? Number.parseInt(match[1]!, 16) : Number.NaN;
  if (!match || size > MAX_CHUNK) throw new ApiError('InvalidChunkSizeError', 'A chunk header is malformed', 400);
  return { size, signature: match[2] };
}

async function* chunk(reader: Reader, header: ChunkHeader, chain: SignatureChain | undefined): ByteStream {
  const hash = chain && createHash('sha256');
  for await (const piece of reader.bytes(header.size)) {
    hash?.update(piece);
    yield piece;
  }
  if (hash) chain.check('PAYLOAD', [EMPTY_SHA256, hash.digest('hex')], header.signature);
}

async function readTrailers(reader: Reader, trailers: Record<string, string>, chain: SignatureChain | undefined): Promise<void> {
  let signed = '';
  for (let line = await reader.line(); line; line = await reader.line()) {
    const at = line.indexOf(':');
    if (at < 0 || signed.length > MAX_LINE)
      throw new ApiError('MalformedTrailerError', 'The request contained trailing data that was not well-formed', 400);
    const [name, value] = [line.slice(0, at).trim().toLowerCase(), line.slice(at + 1).trim()];
    trailers[name] = value;
    if (name !== 'x-amz-trailer-signature') signed += `${name}:${value}\n`;
  }
  if (chain && signed !== '') chain.check('TRAILER', [sha256Hex(signed)], trailers['x-amz-trailer-signature']);
}

export interface ChunkedOptions {
  /** Present where the chunks are signed (STREAMING-AWS4-HMAC-SHA256-PAYLOAD…). */
  readonly seed?: ChunkSeed | undefined;
  /** `x-amz-decoded-content-length`. */
  readonly length?: number | undefined;
  /** Filled with the trailing headers once the body has been read. */
  readonly trailers: Record<string, string>;
}

/** Decodes `Content-Encoding: aws-chunked`, verifying signatures as the bytes pass; nothing is gathered. */
export async function* decodeChunked(body: ByteStream, { seed, length, trailers }: ChunkedOptions): ByteStream {
  const reader = new Reader(body);
  const chain = seed && new SignatureChain(seed);
  let total = 0;
  for (;;) {
    const header = chunkHeader(await reader.line());
    yield* chunk(reader, header, chain);
    total += header.size;
    if (header.size === 0) break;
    if ((await reader.line()) !== '') throw new ApiError('InvalidChunkSizeError', 'A chunk is longer than its header says', 400);
  }
  await readTrailers(reader, trailers, chain);
  if (length !== undefined && length !== total) throw incomplete();
}
