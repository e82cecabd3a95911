import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../src/client/client.ts';
import type { PipewrightClient } from '../../src/client/client.ts';
import { inProcess } from '../../src/protocol/in-process.ts';
import { countingIds } from '../../src/kernel/ids.ts';
import type { Aws } from '../../src/services/aws.gen.ts';
import { ACCOUNT, bytesOf, KEY, memoryServices, SESSION_KEY, startEdge } from '../support/edge.ts';
import type { Edge } from '../support/edge.ts';

let edge: Edge;
let client: PipewrightClient;
beforeAll(async () => {
  edge = await startEdge();
  client = createClient({ endpoint: edge.endpoint, region: 'eu-west-1', credentials: KEY });
});
afterAll(async () => {
  client.close();
  await edge.close();
});

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

describe('the client', () => {
  it('speaks json', async () => {
    const { repositoryMetadata } = await client.codecommit.createRepository({ repositoryName: 'r' });
    expect(repositoryMetadata).toMatchObject({
      creationDate: Date.UTC(2026, 0, 1, 0, 0, 0, 500),
      Arn: `arn:aws:codecommit:eu-west-1:${ACCOUNT}:r`,
    });
    await expect(client.codecommit.getRepository({ repositoryName: 'x' })).rejects.toMatchObject({
      code: 'RepositoryDoesNotExistException',
      status: 400,
      message: 'x does not exist',
    });
  });

  it('speaks query', async () => {
    const { Users } = await client.iam.listUsers({});
    expect(Users.map(({ UserName }) => UserName)).toEqual(['a', 'b & c']);
    await client.iam.deleteUser({ UserName: 'a' });
    await expect(client.iam.getUser({ UserName: 'x' })).rejects.toMatchObject({ code: 'NoSuchEntity', status: 404 });
    expect((await client.sns.getTopicAttributes({ TopicArn: 'arn:t' })).Attributes).toEqual({ TopicArn: 'arn:t', DisplayName: 'x' });
  });

  it.each([
    ['text', 'häh'],
    ['bytes', Buffer.from('bytes')],
  ])('speaks S3: %s', async (_name, Body) => {
    const at = { Bucket: 'b', Key: 'dir/../a b+ü?#&.txt' };
    await client.s3.putObject({ ...at, Body, ContentType: 't/x', Metadata: { k: 'v' } });
    const got = await client.s3.getObject(at);
    expect(got).toMatchObject({ ContentType: 't/x', Metadata: { k: 'v' }, LastModified: Date.UTC(2026, 0, 2) });
    expect((await bytesOf(got.Body!)).equals(Buffer.from(Body))).toBe(true);
    expect((await client.s3.listObjectsV2({ Bucket: 'b', Prefix: 'dir/' })).Contents?.map(({ Key }) => Key)).toEqual([at.Key]);
    await client.s3.deleteObjects({ Bucket: 'b', Delete: { Objects: [{ Key: at.Key }] } });
    await expect(client.s3.getObject(at)).rejects.toMatchObject({ code: 'NoSuchKey', status: 404 });
    await expect(client.s3.headObject(at)).rejects.toMatchObject({ code: 'NotFound', status: 404 });
    expect((await client.s3.getBucketLocation({ Bucket: 'b' })).LocationConstraint).toBe('eu-west-1');
  });

  it('streams objects both ways', async () => {
    await client.s3.putObject({ Bucket: 'b', Key: 'stream', Body: pieces('one ', 'two'), ContentLength: 7 });
    await client.s3.putObject({ Bucket: 'b', Key: 'unknown-length', Body: pieces('one ', 'two ', 'three') });
    expect((await bytesOf((await client.s3.getObject({ Bucket: 'b', Key: 'unknown-length' })).Body!)).toString()).toBe('one two three');
  });

  it('sends session tokens and gets fresh keys from a provider', async () => {
    let asked = 0;
    const session = createClient({ endpoint: edge.endpoint, region: 'r', credentials: async () => (asked++, SESSION_KEY) });
    expect((await session.sts.getCallerIdentity({})).Arn).toContain('assumed-role/Build');
    await session.sts.getCallerIdentity({});
    expect(asked).toBe(2);
    session.close();
  });

  it('presigns', async () => {
    await client.s3.putObject({ Bucket: 'b', Key: 'p', Body: 'signed' });
    const url = await client.presign({ service: 's3', method: 'GET', path: '/b/p' }, 60);
    expect(await (await fetch(url)).text()).toBe('signed');
    expect((await fetch(url.replace('/b/p', '/b/q'))).status).toBe(403);
  });

  it('says plainly that nobody is there', async () => {
    const nobody = createClient({ endpoint: 'http://127.0.0.1:1', region: 'r', credentials: KEY });
    await expect(nobody.sts.getCallerIdentity({})).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    controller.abort();
    const stopped = createClient({ endpoint: edge.endpoint, region: 'r', credentials: KEY, signal: controller.signal });
    await expect(stopped.sts.getCallerIdentity({})).rejects.toMatchObject({ name: 'AbortError' });
  });
});

describe('calls from inside', () => {
  const asked: string[] = [];
  const aws = inProcess({
    services: memoryServices(),
    authorise: ({ action, principal, region }) => {
      asked.push(`${principal.arn} ${action} ${region}`);
      return action === 'iam:ListUsers' ? { allowed: false, message: 'not you' } : { allowed: true };
    },
    ids: countingIds(),
    endpoint: () => 'http://here',
  }) as unknown as Aws;
  const caller = { session: 's', account: ACCOUNT, region: 'r' };

  it('are validated, authorised and served like those from the wire', async () => {
    const clients = aws.as({ ...caller, role: `arn:aws:iam::${ACCOUNT}:role/service/Build`, purpose: 'build' });
    const identity = await clients.sts.getCallerIdentity({});
    expect(identity).toEqual({ UserId: 'Build:s', Account: ACCOUNT, Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Build/s` });
    expect(asked).toEqual([`arn:aws:sts::${ACCOUNT}:assumed-role/Build/s sts:GetCallerIdentity r`]);
    await expect(clients.iam.listUsers({})).rejects.toMatchObject({ code: 'AccessDenied', message: 'not you' });
    await expect(clients.codepipeline.getPipeline({ name: '?' })).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(clients.codecommit.listBranches({ repositoryName: 'r' })).rejects.toMatchObject({ code: 'NotImplementedException' });
  });

  it('without a role are the account', async () => {
    const { repositoryMetadata } = await aws.as(caller).codecommit.createRepository({ repositoryName: 'n' });
    expect(repositoryMetadata?.cloneUrlHttp).toBe('http://here/v1/repos/n');
    expect((await aws.as(caller).sts.getCallerIdentity({})).Arn).toBe(`arn:aws:iam::${ACCOUNT}:root`);
  });

  it('carry streams', async () => {
    const { s3 } = aws.as(caller);
    await s3.putObject({ Bucket: 'b', Key: 'k', Body: 'text' });
    expect((await bytesOf((await s3.getObject({ Bucket: 'b', Key: 'k' })).Body!)).toString()).toBe('text');
  });
});
