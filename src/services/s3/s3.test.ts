import { createHash, randomBytes } from 'node:crypto';
import { Agent } from 'node:http';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareAll } from '../../../test/support/database.ts';
import { startS3 } from '../../../test/support/s3.ts';
import type { S3Server } from '../../../test/support/s3.ts';
import { SliceBody } from '../../ports/blobs.ts';
import { bucketSql, sliceSql, uploadSql, versionSql } from './tables.ts';

let server: S3Server;
let client: S3Client;
let buckets = 0;

beforeAll(async () => {
  server = await startS3();
  client = server.client();
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

async function bucket(): Promise<string> {
  const Bucket = `bucket-${++buckets}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
}

const put = (Bucket: string, Key: string, Body: string | Uint8Array = 'x', more: object = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body, ...more }));
async function text(Bucket: string, Key: string, more: object = {}): Promise<string> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return Body!.transformToString();
}
const refusedWith = (name: string, status: number) =>
  expect.objectContaining({ name, $metadata: expect.objectContaining({ httpStatusCode: status }) });
const md5 = (bytes: string | Uint8Array): string => createHash('md5').update(bytes).digest('hex');

test('every statement fits the schema', () => {
  for (const group of [bucketSql, versionSql, sliceSql, uploadSql]) expect(prepareAll(server.db, group)).toBeGreaterThan(0);
});

describe('buckets', () => {
  test('are made, found, listed and deleted', async () => {
    const name = await bucket();
    expect(await client.send(new HeadBucketCommand({ Bucket: name }))).toMatchObject({ BucketRegion: 'us-east-1' });
    const { Buckets, Owner } = await client.send(new ListBucketsCommand({}));
    expect(Buckets?.map(({ Name }) => Name)).toContain(name);
    expect(Owner?.ID).toMatch(/^[0-9a-f]{64}$/);
    await client.send(new DeleteBucketCommand({ Bucket: name }));
    await expect(client.send(new HeadBucketCommand({ Bucket: name }))).rejects.toEqual(refusedWith('NotFound', 404));
    await expect(client.send(new DeleteBucketCommand({ Bucket: name }))).rejects.toEqual(refusedWith('NoSuchBucket', 404));
  });

  test('making one again succeeds in us-east-1 only', async () => {
    const name = await bucket();
    await client.send(new CreateBucketCommand({ Bucket: name }));
    const west = server.client({ region: 'us-west-2' });
    const west2 = { LocationConstraint: 'us-west-2' as const };
    await expect(west.send(new CreateBucketCommand({ Bucket: name, CreateBucketConfiguration: west2 }))).rejects.toEqual(
      refusedWith('BucketAlreadyOwnedByYou', 409),
    );
    await expect(
      west.send(new CreateBucketCommand({ Bucket: 'west-bucket', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } })),
    ).rejects.toEqual(refusedWith('IllegalLocationConstraintException', 400));
    await west.send(new CreateBucketCommand({ Bucket: 'west-bucket', CreateBucketConfiguration: west2 }));
    expect((await west.send(new GetBucketLocationCommand({ Bucket: 'west-bucket' }))).LocationConstraint).toBe('us-west-2');
    expect((await client.send(new GetBucketLocationCommand({ Bucket: name }))).LocationConstraint).toBeUndefined();
    west.destroy();
  });

  test('bad names are refused', async () => {
    for (const Bucket of ['ab', 'Upper', '192.168.0.1', 'a..b', 'end-']) {
      await expect(client.send(new CreateBucketCommand({ Bucket }))).rejects.toEqual(refusedWith('InvalidBucketName', 400));
    }
  });

  test('with something in them are kept', async () => {
    const name = await bucket();
    await put(name, 'a');
    await expect(client.send(new DeleteBucketCommand({ Bucket: name }))).rejects.toEqual(refusedWith('BucketNotEmpty', 409));
    await client.send(new DeleteObjectCommand({ Bucket: name, Key: 'a' }));
    await client.send(new DeleteBucketCommand({ Bucket: name }));
  });
});

describe('objects', () => {
  test('come back as they were put, with everything said of them', async () => {
    const Bucket = await bucket();
    const said = {
      ContentType: 'text/css',
      CacheControl: 'max-age=60',
      ContentDisposition: 'inline',
      ContentEncoding: 'identity',
      ContentLanguage: 'de',
      Metadata: { colour: 'green', 'two-words': 'a b' },
      StorageClass: 'STANDARD_IA' as const,
      WebsiteRedirectLocation: '/elsewhere',
    };
    const { ETag } = await put(Bucket, 'a/b.css', 'body {}', { ...said, Expires: new Date('2030-01-02T03:04:05Z') });
    expect(ETag).toBe(`"${md5('body {}')}"`);
    const got = await client.send(new GetObjectCommand({ Bucket, Key: 'a/b.css' }));
    const { Metadata, ...rest } = said;
    expect(got).toMatchObject({
      ...rest,
      ETag,
      ContentLength: 7,
      AcceptRanges: 'bytes',
      ServerSideEncryption: 'AES256',
      ExpiresString: 'Wed, 02 Jan 2030 03:04:05 GMT',
    });
    expect(got.Metadata?.['two-words']).toBe(Metadata['two-words']);
    expect(await got.Body!.transformToString()).toBe('body {}');
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'a/b.css' }))).toMatchObject({ ...rest, ETag, ContentLength: 7 });
  });

  test('are replaced; a missing one is missing', async () => {
    const Bucket = await bucket();
    await put(Bucket, 'k', 'one');
    await put(Bucket, 'k', 'two');
    expect(await text(Bucket, 'k')).toBe('two');
    await expect(text(Bucket, 'none')).rejects.toEqual(refusedWith('NoSuchKey', 404));
    await expect(client.send(new HeadObjectCommand({ Bucket, Key: 'none' }))).rejects.toEqual(refusedWith('NotFound', 404));
    await expect(put('no-such-bucket-here', 'k')).rejects.toEqual(refusedWith('NoSuchBucket', 404));
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    await expect(text(Bucket, 'k')).rejects.toEqual(refusedWith('NoSuchKey', 404));
  });

  test('keys are any text, never paths', async () => {
    const Bucket = await bucket();
    const keys = ['dots/../x', './a', 'a//b', '/lead', 'trail/', 'sp ace', 'ünï✓', 'a+b&c=d?e#f', '%2F', '...', '"quoted"', "it's"];
    for (const key of keys) await put(Bucket, key, key);
    for (const key of keys) expect(await text(Bucket, key)).toBe(key);
    for (const above of ['../../etc/passwd', '..', 'a/../../b', '/../x']) {
      await expect(put(Bucket, above)).rejects.toEqual(refusedWith('InvalidURI', 400));
    }
    await expect(put(Bucket, 'k'.repeat(1025))).rejects.toEqual(refusedWith('KeyTooLongError', 400));
  });

  test('many megabytes stream through, empty ones too', async () => {
    const Bucket = await bucket();
    const big = randomBytes(6_000_000);
    await put(Bucket, 'big', big);
    const { Body } = await client.send(new GetObjectCommand({ Bucket, Key: 'big' }));
    expect(Buffer.from(await Body!.transformToByteArray()).equals(big)).toBe(true);
    await put(Bucket, 'empty', '');
    expect(await text(Bucket, 'empty')).toBe('');
  });

  test('ranges', async () => {
    const Bucket = await bucket();
    await put(Bucket, 'k', '0123456789');
    const ranges: [string, string, string][] = [
      ['bytes=2-4', '234', 'bytes 2-4/10'],
      ['bytes=7-', '789', 'bytes 7-9/10'],
      ['bytes=-3', '789', 'bytes 7-9/10'],
      ['bytes=8-100', '89', 'bytes 8-9/10'],
    ];
    for (const [Range, content, shown] of ranges) {
      const got = await client.send(new GetObjectCommand({ Bucket, Key: 'k', Range }));
      expect(got).toMatchObject({ ContentRange: shown, ContentLength: content.length, $metadata: { httpStatusCode: 206 } });
      expect(await got.Body!.transformToString()).toBe(content);
    }
    await expect(text(Bucket, 'k', { Range: 'bytes=10-' })).rejects.toEqual(refusedWith('InvalidRange', 416));
    expect(await text(Bucket, 'k', { Range: 'lines=1-2' })).toBe('0123456789');
  });

  test('conditional reads', async () => {
    const Bucket = await bucket();
    const { ETag } = await put(Bucket, 'k');
    const past = new Date(Date.now() - 60_000);
    const future = new Date(Date.now() + 60_000);
    expect(await text(Bucket, 'k', { IfMatch: ETag, IfUnmodifiedSince: past })).toBe('x');
    expect(await text(Bucket, 'k', { IfNoneMatch: '"other"', IfModifiedSince: future })).toBe('x');
    await expect(text(Bucket, 'k', { IfMatch: '"other"' })).rejects.toEqual(refusedWith('PreconditionFailed', 412));
    await expect(text(Bucket, 'k', { IfUnmodifiedSince: past })).rejects.toEqual(refusedWith('PreconditionFailed', 412));
    for (const condition of [{ IfNoneMatch: ETag }, { IfModifiedSince: future }]) {
      const refused = await text(Bucket, 'k', condition).catch((error: { $metadata: object; $response: { headers: object } }) => error);
      expect(refused).toMatchObject({ $metadata: { httpStatusCode: 304 }, $response: { headers: { etag: ETag } } });
    }
  });

  test('conditional writes: of many at once, one wins', async () => {
    const Bucket = await bucket();
    const results = await Promise.allSettled(Array.from({ length: 10 }, (_, i) => put(Bucket, 'once', String(i), { IfNoneMatch: '*' })));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const result of results) if (result.status === 'rejected') expect(result.reason).toEqual(refusedWith('PreconditionFailed', 412));
    const { ETag } = await client.send(new HeadObjectCommand({ Bucket, Key: 'once' }));
    await put(Bucket, 'once', 'next', { IfMatch: ETag });
    await expect(put(Bucket, 'once', 'late', { IfMatch: ETag })).rejects.toEqual(refusedWith('PreconditionFailed', 412));
    await expect(put(Bucket, 'none', 'x', { IfMatch: ETag })).rejects.toEqual(refusedWith('NoSuchKey', 404));
    expect(await text(Bucket, 'once')).toBe('next');
  });

  test('content that is not what was promised changes nothing', async () => {
    const Bucket = await bucket();
    await expect(put(Bucket, 'k', 'x', { ContentMD5: createHash('md5').update('y').digest('base64') })).rejects.toEqual(
      refusedWith('BadDigest', 400),
    );
    await expect(put(Bucket, 'k', 'x', { ChecksumSHA256: createHash('sha256').update('y').digest('base64') })).rejects.toEqual(
      refusedWith('BadDigest', 400),
    );
    await expect(text(Bucket, 'k')).rejects.toEqual(refusedWith('NoSuchKey', 404));
  });

  test('checksums are kept and shown when asked for', async () => {
    const Bucket = await bucket();
    const sha256 = createHash('sha256').update('x').digest('base64');
    expect(await put(Bucket, 'k', 'x', { ChecksumAlgorithm: 'SHA256' })).toMatchObject({
      ChecksumSHA256: sha256,
      ChecksumType: 'FULL_OBJECT',
    });
    expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'k', ChecksumMode: 'ENABLED' }))).toMatchObject({
      ChecksumSHA256: sha256,
    });
    expect(
      await client.send(
        new GetObjectAttributesCommand({ Bucket, Key: 'k', ObjectAttributes: ['ETag', 'Checksum', 'ObjectSize', 'StorageClass'] }),
      ),
    ).toMatchObject({
      ETag: md5('x'),
      ObjectSize: 1,
      StorageClass: 'STANDARD',
      Checksum: { ChecksumSHA256: sha256 },
    });
    await put(Bucket, 'streamed', Buffer.from('streamed'));
    const { ChecksumCRC32 } = await client.send(new HeadObjectCommand({ Bucket, Key: 'streamed', ChecksumMode: 'ENABLED' }));
    expect(ChecksumCRC32).toMatch(/^.{6}==$/);
  });

  test('too much metadata is refused', async () => {
    const Bucket = await bucket();
    await expect(put(Bucket, 'k', 'x', { Metadata: { a: 'x'.repeat(2048) } })).rejects.toEqual(refusedWith('MetadataTooLarge', 400));
  });
});

describe('copies', () => {
  test('carry the content, and the metadata unless it is replaced', async () => {
    const Bucket = await bucket();
    await put(Bucket, 'from/ü 1', 'content', { ContentType: 'text/css', Metadata: { a: '1' }, Tagging: 'x=y' });
    const CopySource = `${Bucket}/${encodeURIComponent('from/ü 1')}`;
    const { CopyObjectResult } = await client.send(new CopyObjectCommand({ Bucket, Key: 'to', CopySource }));
    expect(CopyObjectResult?.ETag).toBe(`"${md5('content')}"`);
    expect(await client.send(new GetObjectCommand({ Bucket, Key: 'to' }))).toMatchObject({
      ContentType: 'text/css',
      Metadata: { a: '1' },
      TagCount: 1,
    });
    await client.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'to',
        CopySource,
        MetadataDirective: 'REPLACE',
        Metadata: { b: '2' },
        TaggingDirective: 'REPLACE',
      }),
    );
    const replaced = await client.send(new GetObjectCommand({ Bucket, Key: 'to' }));
    expect(replaced).toMatchObject({ ContentType: 'binary/octet-stream', Metadata: { b: '2' } });
    expect(replaced.TagCount).toBeUndefined();
    expect(await text(Bucket, 'to')).toBe('content');
  });

  test('onto itself, of nothing, and under conditions', async () => {
    const Bucket = await bucket();
    const { ETag } = await put(Bucket, 'k');
    const copy = (more: object) => client.send(new CopyObjectCommand({ Bucket, Key: 'k', CopySource: `${Bucket}/k`, ...more }));
    await expect(copy({})).rejects.toEqual(refusedWith('InvalidRequest', 400));
    await copy({ MetadataDirective: 'REPLACE' });
    await expect(copy({ CopySource: `${Bucket}/none` })).rejects.toEqual(refusedWith('NoSuchKey', 404));
    await expect(copy({ CopySource: 'nonsense' })).rejects.toEqual(refusedWith('InvalidArgument', 400));
    await expect(copy({ Key: 'c', CopySourceIfNoneMatch: ETag })).rejects.toEqual(refusedWith('PreconditionFailed', 412));
    await copy({ Key: 'c', CopySourceIfMatch: ETag });
  });
});

describe('deleting many', () => {
  test('says what was deleted, or with quiet nothing', async () => {
    const Bucket = await bucket();
    await Promise.all(['a', 'b & <c>', 'd'].map((key) => put(Bucket, key)));
    const Objects = [{ Key: 'a' }, { Key: 'b & <c>' }, { Key: 'none' }];
    const { Deleted, Errors } = await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted).toEqual(Objects);
    expect(Errors).toBeUndefined();
    expect(
      (await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: [{ Key: 'd' }], Quiet: true } }))).Deleted,
    ).toBeUndefined();
    await expect(text(Bucket, 'd')).rejects.toEqual(refusedWith('NoSuchKey', 404));
  });
});

test('presigned URLs put and get', async () => {
  const Bucket = await bucket();
  const putUrl = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: 'p/ü' }), { expiresIn: 60 });
  expect((await fetch(putUrl, { method: 'PUT', body: 'signed' })).status).toBe(200);
  const getUrl = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'p/ü', ResponseContentType: 'text/x' }), { expiresIn: 60 });
  const answer = await fetch(getUrl);
  expect([answer.headers.get('content-type'), await answer.text()]).toEqual(['text/x', 'signed']);
  expect((await fetch(`${server.endpoint}/${Bucket}/p/ü`)).status).toBe(403);
});

test('virtual-hosted addresses reach the same objects', async () => {
  const Bucket = await bucket();
  // Not every resolver knows that names below localhost mean this machine (RFC 6761).
  const httpAgent = new Agent({ lookup: (_name, _options, done) => done(null, [{ address: '127.0.0.1', family: 4 }]) });
  const virtual = server.client({ endpoint: `http://localhost:${server.port}`, forcePathStyle: false, requestHandler: { httpAgent } });
  await virtual.send(new PutObjectCommand({ Bucket, Key: 'v', Body: 'virtual' }));
  expect(await text(Bucket, 'v')).toBe('virtual');
  virtual.destroy();
});

describe('inside', () => {
  test('slices are stored by reference and handed on', async () => {
    const Bucket = await bucket();
    const { putObject, getObject } = server.s3.operations;
    const { sha256 } = await server.blobs.put(Buffer.from('0123456789 of this test'));
    const body = new SliceBody(server.blobs, [
      { sha256, offset: 7, length: 3 },
      { sha256, offset: 0, length: 2 },
    ]);
    expect(await putObject!({ Bucket, Key: 'k', Body: body }, server.context())).toMatchObject({ ETag: `"${md5('78901')}"` });
    const { Body } = await getObject!({ Bucket, Key: 'k', Range: 'bytes=2-3' }, server.context());
    expect((Body as SliceBody).slices).toEqual([
      { sha256, offset: 9, length: 1 },
      { sha256, offset: 0, length: 1 },
    ]);
    expect(await text(Bucket, 'k')).toBe('78901');
    expect(await server.s3.referenced([sha256, '0'.repeat(64)])).toEqual(new Set([sha256]));
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(await server.s3.referenced([sha256])).toEqual(new Set());
  });

  test('changes are events of the bus', async () => {
    const Bucket = await bucket();
    const { last } = await server.bus.bounds();
    await put(Bucket, 'a/b', 'xyz');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'a/b' }));
    const events = await server.bus.read(last, 10);
    expect(events).toMatchObject([
      {
        source: 'aws.s3',
        detailType: 'Object Created',
        account: '000000000000',
        region: 'us-east-1',
        resources: [`arn:aws:s3:::${Bucket}`],
        detail: {
          version: '0',
          bucket: { name: Bucket },
          object: { key: 'a/b', size: 3, etag: md5('xyz') },
          reason: 'PutObject',
          requester: '000000000000',
        },
      },
      { detailType: 'Object Deleted', detail: { object: { key: 'a/b' }, reason: 'DeleteObject', 'deletion-type': 'Permanently Deleted' } },
    ]);
  });
});
