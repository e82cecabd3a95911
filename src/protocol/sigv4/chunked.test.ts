import { crc32 } from 'node:zlib';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ByteStream } from '../../ports/blobs.ts';
import { signingKey } from './canonical.ts';
import { verifyChecksums, verifyHash } from './checksums.ts';
import { decodeChunked } from './chunked.ts';
import { crc32cChecksum, crc64nvmeChecksum } from './crc.ts';
import type { ChunkSeed } from './verify.ts';

// The examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html
const scope = { date: '20130524', region: 'us-east-1', service: 's3' };
const seed = (signature: string): ChunkSeed => ({
  key: signingKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', scope),
  signature,
  amzDate: '20130524T000000Z',
  scope,
});
const a = (count: number): string => 'a'.repeat(count);

function signedChunks(signatures: readonly string[], tail: string): Buffer {
  const [first, second, last] = signatures;
  return Buffer.from(
    `10000;chunk-signature=${first}\r\n${a(65536)}\r\n400;chunk-signature=${second}\r\n${a(1024)}\r\n0;chunk-signature=${last}\r\n${tail}\r\n`,
  );
}

/** The bytes in pieces of the given sizes, the rest at the end. */
async function* pieces(bytes: Uint8Array, sizes: readonly number[]): ByteStream {
  let at = 0;
  for (const size of sizes) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
  yield bytes.subarray(at);
}

async function collect(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const PLAIN = {
  seed: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
  chunks: [
    'ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648',
    '0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497',
    'b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9',
  ],
};
const TRAILER = {
  seed: '106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e',
  chunks: [
    'b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2',
    '1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7',
    '2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992',
  ],
  tail: 'x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435\r\n',
};

describe('signed chunks', () => {
  const decode = (bytes: Buffer, from = PLAIN.seed, sizes: readonly number[] = []) =>
    collect(decodeChunked(pieces(bytes, sizes), { seed: seed(from), trailers: {}, length: 66_560 }));

  it("of AWS's example verify, however the bytes are cut", async () => {
    const body = signedChunks(PLAIN.chunks, '');
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 30_000 }), { maxLength: 5 }), async (sizes) => {
        expect((await decode(body, PLAIN.seed, sizes)).toString()).toBe(a(66_560));
      }),
      { numRuns: 20 },
    );
  });

  it('with a signed trailer verify, and give the trailer', async () => {
    const trailers: Record<string, string> = {};
    const stream = decodeChunked(pieces(signedChunks(TRAILER.chunks, TRAILER.tail), [70_000]), { seed: seed(TRAILER.seed), trailers });
    expect((await collect(stream)).length).toBe(66_560);
    expect(trailers['x-amz-checksum-crc32c']).toBe('sOO8/Q==');
  });

  it.each([
    ['changed content', signedChunks(PLAIN.chunks, '').fill('b', 100, 101)],
    ['chunks in another order', signedChunks([PLAIN.chunks[1]!, PLAIN.chunks[0]!, PLAIN.chunks[2]!], '')],
    [
      'a missing signature',
      Buffer.from(
        signedChunks(PLAIN.chunks, '')
          .toString()
          .replace(/;chunk-signature=\w+/, ''),
      ),
    ],
  ])('with %s are refused', async (_name, bytes) => {
    await expect(decode(bytes)).rejects.toMatchObject({ code: 'SignatureDoesNotMatch', status: 403 });
  });

  it('with a changed trailer are refused', async () => {
    const body = signedChunks(TRAILER.chunks, TRAILER.tail.replace('sOO8', 'sOO9'));
    await expect(decode(body, TRAILER.seed)).rejects.toMatchObject({ code: 'SignatureDoesNotMatch' });
  });

  it('that end early are refused', async () => {
    const whole = signedChunks(PLAIN.chunks, '');
    for (const length of [10, 40_000, 65_700, whole.length - 90])
      await expect(decode(whole.subarray(0, length))).rejects.toMatchObject({ status: 400 });
  });
});

describe('unsigned chunks', () => {
  const decode = (text: string, length?: number) => collect(decodeChunked(pieces(Buffer.from(text), []), { trailers: {}, length }));

  it('decode', async () => {
    expect((await decode('3\r\nabc\r\n2\r\nde\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n')).toString()).toBe('abcde');
    expect((await decode('0\r\n\r\n')).length).toBe(0);
  });

  it('must be as long as was said', async () => {
    await expect(decode('3\r\nabc\r\n0\r\n\r\n', 4)).rejects.toMatchObject({ code: 'IncompleteBody' });
  });

  it.each(['', 'zz\r\n', '3\r\nabcd\r\n0\r\n\r\n', '-1\r\n', 'fffffffffff\r\n', `${'1'.repeat(9000)}`])(
    'malformed as %j are refused',
    async (text) => {
      await expect(decode(text)).rejects.toMatchObject({ status: 400 });
    },
  );

  it('never crash', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        const outcome = await collect(decodeChunked(pieces(bytes, []), { trailers: {} })).catch(
          (error: { status: number }) => error.status,
        );
        expect(Buffer.isBuffer(outcome) || outcome === 400).toBe(true);
      }),
    );
  });
});

describe('checksums', () => {
  // Check values: RFC 3720 B.4 for CRC-32C, and the CRC catalogue's "123456789" for both.
  it.each([
    ['crc32c', crc32cChecksum, Buffer.from('e3069283', 'hex')],
    ['crc64nvme', crc64nvmeChecksum, Buffer.from('ae8b14860a799888', 'hex')],
  ])('%s gives its check value, in one piece or several', (_name, make, expected) => {
    const whole = make();
    whole.update(Buffer.from('123456789'));
    const parts = make();
    for (const part of ['1', '', '2345', '6789']) parts.update(Buffer.from(part));
    expect(whole.digest()).toBe(expected.toString('base64'));
    expect(parts.digest()).toBe(expected.toString('base64'));
  });

  const body = Buffer.from('some bytes');
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32(body));
  const md5 = createHash('md5').update(body).digest('base64');

  it.each([
    [{ 'x-amz-checksum-crc32': crc.toString('base64'), 'content-md5': md5 }, undefined],
    [{ 'x-amz-checksum-crc32': 'AAAAAA==' }, 'BadDigest'],
    [{ 'x-amz-checksum-sha256': 'AAAAAA==' }, 'InvalidRequest'],
    [{ 'content-md5': createHash('md5').update('other').digest('base64') }, 'BadDigest'],
    [{ 'content-md5': 'x' }, 'InvalidDigest'],
    [{ 'x-amz-trailer': 'x-amz-checksum-crc32' }, 'InvalidRequest'],
  ])('that come as %j end as %s', async (headers, code) => {
    const reading = collect(verifyChecksums(pieces(body, [3]), headers as Record<string, string>, () => ({})));
    if (code === undefined) expect((await reading).equals(body)).toBe(true);
    else await expect(reading).rejects.toMatchObject({ code, status: 400 });
  });

  it('of a signed payload must hold', async () => {
    const hash = createHash('sha256').update(body).digest('hex');
    expect((await collect(verifyHash(pieces(body, []), hash))).equals(body)).toBe(true);
    await expect(collect(verifyHash(pieces(Buffer.from('x'), []), hash))).rejects.toMatchObject({ code: 'XAmzContentSHA256Mismatch' });
  });
});
