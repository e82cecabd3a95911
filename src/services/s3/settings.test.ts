import * as sdk from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { send } from '../../../test/support/http.ts';
import { startS3 } from '../../../test/support/s3.ts';
import type { S3Server } from '../../../test/support/s3.ts';

let server: S3Server;
let client: sdk.S3Client;
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
  const Bucket = `settings-${++buckets}`;
  await client.send(new sdk.CreateBucketCommand({ Bucket }));
  return Bucket;
}
const refusedWith = (name: string, status: number) =>
  expect.objectContaining({ name, $metadata: expect.objectContaining({ httpStatusCode: status }) });
const publicPolicy = (Bucket: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${Bucket}/*` }],
  });

describe('tags', () => {
  test('of objects', async () => {
    const Bucket = await bucket();
    const on = { Bucket, Key: 'k' };
    await client.send(new sdk.PutObjectCommand({ ...on, Body: 'x', Tagging: 'a=1&b=two%20words' }));
    expect((await client.send(new sdk.GetObjectTaggingCommand(on))).TagSet).toEqual([
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: 'two words' },
    ]);
    await client.send(new sdk.PutObjectTaggingCommand({ ...on, Tagging: { TagSet: [{ Key: 'c', Value: '' }] } }));
    expect((await client.send(new sdk.GetObjectTaggingCommand(on))).TagSet).toEqual([{ Key: 'c', Value: '' }]);
    await client.send(new sdk.DeleteObjectTaggingCommand(on));
    expect((await client.send(new sdk.GetObjectTaggingCommand(on))).TagSet).toEqual([]);
    const eleven = Array.from({ length: 11 }, (_, i) => ({ Key: `k${i}`, Value: 'v' }));
    for (const TagSet of [
      eleven,
      [
        { Key: 'a', Value: '1' },
        { Key: 'a', Value: '2' },
      ],
      [{ Key: 'aws:x', Value: '1' }],
      [{ Key: 'a;b', Value: '1' }],
    ]) {
      await expect(client.send(new sdk.PutObjectTaggingCommand({ ...on, Tagging: { TagSet } }))).rejects.toEqual(
        refusedWith('InvalidTag', 400),
      );
    }
    await expect(client.send(new sdk.PutObjectTaggingCommand({ Bucket, Key: 'none', Tagging: { TagSet: [] } }))).rejects.toEqual(
      refusedWith('NoSuchKey', 404),
    );
  });

  test('of buckets', async () => {
    const Bucket = await bucket();
    await expect(client.send(new sdk.GetBucketTaggingCommand({ Bucket }))).rejects.toEqual(refusedWith('NoSuchTagSet', 404));
    const TagSet = [{ Key: 'team', Value: 'build' }];
    await client.send(new sdk.PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
    expect((await client.send(new sdk.GetBucketTaggingCommand({ Bucket }))).TagSet).toEqual(TagSet);
    await client.send(new sdk.DeleteBucketTaggingCommand({ Bucket }));
    await expect(client.send(new sdk.GetBucketTaggingCommand({ Bucket }))).rejects.toEqual(refusedWith('NoSuchTagSet', 404));
  });
});

test('ACLs are accepted and shown as grants', async () => {
  const Bucket = await bucket();
  await client.send(new sdk.PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ACL: 'public-read' }));
  const { Grants, Owner } = await client.send(new sdk.GetObjectAclCommand({ Bucket, Key: 'k' }));
  expect(Grants).toMatchObject([
    { Grantee: { ID: Owner!.ID, Type: 'CanonicalUser' }, Permission: 'FULL_CONTROL' },
    { Grantee: { URI: 'http://acs.amazonaws.com/groups/global/AllUsers', Type: 'Group' }, Permission: 'READ' },
  ]);
  await client.send(new sdk.PutObjectAclCommand({ Bucket, Key: 'k', ACL: 'private' }));
  expect((await client.send(new sdk.GetObjectAclCommand({ Bucket, Key: 'k' }))).Grants).toHaveLength(1);
  await client.send(new sdk.PutObjectAclCommand({ Bucket, Key: 'k', AccessControlPolicy: { Owner, Grants } }));
  expect((await client.send(new sdk.GetObjectAclCommand({ Bucket, Key: 'k' }))).Grants).toHaveLength(2);
  await client.send(new sdk.PutBucketAclCommand({ Bucket, GrantRead: 'uri="http://acs.amazonaws.com/groups/global/AllUsers"' }));
  expect((await client.send(new sdk.GetBucketAclCommand({ Bucket }))).Grants).toMatchObject([{ Permission: 'READ' }]);
});

test('policies are stored as they are, if they are policies', async () => {
  const Bucket = await bucket();
  await expect(client.send(new sdk.GetBucketPolicyCommand({ Bucket }))).rejects.toEqual(refusedWith('NoSuchBucketPolicy', 404));
  const Policy = publicPolicy(Bucket);
  await client.send(new sdk.PutBucketPolicyCommand({ Bucket, Policy }));
  expect((await client.send(new sdk.GetBucketPolicyCommand({ Bucket }))).Policy).toBe(Policy);
  expect((await client.send(new sdk.GetBucketPolicyStatusCommand({ Bucket }))).PolicyStatus).toEqual({ IsPublic: true });
  for (const bad of ['not json', '[]', '{}']) {
    await expect(client.send(new sdk.PutBucketPolicyCommand({ Bucket, Policy: bad }))).rejects.toEqual(refusedWith('MalformedPolicy', 400));
  }
  await client.send(new sdk.DeleteBucketPolicyCommand({ Bucket }));
  await expect(client.send(new sdk.GetBucketPolicyCommand({ Bucket }))).rejects.toEqual(refusedWith('NoSuchBucketPolicy', 404));
});

test('settings come back as they were put', async () => {
  const Bucket = await bucket();
  const encryption = {
    Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' as const, KMSMasterKeyID: 'k' }, BucketKeyEnabled: true }],
  };
  expect((await client.send(new sdk.GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration?.Rules).toHaveLength(1);
  await client.send(new sdk.PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: encryption }));
  expect((await client.send(new sdk.GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration).toEqual(encryption);
  const block = { BlockPublicAcls: true, IgnorePublicAcls: false, BlockPublicPolicy: true, RestrictPublicBuckets: false };
  await client.send(new sdk.PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: block }));
  expect((await client.send(new sdk.GetPublicAccessBlockCommand({ Bucket }))).PublicAccessBlockConfiguration).toEqual(block);
  const controls = { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' as const }] };
  await client.send(new sdk.PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: controls }));
  expect((await client.send(new sdk.GetBucketOwnershipControlsCommand({ Bucket }))).OwnershipControls).toEqual(controls);
  await client.send(
    new sdk.PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration: { EventBridgeConfiguration: {} } }),
  );
  expect((await client.send(new sdk.GetBucketNotificationConfigurationCommand({ Bucket }))).EventBridgeConfiguration).toEqual({});
  const Rules = [{ ID: 'old', Status: 'Enabled' as const, Filter: { Prefix: 'tmp/' }, Expiration: { Days: 3 } }];
  await client.send(new sdk.PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
  expect((await client.send(new sdk.GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules).toEqual(Rules);
  await client.send(new sdk.DeleteBucketLifecycleCommand({ Bucket }));
  await expect(client.send(new sdk.GetBucketLifecycleConfigurationCommand({ Bucket }))).rejects.toEqual(
    refusedWith('NoSuchLifecycleConfiguration', 404),
  );
  await client.send(
    new sdk.PutBucketLoggingCommand({ Bucket, BucketLoggingStatus: { LoggingEnabled: { TargetBucket: Bucket, TargetPrefix: 'l/' } } }),
  );
  expect((await client.send(new sdk.GetBucketLoggingCommand({ Bucket }))).LoggingEnabled).toEqual({
    TargetBucket: Bucket,
    TargetPrefix: 'l/',
  });
});

test('keys of the customer are refused rather than ignored', async () => {
  const Bucket = await bucket();
  const sse = { SSECustomerAlgorithm: 'AES256', SSECustomerKey: Buffer.alloc(32).toString('base64') };
  const putting = server.s3.operations.putObject!({ Bucket, Key: 'k', ...sse }, server.context());
  await expect(putting).rejects.toMatchObject({ code: 'NotImplemented', status: 501 });
});

describe('everybody', () => {
  const get = async (path: string, headers: Record<string, string> = {}) =>
    send(server, { path, headers: { host: `127.0.0.1:${server.port}`, ...headers } });

  test('reads what is public, and nothing else', async () => {
    const Bucket = await bucket();
    await client.send(new sdk.PutObjectCommand({ Bucket, Key: 'private', Body: 'p' }));
    await client.send(new sdk.PutObjectCommand({ Bucket, Key: 'open', Body: 'o', ACL: 'public-read' }));
    expect((await get(`/${Bucket}/open`)).text).toBe('o');
    for (const path of [`/${Bucket}/private`, `/${Bucket}/none`, `/${Bucket}`, `/${Bucket}/open?acl`, '/'])
      expect((await get(path)).status).toBe(403);
    expect(
      (await send(server, { method: 'PUT', path: `/${Bucket}/new`, body: 'x', headers: { host: `127.0.0.1:${server.port}` } })).status,
    ).toBe(403);
    await client.send(new sdk.PutBucketPolicyCommand({ Bucket, Policy: publicPolicy(Bucket) }));
    expect((await get(`/${Bucket}/private`)).text).toBe('p');
    expect((await get(`/${Bucket}`)).status).toBe(403);
    await client.send(
      new sdk.PutPublicAccessBlockCommand({
        Bucket,
        PublicAccessBlockConfiguration: { RestrictPublicBuckets: true, IgnorePublicAcls: true },
      }),
    );
    for (const path of [`/${Bucket}/private`, `/${Bucket}/open`]) expect((await get(path)).status).toBe(403);
  });

  test('comes from the origins that CORS allows', async () => {
    const Bucket = await bucket();
    await client.send(new sdk.PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ACL: 'public-read' }));
    await expect(client.send(new sdk.GetBucketCorsCommand({ Bucket }))).rejects.toEqual(refusedWith('NoSuchCORSConfiguration', 404));
    expect((await get(`/${Bucket}/k`, { origin: 'https://app.example' })).status).toBe(403);
    const CORSRules = [
      {
        AllowedOrigins: ['https://*.example'],
        AllowedMethods: ['GET', 'PUT'],
        AllowedHeaders: ['x-amz-*'],
        ExposeHeaders: ['ETag'],
        MaxAgeSeconds: 60,
      },
    ];
    await client.send(new sdk.PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
    expect((await client.send(new sdk.GetBucketCorsCommand({ Bucket }))).CORSRules).toEqual(CORSRules);
    const answer = await get(`/${Bucket}/k`, { origin: 'https://app.example' });
    expect([answer.text, answer.headers['access-control-allow-origin'], answer.headers['access-control-expose-headers']]).toEqual([
      'x',
      'https://app.example',
      'ETag',
    ]);
    const preflight = (headers: Record<string, string>) =>
      send(server, {
        method: 'OPTIONS',
        path: `/${Bucket}/k`,
        headers: { host: `127.0.0.1:${server.port}`, origin: 'https://app.example', ...headers },
      });
    expect(await preflight({ 'access-control-request-method': 'PUT', 'access-control-request-headers': 'X-Amz-Date' })).toMatchObject({
      status: 200,
      headers: { 'access-control-allow-methods': 'GET, PUT', 'access-control-allow-headers': 'x-amz-date', 'access-control-max-age': '60' },
    });
    expect((await preflight({ 'access-control-request-method': 'DELETE' })).status).toBe(403);
    expect((await preflight({ 'access-control-request-method': 'PUT', 'access-control-request-headers': 'cookie' })).status).toBe(403);
    expect((await get(`/${Bucket}/k`, { origin: 'https://evil.test' })).status).toBe(403);
  });
});
