import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import type { S3Client } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startS3 } from '../../../test/support/s3.ts';
import type { S3Server } from '../../../test/support/s3.ts';

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

async function bucket(keys: readonly string[] = [], versioning?: 'Enabled'): Promise<string> {
  const Bucket = `listed-${++buckets}`;
  await client.send(new CreateBucketCommand({ Bucket }));
  if (versioning) await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: versioning } }));
  const body = Buffer.from('x');
  for (const Key of keys) {
    await server.s3.operations.putObject!(
      {
        Bucket,
        Key,
        Body: (async function* () {
          yield body;
        })(),
      },
      server.context(),
    );
  }
  return Bucket;
}

const refusedWith = (name: string, status: number) =>
  expect.objectContaining({ name, $metadata: expect.objectContaining({ httpStatusCode: status }) });
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** What a listing must hold, by the rules of the documentation, on plain arrays. */
function expected(keys: readonly string[], prefix: string, delimiter: string | undefined): string[] {
  const shown = keys
    .filter((key) => key.startsWith(prefix))
    .map((key) => {
      const at = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
      return at < 0 ? `key ${key}` : `prefix ${key.slice(0, at + delimiter!.length)}`;
    });
  return [...new Set(shown)].toSorted((a, b) => byBytes(a.slice(a.indexOf(' ')), b.slice(b.indexOf(' '))));
}

describe('listing objects', () => {
  test('pages of any size hold every key once, in byte order, rolled up as asked', async () => {
    const part = fc.constantFrom('a', 'b', 'ab', 'é', '✓', '\u{1F600}', '\uFFFD', ' ', '+', '%');
    const key = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
    const cases = fc.record({
      keys: fc.uniqueArray(key, { maxLength: 25 }),
      prefix: fc.constantFrom('', 'a', 'a/', 'b/', 'é'),
      delimiter: fc.constantFrom(undefined, '/', 'b', 'a/'),
      size: fc.integer({ min: 1, max: 7 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ keys, prefix, delimiter, size }) => {
        const Bucket = await bucket(keys);
        const shown: string[] = [];
        let token: string | undefined;
        let marker: string | undefined;
        const old: string[] = [];
        do {
          const page = await server.s3.operations.listObjectsV2!(
            {
              Bucket,
              Prefix: prefix,
              MaxKeys: size,
              ...(delimiter && { Delimiter: delimiter }),
              ...(token && { ContinuationToken: token }),
            },
            server.context(),
          );
          const entries = [
            ...(page.Contents ?? []).map(({ Key }) => `key ${Key}`),
            ...(page.CommonPrefixes ?? []).map(({ Prefix }) => `prefix ${Prefix}`),
          ];
          expect(page.KeyCount).toBe(entries.length);
          expect(entries.length).toBeLessThanOrEqual(size);
          shown.push(...entries.toSorted((a, b) => byBytes(a.slice(a.indexOf(' ')), b.slice(b.indexOf(' ')))));
          token = page.IsTruncated ? page.NextContinuationToken : undefined;
        } while (token !== undefined);
        do {
          const page = await server.s3.operations.listObjects!(
            { Bucket, Prefix: prefix, MaxKeys: size, ...(delimiter && { Delimiter: delimiter }), ...(marker && { Marker: marker }) },
            server.context(),
          );
          old.push(
            ...(page.Contents ?? []).map(({ Key }) => `key ${Key}`),
            ...(page.CommonPrefixes ?? []).map(({ Prefix }) => `prefix ${Prefix}`),
          );
          marker = page.IsTruncated ? (page.NextMarker ?? page.Contents!.at(-1)!.Key) : undefined;
        } while (marker !== undefined);
        expect(shown).toEqual(expected(keys, prefix, delimiter));
        expect(old.toSorted()).toEqual(shown.toSorted());
      }),
      { numRuns: 60 },
    );
  });

  test('through the SDK: pages, start-after, owners, escapes', async () => {
    const keys = ['a b', 'a&b', 'a+b', 'd/1', 'd/2', 'e/1', 'z<>', 'ü'];
    const Bucket = await bucket(keys);
    const found: (string | undefined)[] = [];
    for await (const page of paginateListObjectsV2({ client, pageSize: 3 }, { Bucket }))
      found.push(...(page.Contents ?? []).map(({ Key }) => Key));
    expect(found).toEqual(keys.toSorted(byBytes));
    const listed = await client.send(
      new ListObjectsV2Command({ Bucket, Delimiter: '/', StartAfter: 'a+b', FetchOwner: true, EncodingType: 'url' }),
    );
    expect(listed.CommonPrefixes).toEqual([{ Prefix: 'd/' }, { Prefix: 'e/' }]);
    expect(listed.Contents?.map(({ Key }) => Key)).toEqual(['z%3C%3E', '%C3%BC']);
    expect(listed.Contents?.[0]).toMatchObject({
      Size: 1,
      StorageClass: 'STANDARD',
      Owner: { ID: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(await client.send(new ListObjectsCommand({ Bucket, MaxKeys: 0 }))).toMatchObject({ IsTruncated: false, MaxKeys: 0 });
    await expect(client.send(new ListObjectsV2Command({ Bucket, ContinuationToken: '!' }))).rejects.toEqual(
      refusedWith('InvalidArgument', 400),
    );
  });
});

describe('versions', () => {
  const put = async (Bucket: string, Key: string, Body: string): Promise<string> =>
    (await client.send(new PutObjectCommand({ Bucket, Key, Body }))).VersionId!;
  const text = async (Bucket: string, Key: string, VersionId?: string): Promise<string> =>
    (await client.send(new GetObjectCommand({ Bucket, Key, VersionId }))).Body!.transformToString();

  test('are kept, hidden by delete markers, and come back', async () => {
    const Bucket = await bucket([], 'Enabled');
    const one = await put(Bucket, 'k', 'one');
    const two = await put(Bucket, 'k', 'two');
    expect(await text(Bucket, 'k')).toBe('two');
    expect(await text(Bucket, 'k', one)).toBe('one');
    const { DeleteMarker, VersionId: marker } = await client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(DeleteMarker).toBe(true);
    const refused = await client.send(new GetObjectCommand({ Bucket, Key: 'k' })).catch((error: object) => error);
    expect(refused).toMatchObject({
      name: 'NoSuchKey',
      $response: { headers: { 'x-amz-delete-marker': 'true', 'x-amz-version-id': marker } },
    });
    await expect(client.send(new HeadObjectCommand({ Bucket, Key: 'k', VersionId: marker }))).rejects.toMatchObject({
      $metadata: { httpStatusCode: 405 },
    });
    await expect(text(Bucket, 'k', 'nonsense')).rejects.toEqual(refusedWith('NoSuchVersion', 404));
    expect((await client.send(new ListObjectsV2Command({ Bucket }))).Contents).toBeUndefined();
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: marker }));
    expect(await text(Bucket, 'k')).toBe('two');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: two }));
    expect(await text(Bucket, 'k')).toBe('one');
    await client.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: one }));
    await expect(text(Bucket, 'k')).rejects.toEqual(refusedWith('NoSuchKey', 404));
  });

  test('the null version is replaced while versioning is suspended', async () => {
    const Bucket = await bucket(['k']);
    await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    const kept = await put(Bucket, 'k', 'kept');
    expect(await text(Bucket, 'k', 'null')).toBe('x');
    await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } }));
    expect(await put(Bucket, 'k', 'new null')).toBe('null');
    await put(Bucket, 'k', 'newer null');
    expect([await text(Bucket, 'k'), await text(Bucket, 'k', 'null'), await text(Bucket, 'k', kept)]).toEqual([
      'newer null',
      'newer null',
      'kept',
    ]);
    const { VersionId } = await client.send(new DeleteObjectCommand({ Bucket, Key: 'k' }));
    expect(VersionId).toBe('null');
    const { Versions, DeleteMarkers } = await client.send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions?.map((version) => [version.VersionId, version.IsLatest])).toEqual([[kept, false]]);
    expect(DeleteMarkers).toMatchObject([{ VersionId: 'null', IsLatest: true }]);
  });

  test('are listed newest first, page by page', async () => {
    const Bucket = await bucket([], 'Enabled');
    const wanted: string[] = [];
    for (const key of ['a', 'b/1', 'b/2', 'c']) {
      const ids = [await put(Bucket, key, '1'), await put(Bucket, key, '2'), await put(Bucket, key, '3')];
      wanted.push(...ids.toReversed().map((id) => `${key} ${id}`));
    }
    for (const MaxKeys of [1, 2, 3, 4, 5, 100]) {
      const found: string[] = [];
      let next: { KeyMarker?: string; VersionIdMarker?: string } = {};
      do {
        const page = await client.send(new ListObjectVersionsCommand({ Bucket, MaxKeys, ...next }));
        found.push(...(page.Versions ?? []).map(({ Key, VersionId }) => `${Key} ${VersionId}`));
        next = page.IsTruncated
          ? { KeyMarker: page.NextKeyMarker!, ...(page.NextVersionIdMarker && { VersionIdMarker: page.NextVersionIdMarker }) }
          : {};
      } while (next.KeyMarker !== undefined);
      expect(found).toEqual(wanted);
    }
    const rolled = await client.send(new ListObjectVersionsCommand({ Bucket, Delimiter: '/', MaxKeys: 4 }));
    expect(rolled).toMatchObject({ CommonPrefixes: [{ Prefix: 'b/' }], IsTruncated: true, NextKeyMarker: 'b/' });
    const rest = await client.send(new ListObjectVersionsCommand({ Bucket, Delimiter: '/', KeyMarker: 'b/' }));
    expect(rest.Versions?.map(({ Key }) => Key)).toEqual(['c', 'c', 'c']);
    expect(rest.CommonPrefixes).toBeUndefined();
  });

  test('puts of one key at once leave one latest', async () => {
    const Bucket = await bucket([], 'Enabled');
    await Promise.all(Array.from({ length: 20 }, (_, i) => put(Bucket, 'k', String(i))));
    const { Versions } = await client.send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions).toHaveLength(20);
    expect(Versions?.map(({ IsLatest }) => IsLatest)).toEqual([true, ...Array.from({ length: 19 }, () => false)]);
  });
});
