import { Agent } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient } from '../../src/client/client.ts';
import type { Plane } from '../../src/http/plane.ts';
import { bytesOf, KEY, startEdge } from '../support/edge.ts';
import type { Edge, EdgeOptions } from '../support/edge.ts';
import { send } from '../support/http.ts';
import { sendRaw } from '../support/raw.ts';

const open: Edge[] = [];
async function start(options: EdgeOptions = {}): Promise<Edge> {
  const edge = await startEdge(options);
  open.push(edge);
  return edge;
}
afterEach(async () => {
  await Promise.all(open.splice(0).map((edge) => edge.close()));
});

const sts = {
  method: 'POST',
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
  body: 'Action=GetCallerIdentity&Version=2011-06-15',
};

describe('the port', () => {
  it.each([
    ['127.0.0.1:4566', true],
    ['[::1]:4566', true],
    ['localhost', true],
    ['bucket.s3.us-east-1.localhost:1', true],
    ['host.docker.internal:4566', true],
    ['builder.lan', true],
    ['bucket.builder.lan', true],
    ['evil.example', false],
    ['localhost.evil.example', false],
    ['127.0.0.1.evil.example', false],
  ])('serves Host %s: %s', async (host, served) => {
    const edge = await start({ auth: 'off', listener: () => ({ hosts: ['builder.lan'] }) });
    const { status } = await send(edge, { ...sts, headers: { ...sts.headers, host } });
    expect(status).toBe(served ? 200 : 403);
  });

  it.each([
    ['h2c', 'Upgrade, HTTP2-Settings'],
    ['TLS/1.2', 'Upgrade'],
    ['websocket', 'keep-alive, Upgrade'],
  ])('answers requests that propose %s as if they had not', async (protocol, connection) => {
    const plane: Plane = {
      matches: () => false,
      handle: async () => undefined,
      upgrade: () => expect.unreachable('it is not its request'),
    };
    const edge = await start({ auth: 'off', listener: () => ({ planes: [plane] }) });
    const headers = { ...sts.headers, connection, upgrade: protocol, 'http2-settings': 'AAMAAABkAAQAoAAAAAIAAAAA' };
    const { status, text } = await send(edge, { ...sts, headers });
    expect([status, text]).toEqual([200, expect.stringContaining('GetCallerIdentityResult')]);
    // More than comes with the head.
    const large = await send(edge, { ...sts, headers, body: `${sts.body}&Padding=${'x'.repeat(500_000)}` });
    expect(large.status).toBe(200);
    // A body in parts, and another request on the same connection.
    const parts = 'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-www-form-urlencoded\r\n';
    const proposal = `connection: ${connection}\r\nupgrade: ${protocol}\r\n`;
    const whole = `${parts}connection: close\r\ncontent-length: ${sts.body.length}\r\n\r\n${sts.body}`;
    const answers = await sendRaw(
      edge.port,
      `${parts}${proposal}transfer-encoding: chunked\r\n\r\n${sts.body.length.toString(16)}\r\n${sts.body}\r\n0\r\n\r\n${whole}`,
    );
    expect(answers.text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  });

  it('refuses pages of other sites, except where CORS grants it', async () => {
    const granted = { 'access-control-allow-origin': 'http://app.example' };
    const edge = await start({
      auth: 'off',
      listener: () => ({
        cors: async (_request, origin, method) => (origin === 'http://app.example' && method === 'GET' ? granted : undefined),
      }),
    });
    const from = (origin: string, more: Record<string, string> = {}) => ({ headers: { origin, ...more } });
    expect((await send(edge, { ...sts, headers: { ...sts.headers, origin: 'http://evil.example' } })).status).toBe(403);
    expect((await send(edge, { ...sts, headers: { ...sts.headers, origin: 'null' } })).status).toBe(403);
    expect((await send(edge, { ...sts, headers: { ...sts.headers, origin: edge.endpoint } })).status).toBe(200);
    // Behind a proxy that ends TLS, our own pages have come over https.
    expect((await send(edge, { ...sts, headers: { ...sts.headers, origin: edge.endpoint.replace('http:', 'https:') } })).status).toBe(200);
    const missing = await send(edge, { path: '/b/k', ...from('http://app.example') });
    expect(missing).toMatchObject({ status: 404, headers: granted });
    const preflight = await send(edge, {
      method: 'OPTIONS',
      path: '/b/k',
      ...from('http://app.example', { 'access-control-request-method': 'GET' }),
    });
    expect(preflight).toMatchObject({ status: 200, headers: granted, text: '' });
    const refused = await send(edge, {
      method: 'OPTIONS',
      path: '/b/k',
      ...from('http://app.example', { 'access-control-request-method': 'PUT' }),
    });
    expect(refused.status).toBe(403);
  });

  it('accepts anybody without authentication', async () => {
    const edge = await start({ auth: 'off' });
    expect((await send(edge, sts)).text).toContain('arn:aws:iam::000000000000:root');
    const target = {
      'x-amz-target': 'CodePipeline_20150709.GetPipeline',
      authorization: 'AWS4-HMAC-SHA256 Credential=any/20130524/eu-west-3/codepipeline/aws4_request, SignedHeaders=host, Signature=no',
      'x-amz-date': '20130524T000000Z',
    };
    expect((await send(edge, { method: 'POST', headers: target, body: '{"name":"x"}' })).headers['x-amzn-errortype']).toBe(
      'PipelineNotFoundException',
    );
  });

  it('tells what is missing in the words of each protocol', async () => {
    const edge = await start();
    const errorOf = async (options: Parameters<typeof send>[1]) => {
      const { status, headers, text } = await send(edge, options);
      return [status, headers['x-amzn-errortype'] ?? /<Code>(\w+)/.exec(text)?.[1]];
    };
    const json = (target: string) => ({ method: 'POST', headers: { 'x-amz-target': target }, body: '{}' });
    expect(await errorOf(sts)).toEqual([403, 'MissingAuthenticationToken']);
    expect(await errorOf(json('CodePipeline_20150709.GetPipeline'))).toEqual([400, 'MissingAuthenticationTokenException']);
    expect(await errorOf(json('CodePipeline_20150709.Nope'))).toEqual([400, 'UnknownOperationException']);
    expect(await errorOf(json('CodePipeline_20150709.constructor'))).toEqual([400, 'UnknownOperationException']);
    expect(await errorOf(json('DynamoDB_20120810.ListTables'))).toEqual([501, 'NotImplementedException']);
    expect(await errorOf({ path: '/bucket/key' })).toEqual([403, 'AccessDenied']);
    expect(await errorOf({ method: 'PATCH', path: '/bucket/key' })).toEqual([405, 'MethodNotAllowed']);
    expect(await errorOf({ path: '/bucket/%ff' })).toEqual([400, 'InvalidURI']);
    expect(await errorOf({ ...sts, body: 'Action=Nope&Version=2011-06-15' })).toEqual([400, 'InvalidAction']);
    const rpc = {
      method: 'POST',
      path: '/service/CodePipeline_20150709/operation/GetPipeline',
      headers: { 'smithy-protocol': 'rpc-v2-cbor' },
    };
    expect(await errorOf(rpc)).toEqual([501, 'NotImplementedException']);
    const signed = { 'x-amz-target': 'CodePipeline_20150709.GetPipeline', authorization: 'Basic eDp5' };
    expect(await errorOf({ method: 'POST', headers: signed, body: '{}' })).toEqual([400, 'IncompleteSignatureException']);
  });

  it('refuses bodies that are too long before it has read them', async () => {
    const edge = await start({ auth: 'off' });
    const headers = { 'x-amz-target': 'CodePipeline_20150709.GetPipeline' };
    const told = await send(edge, { method: 'POST', headers: { ...headers, 'content-length': String(11 * 1024 * 1024) }, body: '{' }).catch(
      (error: Error) => error,
    );
    expect(told).toMatchObject({ status: 413 });
    const whole = await send(edge, { method: 'POST', headers, body: Buffer.alloc(11 * 1024 * 1024) });
    expect(whole.status).toBe(413);
  });

  it('serves objects so that a browser runs no script in them', async () => {
    const edge = await start({ auth: 'off' });
    await send(edge, { method: 'PUT', path: '/b/page', headers: { 'content-type': 'text/html' }, body: '<script>alert(1)</script>' });
    const { headers } = await send(edge, { path: '/b/page' });
    expect(headers).toMatchObject({
      'content-type': 'text/html',
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
    });
  });

  it('takes an object that curl calls a form', async () => {
    const edge = await start();
    const client = createClient({ endpoint: edge.endpoint, region: 'us-east-1', credentials: KEY });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const body = Buffer.from('Action=GetUser&Version=2010-05-08');
    expect((await client.fetch({ service: 's3', method: 'PUT', path: '/b/k', headers, body })).status).toBe(200);
    expect((await bytesOf((await client.s3.getObject({ Bucket: 'b', Key: 'k' })).Body!)).equals(body)).toBe(true);
    client.close();
  });

  it('never answers nonsense with an error of ours', async () => {
    const edge = await start({ auth: 'off' });
    const header = fc.constantFrom(
      'x-amz-target',
      'content-type',
      'x-amz-content-sha256',
      'content-encoding',
      'x-amz-decoded-content-length',
      'authorization',
      'content-md5',
      'x-amz-checksum-crc32',
      'range',
      'x-amz-copy-source',
    );
    const value = fc.oneof(
      fc.constantFrom(
        'CodeCommit_20150413.CreateRepository',
        'application/x-www-form-urlencoded',
        'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'STREAMING-AWS4-HMAC-SHA256-PAYLOAD',
        'aws-chunked',
        'AWS4-HMAC-SHA256 Credential=a/b/c/d/aws4_request',
      ),
      fc.string({ unit: fc.constantFrom(...'abc123=/;:, %+&"'.split('')) }),
    );
    const path = fc.oneof(
      fc.constantFrom(
        '/',
        '/b',
        '/b/k',
        '/b?acl',
        '/b/k?uploads',
        '/b?delete',
        '/?Action=GetUser&Version=2010-05-08',
        '/service/x/operation/y',
        '//',
        '/b/..',
      ),
      fc.webPath({ size: 'small' }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('GET', 'PUT', 'POST', 'DELETE', 'HEAD'),
        path,
        fc.dictionary(header, value),
        fc.uint8Array(),
        async (method, at, headers, body) => {
          const { status } = await send(edge, { method, path: at === '' ? '/' : at, headers, body });
          expect(status === 501 || status < 500).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
    expect(edge.lines.filter(({ message }) => message === 'request failed')).toEqual([]);
  });

  it('answers bytes that are no HTTP and goes on', async () => {
    const edge = await start({ auth: 'off' });
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(edge.port, '127.0.0.1', () => socket.end('\u0000nonsense\r\n\r\n'));
      bytesOf(socket).then((bytes) => resolve(bytes.toString()), reject);
    });
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect((await send(edge, sts)).status).toBe(200);
  });

  it.each([false, true])('lets what is under way finish when it stops (kept-alive connection: %s)', async (keepAlive) => {
    let finish!: () => void;
    const finished = new Promise<void>((resolve) => (finish = resolve));
    let begun!: () => void;
    const started = new Promise<void>((resolve) => (begun = resolve));
    const slow: Plane = {
      matches: ({ url }) => url === '/slow',
      async handle(_request, response) {
        begun();
        await finished;
        response.end('done');
      },
    };
    const edge = await startEdge({ auth: 'off', listener: () => ({ planes: [slow] }) });
    const agent = new Agent({ keepAlive });
    const answer = send(edge, { path: '/slow', agent });
    await started;
    const closed = edge.close();
    await expect(send(edge, sts)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    finish();
    expect((await answer).text).toBe('done');
    await closed;
    agent.destroy();
  });
});
