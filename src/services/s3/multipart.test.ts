import { createHash, randomBytes } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startS3 } from '../../../test/support/s3.ts';
import type { S3Server } from '../../../test/support/s3.ts';

const MB = 1024 * 1024;
let server: S3Server;
let client: S3Client;
const Bucket = 'parts-bucket';

beforeAll(async () => {
  server = await startS3();
  client = server.client();
  await client.send(new CreateBucketCommand({ Bucket }));
});
afterAll(async () => {
  client.destroy();
  await server.close();
});

const md5 = (bytes: Uint8Array): Buffer => createHash('md5').update(bytes).digest();
const refusedWith = (name: string, status: number) =>
  expect.objectContaining({ name, $metadata: expect.objectContaining({ httpStatusCode: status }) });

async function begin(Key: string, more: object = {}): Promise<string> {
  return (await client.send(new CreateMultipartUploadCommand({ Bucket, Key, ...more }))).UploadId!;
}
async function part(Key: string, UploadId: string, PartNumber: number, Body: Uint8Array) {
  const { ETag } = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
  return { PartNumber, ETag };
}
const complete = (Key: string, UploadId: string, Parts: object[], more: object = {}) =>
  client.send(new CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts }, ...more }));
async function read(Key: string, more: object = {}): Promise<Buffer> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, ...more }));
  return Buffer.from(await Body!.transformToByteArray());
}

test('an upload in parts is one object, whose bytes are not copied', async () => {
  const [a, b, c] = [randomBytes(5 * MB), randomBytes(6 * MB), randomBytes(1000)];
  const id = await begin('big', { ContentType: 'video/mp4', Metadata: { a: '1' }, Tagging: 'k=v' });
  const parts = [await part('big', id, 1, a), await part('big', id, 3, b), await part('big', id, 7, c)];
  await part('big', id, 8, randomBytes(10));
  const listed = await client.send(new ListPartsCommand({ Bucket, Key: 'big', UploadId: id, MaxParts: 2 }));
  expect(listed).toMatchObject({
    IsTruncated: true,
    NextPartNumberMarker: '3',
    Parts: [{ PartNumber: 1, Size: 5 * MB, ETag: parts[0]!.ETag }, { PartNumber: 3 }],
  });
  const { ETag } = await complete('big', id, parts);
  expect(ETag).toBe(`"${md5(Buffer.concat([md5(a), md5(b), md5(c)])).toString('hex')}-3"`);
  const whole = Buffer.concat([a, b, c]);
  expect((await read('big')).equals(whole)).toBe(true);
  expect((await read('big', { Range: `bytes=${5 * MB - 10}-${5 * MB + 9}` })).equals(whole.subarray(5 * MB - 10, 5 * MB + 10))).toBe(true);
  expect(await client.send(new HeadObjectCommand({ Bucket, Key: 'big' }))).toMatchObject({
    ContentType: 'video/mp4',
    Metadata: { a: '1' },
    ContentLength: whole.length,
  });
  const second = await client.send(new GetObjectCommand({ Bucket, Key: 'big', PartNumber: 2 }));
  expect(second).toMatchObject({ PartsCount: 3, ContentLength: 6 * MB });
  await second.Body!.transformToByteArray();
  await expect(complete('big', id, parts)).rejects.toEqual(refusedWith('NoSuchUpload', 404));
  const [sha] = [a].map((bytes) => createHash('sha256').update(bytes).digest('hex'));
  expect(await server.s3.referenced([sha!])).toEqual(new Set([sha]));
});

test('completions that break a rule are refused, and the upload goes on', async () => {
  const id = await begin('rules');
  const one = await part('rules', id, 1, randomBytes(100));
  const two = await part('rules', id, 2, randomBytes(100));
  await expect(complete('rules', id, [one, two])).rejects.toEqual(refusedWith('EntityTooSmall', 400));
  await expect(complete('rules', id, [two, one])).rejects.toEqual(refusedWith('InvalidPartOrder', 400));
  await expect(complete('rules', id, [one, { PartNumber: 2, ETag: one.ETag }])).rejects.toEqual(refusedWith('InvalidPart', 400));
  await expect(complete('rules', id, [])).rejects.toEqual(refusedWith('MalformedXML', 400));
  await expect(complete('other key', id, [one])).rejects.toEqual(refusedWith('NoSuchUpload', 404));
  await expect(part('rules', id, 10_001, randomBytes(1))).rejects.toEqual(refusedWith('InvalidArgument', 400));
  await expect(part('rules', 'no-such-upload', 1, randomBytes(1))).rejects.toEqual(refusedWith('NoSuchUpload', 404));
  await complete('rules', id, [one]);
});

test('a part that is sent again replaces the first', async () => {
  const id = await begin('again');
  const first = await part('again', id, 1, Buffer.from('first try'));
  const second = await part('again', id, 1, Buffer.from('second'));
  await expect(complete('again', id, [first])).rejects.toEqual(refusedWith('InvalidPart', 400));
  await complete('again', id, [second]);
  expect((await read('again')).toString()).toBe('second');
  const sha = createHash('sha256').update('first try').digest('hex');
  expect(await server.s3.referenced([sha])).toEqual(new Set());
});

test('parts can be copied from objects, whole and in ranges', async () => {
  await client.send(new PutObjectCommand({ Bucket, Key: 'source', Body: '0123456789' }));
  const id = await begin('copied');
  const copy = (PartNumber: number, CopySourceRange?: string) =>
    client.send(
      new UploadPartCopyCommand({ Bucket, Key: 'copied', UploadId: id, PartNumber, CopySource: `${Bucket}/source`, CopySourceRange }),
    );
  const { CopyPartResult } = await copy(1, 'bytes=3-5');
  expect(CopyPartResult?.ETag).toBe(`"${md5(Buffer.from('345')).toString('hex')}"`);
  await expect(copy(2, 'bytes=3-10')).rejects.toEqual(refusedWith('InvalidArgument', 400));
  await expect(copy(2, 'bytes=5-')).rejects.toEqual(refusedWith('InvalidArgument', 400));
  expect((await copy(1)).CopyPartResult?.ETag).toBe(`"${md5(Buffer.from('0123456789')).toString('hex')}"`);
  await complete('copied', id, [{ PartNumber: 1, ETag: (await copy(1, 'bytes=3-5')).CopyPartResult!.ETag }]);
  expect((await read('copied')).toString()).toBe('345');
});

test('uploads are listed and aborted; until then the bucket stays', async () => {
  const name = 'unfinished';
  await client.send(new CreateBucketCommand({ Bucket: name }));
  const ids: string[] = [];
  for (const Key of ['a', 'a', 'b']) ids.push((await client.send(new CreateMultipartUploadCommand({ Bucket: name, Key }))).UploadId!);
  const first = await client.send(new ListMultipartUploadsCommand({ Bucket: name, MaxUploads: 1 }));
  expect(first).toMatchObject({ IsTruncated: true, Uploads: [{ Key: 'a', UploadId: ids[0] }] });
  const rest = await client.send(
    new ListMultipartUploadsCommand({ Bucket: name, KeyMarker: first.NextKeyMarker, UploadIdMarker: first.NextUploadIdMarker }),
  );
  expect(rest.Uploads?.map(({ UploadId }) => UploadId)).toEqual(ids.slice(1));
  await expect(client.send(new DeleteBucketCommand({ Bucket: name }))).rejects.toEqual(refusedWith('BucketNotEmpty', 409));
  for (const [i, Key] of ['a', 'a', 'b'].entries())
    await client.send(new AbortMultipartUploadCommand({ Bucket: name, Key, UploadId: ids[i]! }));
  await client.send(new DeleteBucketCommand({ Bucket: name }));
});

test("the SDK's own uploader", async () => {
  const bytes = randomBytes(12 * MB);
  await new Upload({ client, params: { Bucket, Key: 'uploaded', Body: bytes, ChecksumAlgorithm: 'SHA256' }, partSize: 5 * MB }).done();
  expect((await read('uploaded')).equals(bytes)).toBe(true);
  const head = await client.send(new HeadObjectCommand({ Bucket, Key: 'uploaded', ChecksumMode: 'ENABLED' }));
  const sums = [bytes.subarray(0, 5 * MB), bytes.subarray(5 * MB, 10 * MB), bytes.subarray(10 * MB)].map((piece) =>
    createHash('sha256').update(piece).digest(),
  );
  expect(head).toMatchObject({
    ChecksumSHA256: `${createHash('sha256').update(Buffer.concat(sums)).digest('base64')}-3`,
    ChecksumType: 'COMPOSITE',
  });
});
