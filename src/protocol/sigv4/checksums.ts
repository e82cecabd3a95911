import { createHash } from 'node:crypto';
import { ApiError } from '../errors.ts';
import type { ByteStream } from '../../ports/blobs.ts';
import { crc32Checksum, crc32cChecksum, crc64nvmeChecksum } from './crc.ts';
import type { Checksum } from './crc.ts';
import { equalText } from './verify.ts';

function hashChecksum(algorithm: string): () => Checksum {
  return () => {
    const hash = createHash(algorithm);
    return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest('base64') };
  };
}

const ALGORITHMS: Readonly<Record<string, () => Checksum>> = {
  crc32: crc32Checksum,
  crc32c: crc32cChecksum,
  crc64nvme: crc64nvmeChecksum,
  sha1: hashChecksum('sha1'),
  sha256: hashChecksum('sha256'),
};

const HEADER = 'x-amz-checksum-';

interface Expected {
  readonly name: string;
  readonly checksum: Checksum;
  /** Base64; read after the body, as a trailer may bring it. */
  readonly expected: () => string | undefined;
}

type Headers = Readonly<Record<string, string>>;

/** The checksums that a request's headers give, or announce as trailers. */
function expectedOf(headers: Headers, trailers: () => Headers): Expected[] {
  const announced = (headers['x-amz-trailer'] ?? '').split(',').map((name) => name.trim().toLowerCase());
  const found = Object.entries(ALGORITHMS).flatMap(([name, make]) => {
    const header = HEADER + name;
    if (headers[header] !== undefined) return [{ name, checksum: make(), expected: () => headers[header] }];
    return announced.includes(header) ? [{ name, checksum: make(), expected: () => trailers()[header] }] : [];
  });
  const md5 = headers['content-md5'];
  if (md5 !== undefined) found.push({ name: 'Content-MD5', checksum: hashChecksum('md5')(), expected: () => md5 });
  return found;
}

function checkDigest(name: string, length: number, text: string | undefined): void {
  if (text === undefined || Buffer.from(text, 'base64').length !== length)
    throw name === 'Content-MD5'
      ? new ApiError('InvalidDigest', 'The Content-MD5 you specified was invalid.', 400)
      : new ApiError('InvalidRequest', `Value for x-amz-checksum-${name} header is invalid.`, 400);
}

function settle({ name, checksum, expected }: Expected): void {
  const actual = checksum.digest();
  const text = expected();
  checkDigest(name, Buffer.from(actual, 'base64').length, text);
  if (equalText(actual, text!)) return;
  const noun = name === 'Content-MD5' ? name : name.toUpperCase();
  throw new ApiError('BadDigest', `The ${noun} you specified did not match the calculated checksum.`, 400);
}

async function* verified(body: ByteStream, all: readonly Expected[]): ByteStream {
  for await (const bytes of body) {
    for (const { checksum } of all) checksum.update(bytes);
    yield bytes;
  }
  for (const one of all) settle(one);
}

/** The same bytes; the stream fails at its end (BadDigest) where a checksum that came with it does not hold. */
export function verifyChecksums(body: ByteStream, headers: Headers, trailers: () => Headers): ByteStream {
  const all = expectedOf(headers, trailers);
  return all.length === 0 ? body : verified(body, all);
}

/** The same bytes; the stream fails at its end where they are not those that were signed. */
export async function* verifyHash(body: ByteStream, sha256: string): ByteStream {
  const hash = createHash('sha256');
  for await (const bytes of body) {
    hash.update(bytes);
    yield bytes;
  }
  if (!equalText(hash.digest('hex'), sha256.toLowerCase()))
    throw new ApiError('XAmzContentSHA256Mismatch', "The provided 'x-amz-content-sha256' header does not match what was computed.", 400);
}
