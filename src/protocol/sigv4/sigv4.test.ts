import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';
import { HttpRequest } from '@smithy/core/protocols';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Credential } from '../../ports/credentials.ts';
import { EMPTY_SHA256, parseAmzDate, sha256Hex } from './canonical.ts';
import { claimsOf } from './claims.ts';
import { presignQuery, signHeaders } from './sign.ts';
import { verify } from './verify.ts';
import type { Verified } from './verify.ts';

// The example credentials and requests of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
const KEY = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
const THEN = parseAmzDate('20130524T000000Z')!;
const principal = { kind: 'root', account: '0', arn: 'arn:aws:iam::0:root', id: '0' } as const;

const credentials = (key: Omit<Credential, 'principal'> = KEY) => ({
  find: async (id: string) => (id === key.accessKeyId ? { ...key, principal } : undefined),
});

interface Request {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly headers: Record<string, string>;
}

async function check(request: Request, options: { now?: number; key?: Omit<Credential, 'principal'>; bodyHash?: string } = {}) {
  const claims = claimsOf(request);
  if (!claims || claims.kind === 'malformed') return claims ?? { kind: 'unsigned' as const };
  return verify(request, claims, {
    credentials: credentials(options.key),
    now: options.now ?? THEN,
    bodyHash: options.bodyHash ?? EMPTY_SHA256,
  });
}

const authorization = (signedHeaders: string, signature: string) =>
  `AWS4-HMAC-SHA256 Credential=${KEY.accessKeyId}/20130524/us-east-1/s3/aws4_request,SignedHeaders=${signedHeaders},Signature=${signature}`;

const base = { host: 'examplebucket.s3.amazonaws.com', 'x-amz-date': '20130524T000000Z', 'x-amz-content-sha256': EMPTY_SHA256 };

describe("AWS's published examples", () => {
  const get: Request = {
    method: 'GET',
    path: '/test.txt',
    query: '',
    headers: {
      ...base,
      range: 'bytes=0-9',
      authorization: authorization(
        'host;range;x-amz-content-sha256;x-amz-date',
        'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
      ),
    },
  };

  it('verify: GET object', async () => {
    expect(await check(get)).toMatchObject({ kind: 'verified', region: 'us-east-1' });
  });

  it('verify: PUT object, with a $ in the key', async () => {
    const hash = '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072';
    const headers = {
      ...base,
      date: 'Fri, 24 May 2013 00:00:00 GMT',
      'x-amz-content-sha256': hash,
      'x-amz-storage-class': 'REDUCED_REDUNDANCY',
      authorization: authorization(
        'date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class',
        '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
      ),
    };
    expect(await check({ method: 'PUT', path: '/test%24file.text', query: '', headers })).toMatchObject({ kind: 'verified' });
  });

  it('verify: GET bucket lifecycle and list objects', async () => {
    const signed = 'host;x-amz-content-sha256;x-amz-date';
    const lifecycle = { ...base, authorization: authorization(signed, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543') };
    expect(await check({ method: 'GET', path: '/', query: 'lifecycle', headers: lifecycle })).toMatchObject({ kind: 'verified' });
    const list = { ...base, authorization: authorization(signed, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7') };
    expect(await check({ method: 'GET', path: '/', query: 'max-keys=2&prefix=J', headers: list })).toMatchObject({ kind: 'verified' });
  });

  it('verify: presigned GET, until it expires', async () => {
    const query =
      'X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=20130524T000000Z' +
      '&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404';
    const request = { method: 'GET', path: '/test.txt', query, headers: { host: base.host } };
    expect(await check(request, { now: THEN + 86_400_000 })).toMatchObject({ kind: 'verified' });
    expect(await check(request, { now: THEN + 86_400_001 })).toEqual({ kind: 'presignedExpired' });
  });

  it.each([
    ['another path', { path: '/test.tx' }],
    ['another method', { method: 'PUT' }],
    ['another query', { query: 'acl' }],
    ['another signed header', { headers: { ...get.headers, range: 'bytes=0-10' } }],
    ['another payload hash', { headers: { ...get.headers, 'x-amz-content-sha256': sha256Hex('x') } }],
  ])('do not verify with %s', async (_name, change) => {
    expect(await check({ ...get, ...change })).toEqual({ kind: 'mismatch' });
  });

  it('do not verify with a steering header that was not signed', async () => {
    const headers = { ...get.headers, 'x-amz-copy-source': '/secret/key' };
    expect(await check({ ...get, headers })).toEqual({ kind: 'unsignedHeaders', names: ['x-amz-copy-source'] });
  });

  it('hold for 15 minutes either way', async () => {
    for (const sign of [1, -1]) {
      expect(await check(get, { now: THEN + sign * 900_000 })).toMatchObject({ kind: 'verified' });
      expect(await check(get, { now: THEN + sign * 900_001 })).toMatchObject({ kind: 'skewed' });
    }
  });
});

describe('claims', () => {
  it.each([
    ['AWS4-HMAC-SHA256 nonsense'],
    ['AWS4-HMAC-SHA256 Credential=AK/20130524/r/s/aws4_request, SignedHeaders=host'],
    ['AWS4-HMAC-SHA256 Credential=AK, SignedHeaders=host, Signature=x'],
    ['Bearer x'],
  ])('that are not whole are malformed: %s', async (header) => {
    const headers = { ...base, authorization: header };
    expect(await check({ method: 'GET', path: '/', query: '', headers })).toMatchObject({ kind: 'malformed' });
  });

  it('never crash, whatever is sent', async () => {
    const headers = fc.dictionary(fc.constantFrom('host', 'x-amz-date', 'authorization', 'x-amz-security-token'), fc.string());
    const parts = fc.constantFrom(
      'X-Amz-Algorithm=AWS4-HMAC-SHA256',
      'X-Amz-Credential=a/20130524/b/s3/aws4_request',
      'X-Amz-Date=20130524T000000Z',
      'Signature',
      'Expires=1',
      'AWSAccessKeyId=x',
      '%',
      '&&',
      'X-Amz-Expires=x',
    );
    const query = fc.array(fc.oneof(parts, fc.string())).map((list) => list.join('&'));
    await fc.assert(
      fc.asyncProperty(fc.string(), query, headers, async (path, text, given) => {
        const result = await check({ method: 'GET', path, query: text, headers: given });
        expect(result.kind).not.toBe('verified');
      }),
    );
  });

  it('want the session token with temporary keys, and none with permanent ones', async () => {
    const options = { region: 'r', service: 'sts', now: THEN };
    const temporary = { ...KEY, sessionToken: 'token' };
    const bare = { method: 'POST', path: '/', query: '', headers: { host: 'h' } };
    const signed = (key: typeof KEY & { sessionToken?: string }) => ({
      ...bare,
      headers: signHeaders(bare, EMPTY_SHA256, { ...options, key }),
    });
    expect(await check(signed(temporary), { key: temporary })).toMatchObject({ kind: 'verified' });
    expect(await check(signed(KEY), { key: temporary })).toEqual({ kind: 'badToken' });
    expect(await check(signed(temporary), { key: KEY })).toEqual({ kind: 'badToken' });
    expect(await check(signed(temporary), { key: { ...temporary, expires: THEN } })).toEqual({ kind: 'expiredToken' });
    expect(
      await check({
        ...bare,
        headers: signHeaders(bare, EMPTY_SHA256, { ...options, key: { accessKeyId: 'other', secretAccessKey: 'x' } }),
      }),
    ).toEqual({ kind: 'unknownKey' });
  });

  it('limit presigned URLs to a week', async () => {
    const request = { method: 'GET', path: '/k', query: '', headers: { host: 'h' } };
    const query = (expires: number) => presignQuery(request, expires, EMPTY_SHA256, { key: KEY, region: 'r', service: 's3', now: THEN });
    expect(await check({ ...request, query: query(604_800) })).toMatchObject({ kind: 'verified' });
    expect(await check({ ...request, query: query(604_801) })).toEqual({ kind: 'expiresTooFar' });
  });
});

class Sha256 {
  readonly #hash;
  constructor(secret?: string | Uint8Array) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', secret);
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

describe('agreement with @smithy/signature-v4', () => {
  const signer = (service: string, sessionToken?: string) =>
    new SignatureV4({
      credentials: { ...KEY, ...(sessionToken !== undefined && { sessionToken }) },
      region: 'eu-west-1',
      service,
      sha256: Sha256 as never,
      uriEscapePath: service !== 's3',
    });

  const segment = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => text !== '.' && text !== '..');
  const path = fc.array(segment, { maxLength: 4 }).map((parts) => `/${parts.map((part) => encodeURIComponent(part)).join('/')}`);
  // (Their signer loses a parameter named __proto__.)
  const query = fc.dictionary(
    fc.string({ minLength: 1, unit: 'grapheme' }).filter((name) => !/^(x-amz-|__proto__$)/i.test(name)),
    fc.string({ unit: 'grapheme' }),
    { maxKeys: 4 },
  );
  const encode = (values: Record<string, unknown>) =>
    Object.entries(values)
      .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`)
      .join('&');

  it.each(['s3', 'codepipeline'])('holds for signed headers (%s)', async (service) => {
    await fc.assert(
      fc.asyncProperty(path, query, fc.string(), async (at, parameters, body) => {
        const input = new HttpRequest({
          method: 'POST',
          hostname: 'h',
          path: at,
          query: parameters,
          headers: { host: 'h:1', 'x-amz-meta-a': ' a   b ' },
          body,
        });
        const signed = await signer(service, 'tok').sign(input, { signingDate: new Date(THEN) });
        const headers = Object.fromEntries(Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value]));
        const request = { method: 'POST', path: at, query: encode(parameters), headers };
        const result = await check(request, { key: { ...KEY, sessionToken: 'tok' }, bodyHash: sha256Hex(body) });
        expect(result.kind).toBe('verified');
      }),
      { numRuns: 60 },
    );
  });

  it('holds for presigned URLs', async () => {
    await fc.assert(
      fc.asyncProperty(path, query, async (at, parameters) => {
        const headers = { host: 'h:1', 'x-amz-content-sha256': 'UNSIGNED-PAYLOAD' };
        const input = new HttpRequest({ method: 'GET', hostname: 'h', path: at, query: parameters, headers });
        const unsigned = new Set(['x-amz-content-sha256']);
        const signed = await signer('s3', 'tok').presign(input, {
          signingDate: new Date(THEN),
          expiresIn: 60,
          unhoistableHeaders: unsigned,
          unsignableHeaders: unsigned,
        });
        const request = { method: 'GET', path: at, query: encode(signed.query as Record<string, unknown>), headers: { host: 'h:1' } };
        expect((await check(request, { key: { ...KEY, sessionToken: 'tok' } })).kind).toBe('verified');
      }),
      { numRuns: 60 },
    );
  });

  it('holds for our own signer', async () => {
    const bare = { method: 'GET', path: '/a%20b/%2F', query: 'z=1&a=%20', headers: { host: 'h' } };
    const headers = signHeaders(bare, EMPTY_SHA256, { key: KEY, region: 'eu-west-1', service: 'logs', now: THEN });
    const result = (await check({ ...bare, headers })) as Verified;
    expect(result.kind).toBe('verified');
    const input = new HttpRequest({ method: 'GET', hostname: 'h', path: bare.path, query: { z: '1', a: ' ' }, headers: { host: 'h' } });
    const theirs = await signer('logs').sign(input, { signingDate: new Date(THEN), unsignableHeaders: new Set(['x-amz-content-sha256']) });
    expect(headers['authorization']?.split('Signature=')[1]).toBe(theirs.headers['authorization']?.split('Signature=')[1]);
  });
});
