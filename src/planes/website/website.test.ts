import * as sdk from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send } from '../../../test/support/http.ts';
import { startS3 } from '../../../test/support/s3.ts';
import type { S3Server } from '../../../test/support/s3.ts';

let server: S3Server;
let client: sdk.S3Client;
const Bucket = 'my.site';
const byHost = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  send(server, { method, path, headers: { host: `${Bucket}.s3-website.localhost:${server.port}`, ...headers } });
const byPath = (path: string) => send(server, { path: `/_website/${path}`, headers: { host: `127.0.0.1:${server.port}` } });
const configure = (WebsiteConfiguration: sdk.WebsiteConfiguration) =>
  client.send(new sdk.PutBucketWebsiteCommand({ Bucket, WebsiteConfiguration }));

const PLAIN = { IndexDocument: { Suffix: 'index.html' }, ErrorDocument: { Key: 'errors/404.html' } };

beforeAll(async () => {
  server = await startS3();
  client = server.client();
  await client.send(new sdk.CreateBucketCommand({ Bucket }));
  const put = (Key: string, Body: string, more: object = {}) =>
    client.send(new sdk.PutObjectCommand({ Bucket, Key, Body, ContentType: 'text/html', ACL: 'public-read', ...more }));
  await put('index.html', '<h1>home</h1>');
  await put('docs/index.html', 'docs');
  await put('errors/404.html', 'lost?');
  await put('style.css', 'body{}', { ContentType: 'text/css', CacheControl: 'max-age=9' });
  await put('ü & more.html', 'umlaut');
  await put('moved.html', '', { WebsiteRedirectLocation: '/docs/' });
  await put('away.html', '', { WebsiteRedirectLocation: 'https://example.com/x' });
  await put('etc/../passwd', 'a plain key');
  await put('private.html', 'secret', { ACL: 'private' });
  await configure(PLAIN);
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

describe('by host', () => {
  test('pages, index documents, types, caching', async () => {
    expect(await byHost('/')).toMatchObject({ status: 200, text: '<h1>home</h1>', headers: { 'content-type': 'text/html' } });
    expect((await byHost('/docs/')).text).toBe('docs');
    expect(await byHost('/docs')).toMatchObject({ status: 302, headers: { location: '/docs/' } });
    expect((await byHost('/%C3%BC%20%26%20more.html?v=1')).text).toBe('umlaut');
    const css = await byHost('/style.css');
    expect(css).toMatchObject({
      status: 200,
      headers: { 'content-type': 'text/css', 'cache-control': 'max-age=9', 'x-content-type-options': 'nosniff' },
    });
    expect(css.headers['content-security-policy']).toBeUndefined();
    expect(await byHost('/style.css', { 'if-none-match': css.headers.etag! })).toMatchObject({ status: 304, text: '' });
    expect((await byHost('/style.css', { 'if-modified-since': css.headers['last-modified']! })).status).toBe(304);
    expect(await byHost('/style.css', {}, 'HEAD')).toMatchObject({ status: 200, text: '', headers: { 'content-length': '6' } });
  });

  test('ranges', async () => {
    expect(await byHost('/style.css', { range: 'bytes=1-3' })).toMatchObject({
      status: 206,
      text: 'ody',
      headers: { 'content-range': 'bytes 1-3/6' },
    });
    expect((await byHost('/style.css', { range: 'bytes=6-' })).status).toBe(416);
  });

  test('errors', async () => {
    expect(await byHost('/none.html')).toMatchObject({ status: 404, text: 'lost?', headers: { 'content-type': 'text/html' } });
    expect(await byHost('/private.html')).toMatchObject({ status: 403, text: 'lost?' });
    expect((await byHost('/', {}, 'POST')).status).toBe(405);
    const other = (host: string) => send(server, { path: '/<b>', headers: { host: `${host}.s3-website.localhost:${server.port}` } });
    expect((await other('no-such-bucket')).text).toContain('NoSuchBucket');
    await client.send(new sdk.CreateBucketCommand({ Bucket: 'plain-bucket' }));
    expect((await other('plain-bucket')).text).toContain('NoSuchWebsiteConfiguration');
  });

  test('keys are never paths, and what is shown is escaped', async () => {
    expect((await byHost('/etc/../passwd')).text).toBe('a plain key');
    await configure({ IndexDocument: { Suffix: 'index.html' } });
    const { status, text } = await byHost('/%3Cscript%3Ealert(1)%3C/script%3E');
    expect(status).toBe(404);
    expect(text).toContain('&lt;script&gt;');
    expect(text).not.toContain('<script>');
    await configure(PLAIN);
  });

  test('redirects of objects, rules and whole sites', async () => {
    expect(await byHost('/moved.html')).toMatchObject({ status: 301, headers: { location: '/docs/' } });
    expect(await byHost('/away.html')).toMatchObject({ status: 301, headers: { location: 'https://example.com/x' } });
    await configure({
      ...PLAIN,
      RoutingRules: [
        { Condition: { KeyPrefixEquals: 'old/' }, Redirect: { ReplaceKeyPrefixWith: 'docs/' } },
        { Condition: { KeyPrefixEquals: 'img/' }, Redirect: { HostName: 'cdn.example', Protocol: 'https', HttpRedirectCode: '307' } },
        {
          Condition: { HttpErrorCodeReturnedEquals: '404', KeyPrefixEquals: 'app/' },
          Redirect: { ReplaceKeyWith: 'index.html', HttpRedirectCode: '302' },
        },
      ],
    });
    expect(await byHost('/old/a%20b')).toMatchObject({ status: 301, headers: { location: '/docs/a%20b' } });
    expect(await byHost('/img/x.png')).toMatchObject({ status: 307, headers: { location: 'https://cdn.example/img/x.png' } });
    expect(await byHost('/app/deep/link')).toMatchObject({ status: 302, headers: { location: '/index.html' } });
    expect((await byHost('/none')).status).toBe(404);
    await configure({ RedirectAllRequestsTo: { HostName: 'www.example', Protocol: 'https' } });
    expect(await byHost('/any/page')).toMatchObject({ status: 301, headers: { location: 'https://www.example/any/page' } });
    await configure(PLAIN);
  });
});

describe('by path', () => {
  test('the same site, in a sandbox', async () => {
    expect(await byPath(`${Bucket}/`)).toMatchObject({
      status: 200,
      text: '<h1>home</h1>',
      headers: { 'content-security-policy': expect.stringMatching(/^sandbox /) },
    });
    expect(await byPath(Bucket)).toMatchObject({ status: 302, headers: { location: `/_website/${Bucket}/` } });
    expect(await byPath(`${Bucket}/docs`)).toMatchObject({ status: 302, headers: { location: `/_website/${Bucket}/docs/` } });
    expect(await byPath(`${Bucket}/moved.html`)).toMatchObject({ status: 301, headers: { location: `/_website/${Bucket}/docs/` } });
    const lost = await byPath(`${Bucket}/none`);
    expect([lost.status, lost.text, lost.headers['content-security-policy']]).toEqual([404, 'lost?', expect.stringMatching(/^sandbox /)]);
    expect((await byPath(`${Bucket}/docs/`)).headers['content-security-policy']).not.toContain('allow-same-origin');
  });
});
