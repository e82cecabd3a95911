import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type PipewrightClient } from '../../src/client/client.ts';
import { models } from '../../src/client/models.gen.ts';
import type { ServiceModel } from '../../src/protocol/model.ts';
import { requestText, sendRaw, type RawOptions } from '../support/raw.ts';
import { StartedServer } from '../support/server.ts';

/** How much of each log has been looked at. */
const looked = new Map<StartedServer, number>();

/** Without authentication input comes as far as it can; with it, its own faults show. */
let open: StartedServer;
let closed: StartedServer;
let client: PipewrightClient;
beforeAll(async () => {
  [open, closed] = await Promise.all([StartedServer.start({ args: ['--auth', 'off'] }), StartedServer.start()]);
  client = createClient({ endpoint: open.endpoint, region: 'us-east-1' });
  await client.s3.createBucket({ Bucket: 'bkt' });
  await client.s3.putBucketWebsite({ Bucket: 'bkt', WebsiteConfiguration: { IndexDocument: { Suffix: 'index.html' } } });
  await client.codecommit.createRepository({ repositoryName: 'repo' });
});
afterAll(async () => {
  client.close();
  await Promise.all([open.end(), closed.end()]);
});

afterEach(async () => {
  for (const server of [open, closed]) {
    expect((await fetch(`${server.endpoint}/_pipewright/health`)).status).toBe(200);
    // Where a handler threw what nobody expected.
    const news = server.log.slice(looked.get(server) ?? 0);
    looked.set(server, server.log.length);
    expect(news).not.toContain('"request failed"');
  }
});

interface Case extends RawOptions {
  readonly to?: 'open' | 'closed';
  /** The connection may end without an answer: what was sent is no HTTP, or not all of it. */
  readonly mayClose?: boolean;
  /** The statuses that are right where it is no refusal. */
  readonly also?: readonly number[];
  readonly bytes: string | Uint8Array;
}

/** Each of these is a 4xx, or 501 where we have not built what is asked for. */
async function refused(cases: Readonly<Record<string, Case>>): Promise<void> {
  const wrong: object[] = [];
  for (const [name, { to = 'open', bytes, mayClose = false, also = [], ...options }] of Object.entries(cases)) {
    const { port } = to === 'open' ? open : closed;
    const { status, text } = await sendRaw(port, bytes, options).catch((error: Error) => ({ status: 0, text: error.message }));
    const fine = status === undefined ? mayClose : (status >= 400 && status < 500) || status === 501 || also.includes(status);
    if (!fine || /\n\s+at .*\(.*:\d+\)/.test(text)) wrong.push({ name, status, text: text.slice(0, 300) });
  }
  expect(wrong).toEqual([]);
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const json = (target: string): Record<string, string> => ({ 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target });
const CREATE = 'CodePipeline_20150709.CreatePipeline';

describe('bodies', () => {
  it('refuses JSON that is none, for every operation of every JSON service', async () => {
    const cases: Record<string, Case> = {};
    for (const load of Object.values(models)) {
      const model = (await load()) as ServiceModel;
      if (model.protocol !== 'json') continue;
      for (const operation of Object.keys(model.operations)) {
        const headers = json(`${model.targetPrefix}.${operation}`);
        for (const body of ['{', '[]', '{"a" 1}', '\xff\xfe{'])
          cases[`${model.name} ${operation} ${body}`] = { bytes: requestText('POST /', headers, body) };
      }
    }
    expect(Object.keys(cases).length).toBeGreaterThan(1000);
    await refused(cases);
  });

  it('refuses JSON of the wrong shape', async () => {
    const bodies = {
      deep: `${'['.repeat(100_000)}`,
      'deep and closed': `{"pipeline":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}}`,
      'an array of pipelines': '{"pipeline":[]}',
      null: '{"pipeline":null}',
      prototype: '{"__proto__":{"pipeline":{}},"constructor":{}}',
      numbers: '{"pipeline":{"name":1e999,"roleArn":-0,"stages":{}}}',
      'not a number': '{"pipeline":NaN}',
      surrogate: '{"pipeline":{"name":"\\ud800"}}',
      'only a target': '',
    };
    await refused(
      Object.fromEntries(Object.entries(bodies).map(([name, body]) => [name, { bytes: requestText('POST /', json(CREATE), body) }])),
    );
    await refused({
      'no such operation': { bytes: requestText('POST /', json('CodePipeline_20150709.Nope'), '{}') },
      'no such service': { bytes: requestText('POST /', json('Nope.Nope'), '{}') },
      'a target of Object': { bytes: requestText('POST /', json('CodePipeline_20150709.constructor'), '{}') },
      'a target that is no name': { bytes: requestText('POST /', json('../../etc/passwd'), '{}') },
    });
  });

  it('refuses forms that are none', async () => {
    const iam = (more: string) => ({ bytes: requestText('POST /', FORM, `Version=2010-05-08&${more}`) });
    await refused({
      empty: { bytes: requestText('POST /', FORM, 'x') },
      'no version': { bytes: requestText('POST /', FORM, 'Action=CreateUser') },
      'no such action': iam('Action=Nope'),
      'a percent sign': iam('Action=CreateUser&UserName=%'),
      'no text': iam('Action=CreateUser&UserName=%ff%fe'),
      nul: iam('Action=CreateUser&UserName=a%00b'),
      'a path': iam('Action=CreateUser&UserName=..%2f..%2fetc'),
      'a far index': iam('Action=CreateUser&UserName=%21&Tags.member.999999999.Key=k'),
      'a negative index': iam('Action=CreateUser&UserName=%21&Tags.member.-1.Key=k'),
      'an index of Object': iam('Action=CreateUser&UserName=%21&Tags.member.__proto__.Key=k'),
      'no document': iam('Action=CreateRole&RoleName=r&AssumeRolePolicyDocument=%7B'),
      'many fields': iam(`Action=CreateUser&UserName=%21&${'a=b&'.repeat(100_000)}`),
    });
  });

  it('refuses XML that is none', async () => {
    const bodies = {
      empty: ' ',
      unclosed: '<Delete><Object>',
      'another root': '<Nope/>',
      crossed: '<a><b></a></b>',
      laughs: `<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]><Delete>&b;</Delete>`,
      'a file': '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&x;</Key></Object></Delete>',
      deep: '<a>'.repeat(100_000),
      bytes: '\xff\xfe<',
    };
    const targets = [
      'POST /bkt?delete',
      'PUT /bkt?tagging',
      'PUT /bkt?website',
      'PUT /bkt?cors',
      'PUT /bkt?versioning',
      'POST /bkt/k?uploadId=x',
    ];
    const cases: Record<string, Case> = {};
    for (const target of targets)
      for (const [name, body] of Object.entries(bodies)) cases[`${target} ${name}`] = { bytes: requestText(target, {}, body) };
    cases['a policy'] = { bytes: requestText('PUT /bkt?policy', {}, '{') };
    await refused(cases);
  });

  it('refuses what is too long, before it has read it', async () => {
    await refused({
      declared: { bytes: requestText('POST /', { ...json(CREATE), 'content-length': '10000000000' }) },
      'declared, a form': { bytes: requestText('POST /', { ...FORM, 'content-length': '10000000000' }) },
      'declared, XML': { bytes: requestText('POST /bkt?delete', { 'content-length': '10000000000' }) },
      'an object': { bytes: requestText('PUT /bkt/k', { 'content-length': '6000000000000' }) },
      chunked: {
        bytes: requestText('POST /', { ...json(CREATE), 'transfer-encoding': 'chunked' }, `c00000\r\n${' '.repeat(0xc00000)}\r\n0\r\n\r\n`),
      },
    });
  });
});

describe('signatures', () => {
  it('refuses every one that is not right', async () => {
    const scope = 'AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/s3/aws4_request';
    const values = {
      none: undefined,
      empty: '',
      scheme: 'AWS4-HMAC-SHA256',
      'no parts': 'AWS4-HMAC-SHA256 a',
      'no credential': 'AWS4-HMAC-SHA256 SignedHeaders=host, Signature=0',
      'short scope': 'AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0',
      'unknown key': `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
      'no hex': `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=\xff`,
      'no headers': `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=, Signature=0`,
      'of version 2': 'AWS a:b',
      basic: 'Basic !!!',
      bearer: 'Bearer x',
    };
    const cases: Record<string, Case> = {};
    for (const [name, authorization] of Object.entries(values)) {
      const headers = { ...(authorization !== undefined && { authorization }), 'x-amz-date': '20260101T000000Z' };
      cases[`s3 ${name}`] = { to: 'closed', bytes: requestText('GET /bkt', headers) };
      cases[`json ${name}`] = { to: 'closed', bytes: requestText('POST /', { ...json(CREATE), ...headers }, '{}') };
      cases[`form ${name}`] = {
        to: 'closed',
        bytes: requestText('POST /', { ...FORM, ...headers }, 'Action=ListUsers&Version=2010-05-08'),
      };
      cases[`events ${name}`] = { to: 'closed', bytes: requestText('GET /_pipewright/events', headers) };
      cases[`git ${name}`] = { to: 'closed', bytes: requestText('GET /v1/repos/repo/info/refs?service=git-upload-pack', headers) };
    }
    const algorithm = 'X-Amz-Algorithm=AWS4-HMAC-SHA256';
    for (const query of [
      algorithm,
      `${algorithm}&X-Amz-Credential=${scope}&X-Amz-Date=x&X-Amz-Expires=-1&X-Amz-SignedHeaders=host&X-Amz-Signature=0`,
      `${algorithm}&X-Amz-Credential=%`,
      'AWSAccessKeyId=a&Expires=x&Signature=y',
    ]) {
      cases[`presigned ${query}`] = { to: 'closed', bytes: requestText(`GET /bkt/k?${query}`) };
    }
    await refused(cases);
  });
});

describe('paths', () => {
  it('never reads a file that is no object', async () => {
    const keys = [
      '../../etc/passwd',
      '%2e%2e/%2e%2e/etc/passwd',
      '..%2f..%2froot-key.json',
      '/etc/passwd',
      '%00',
      '%zz',
      'a'.repeat(1100),
      '%',
      '%ff',
    ];
    const cases: Record<string, Case> = {};
    for (const key of keys) {
      for (const before of [
        '/bkt/',
        '/',
        '//',
        '/_website/bkt/',
        '/_website/',
        '/v1/repos/',
        '/v1/repos/repo/',
        '/_pipewright/',
        '/_pipewright/credentials/',
      ]) {
        // A site named without its slash is sent to the name with it, whether it is there or not.
        const also = before === '/_website/' ? [302] : [];
        cases[`GET ${before}${key}`] = { bytes: requestText(`GET ${before}${key}`), also };
      }
    }
    for (const name of ['../repo', '%2e%2e%2frepo', 'repo/../repo', 'repo.git/..', '..']) {
      cases[`git ${name}`] = { bytes: requestText(`GET /v1/repos/${name}/info/refs?service=git-upload-pack`) };
    }
    await refused(cases);
  });

  it('refuses request lines and hosts that are none of ours', async () => {
    await refused({
      'absolute, foreign': { bytes: requestText('GET http://evil.example/', { host: 'evil.example' }) },
      'a proxy': { bytes: requestText('CONNECT evil.example:443'), mayClose: true },
      'options of everything': { bytes: requestText('OPTIONS *'), also: [200] },
      'no method': { bytes: requestText('NOPE /') },
      'no host': { bytes: 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n' },
      'two hosts': { bytes: 'GET / HTTP/1.1\r\nhost: evil.example\r\nhost: 127.0.0.1\r\nconnection: close\r\n\r\n' },
      'a long path': { bytes: requestText(`GET /${'a'.repeat(100_000)}`), mayClose: true },
    });
  });
});

describe('HTTP', () => {
  it('refuses what is none', async () => {
    await refused({
      TLS: { bytes: Buffer.from('160301020001000001fc0303', 'hex'), halfClose: true, mayClose: true },
      zeros: { bytes: Buffer.alloc(1000), halfClose: true, mayClose: true },
      'a version': { bytes: 'GET / HTTP/9.9\r\n\r\n', halfClose: true, mayClose: true },
      'half a line': { bytes: 'GET /', halfClose: true, mayClose: true },
      'a huge header': { bytes: requestText('GET /', { x: 'y'.repeat(100_000) }), mayClose: true },
      'many headers': {
        bytes: requestText('GET /', Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`x-${i}`, 'y']))),
        mayClose: true,
      },
      'a header without a name': { bytes: 'GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n: x\r\n\r\n', halfClose: true, mayClose: true },
      'two lengths': {
        bytes: 'POST / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab',
        halfClose: true,
        mayClose: true,
      },
      'length and chunks': {
        bytes: requestText('POST /', { 'content-length': '3', 'transfer-encoding': 'chunked' }, '0\r\n\r\n'),
        halfClose: true,
        mayClose: true,
      },
      'a bad chunk': {
        bytes: requestText('POST /', { ...json(CREATE), 'transfer-encoding': 'chunked' }, 'zz\r\n'),
        halfClose: true,
        mayClose: true,
      },
      'a body cut short': {
        bytes: requestText('POST /', { ...json(CREATE), 'content-length': '100' }, '{'),
        halfClose: true,
        mayClose: true,
      },
      'an object cut short': { bytes: requestText('PUT /bkt/cut', { 'content-length': '100' }, 'abc'), halfClose: true, mayClose: true },
    });
    await expect(client.s3.headObject({ Bucket: 'bkt', Key: 'cut' })).rejects.toMatchObject({ status: 404 });
  });

  it('refuses headers that contradict an object, and keeps nothing of it', async () => {
    const put = (headers: Record<string, string>, body = 'abc'): Case => ({
      bytes: requestText('PUT /bkt/odd', headers, body),
      mayClose: true,
      halfClose: true,
    });
    const chunks = { 'content-encoding': 'aws-chunked', 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER' };
    await refused({
      'another MD5': put({ 'content-md5': 'AAAAAAAAAAAAAAAAAAAAAA==' }),
      'no MD5': put({ 'content-md5': 'x' }),
      'another CRC': put({ 'x-amz-checksum-crc32': 'AAAAAA==' }),
      'no CRC': put({ 'x-amz-checksum-crc32': '!' }),
      'another SHA-256': put({ 'x-amz-content-sha256': '0'.repeat(64) }),
      'a source that is none': put({ 'x-amz-copy-source': '%' }, ''),
      'a source above': put({ 'x-amz-copy-source': '../../etc/passwd' }, ''),
      'no chunks': put({ ...chunks, 'x-amz-decoded-content-length': '3' }),
      'a huge chunk': put({ ...chunks, 'x-amz-decoded-content-length': '3' }, 'ffffffffffffffff\r\nabc'),
      'another length': put({ ...chunks, 'x-amz-decoded-content-length': '9' }, '3\r\nabc\r\n0\r\n\r\n'),
    });
    await expect(client.s3.headObject({ Bucket: 'bkt', Key: 'odd' })).rejects.toMatchObject({ status: 404 });
  });

  it('refuses a key that leads above its bucket: no file is called so', async () => {
    const Key = '../../escaped';
    const { text } = await sendRaw(open.port, requestText('PUT /bkt/%2e%2e/%2e%2e/escaped', {}, 'x'));
    expect(text).toMatch(/^HTTP\/1\.1 400 /);
    expect(text).toContain('<Code>InvalidURI</Code>');
    expect((await client.s3.listObjectsV2({ Bucket: 'bkt', Prefix: '..' })).Contents ?? []).toEqual([]);
    const files = readdirSync(open.data, { recursive: true, encoding: 'utf8' });
    expect(files.filter((name) => name.endsWith('escaped'))).toEqual([]);
    expect(existsSync(join(open.data, Key))).toBe(false);
  });
});

describe('git', () => {
  it('refuses what is no git', async () => {
    const call = (service: string, body: string | Uint8Array, more: Record<string, string> = {}): Case => ({
      bytes: requestText(`POST /v1/repos/repo/${service}`, { 'content-type': `application/x-${service}-request`, ...more }, body),
      halfClose: true,
      mayClose: true,
    });
    const list = (query: string): Case => ({ bytes: requestText(`GET /v1/repos/repo/info/refs${query}`) });
    await refused({
      'no service': list(''),
      'another service': list('?service=git-evil'),
      'an option': list('?service=--upload-pack=touch'),
      'a file': { bytes: requestText('GET /v1/repos/repo/objects/info/packs') },
      config: { bytes: requestText('GET /v1/repos/repo/config') },
      'no such repository': { bytes: requestText('GET /v1/repos/absent/info/refs?service=git-upload-pack') },
      'no type': { bytes: requestText('POST /v1/repos/repo/git-receive-pack', {}, '0000') },
      'no length': call('git-receive-pack', 'zzzz'),
      'a long line': call('git-upload-pack', `fff0${'x'.repeat(100)}`),
      'no gzip': call('git-upload-pack', 'abc', { 'content-encoding': 'gzip' }),
      'half a gzip': call('git-upload-pack', gzipSync('0000').subarray(0, 12), { 'content-encoding': 'gzip' }),
      'a version': call('git-upload-pack', '0000', { 'git-protocol': 'version=9; rm -rf' }),
    });
  });
});
