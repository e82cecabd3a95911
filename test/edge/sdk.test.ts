import {
  CodeCommitClient,
  CreateRepositoryCommand,
  GetBlobCommand,
  GetFileCommand,
  GetRepositoryCommand,
  ListRepositoriesCommand,
} from '@aws-sdk/client-codecommit';
import { CodePipelineClient, CreatePipelineCommand, GetPipelineCommand } from '@aws-sdk/client-codepipeline';
import { CreateUserCommand, DeleteUserCommand, GetUserCommand, IAMClient, ListUsersCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { Agent, get } from 'node:http';
import type { LookupFunction } from 'node:net';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, bytesOf, KEY, ManualClock, SESSION_KEY, startEdge } from '../support/edge.ts';
import type { Edge } from '../support/edge.ts';

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge();
});
afterAll(() => edge.close());

const config = (credentials: typeof KEY = KEY) => ({ endpoint: edge.endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 });

/** Not every resolver knows that names under localhost are this machine (RFC 6761). */
const lookup: LookupFunction = (_name, options, done) =>
  options.all ? done(null, [{ address: '127.0.0.1', family: 4 }]) : done(null, '127.0.0.1', 4);
const loopback = new Agent({ lookup } as object);

/** GET of exactly this URL: fetch would resolve the dots in a key. */
function getText(url: string): Promise<string> {
  const [, host, target] = /^http:\/\/([^/]+)(.*)$/.exec(url)!;
  return new Promise((resolve, reject) => {
    const [hostname, port] = host!.split(':');
    get({ hostname, port, path: target, agent: loopback, headers: { host } }, (response) => {
      bytesOf(response).then((bytes) => resolve(bytes.toString()), reject);
    }).on('error', reject);
  });
}

describe('json', () => {
  it('carries inputs, outputs, times and blobs', async () => {
    const client = new CodeCommitClient(config());
    const { repositoryMetadata } = await client.send(
      new CreateRepositoryCommand({ repositoryName: 'demo', repositoryDescription: 'Grüße 🙂' }),
    );
    expect(repositoryMetadata).toMatchObject({
      repositoryDescription: 'Grüße 🙂',
      Arn: `arn:aws:codecommit:eu-central-1:${ACCOUNT}:demo`,
      creationDate: new Date(Date.UTC(2026, 0, 1, 0, 0, 0, 500)),
      cloneUrlHttp: `${edge.endpoint}/v1/repos/demo`,
    });
    const blob = await client.send(new GetBlobCommand({ repositoryName: 'demo', blobId: 'b1' }));
    expect(Buffer.from(blob.content!).toString()).toBe('content of b1');
  });

  it('answers typed errors', async () => {
    const client = new CodeCommitClient(config());
    await expect(client.send(new GetRepositoryCommand({ repositoryName: 'nope' }))).rejects.toMatchObject({
      name: 'RepositoryDoesNotExistException',
      message: 'nope does not exist',
      $metadata: { httpStatusCode: 400 },
    });
  });

  it('validates as AWS does, all violations at once', async () => {
    const client = new CodePipelineClient(config());
    await expect(client.send(new GetPipelineCommand({ name: 'a b', version: 0 }))).rejects.toMatchObject({
      name: 'ValidationException',
      message:
        "2 validation errors detected: Value 'a b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9.@\\-_]+; " +
        "Value '0' at 'version' failed to satisfy constraint: Member must have value greater than or equal to 1",
    });
  });

  it('names nested members, and lists what elements must satisfy', async () => {
    const client = new CodePipelineClient(config());
    const type = { category: 'Nope', owner: 'AWS', provider: 'S3', version: '1' } as never;
    const stages = [{ name: 'S', actions: [{ name: 'A', actionTypeId: type }] }];
    const creating = client.send(
      new CreatePipelineCommand({ pipeline: { name: 'p', roleArn: 'arn:aws:iam::000000000000:role/r', stages } }),
    );
    await expect(creating).rejects.toMatchObject({
      message: expect.stringMatching(
        /^1 validation error detected: Value 'Nope' at 'pipeline\.stages\.1\.member\.actions\.1\.member\.actionTypeId\.category' failed to satisfy constraint: Member must satisfy enum value set: \[.*Source.*\]$/,
      ),
    });
  });

  it('says what is not implemented, and hides what broke', async () => {
    const client = new CodeCommitClient(config());
    await expect(client.send(new GetFileCommand({ repositoryName: 'r', filePath: 'f' }))).rejects.toMatchObject({
      name: 'NotImplementedException',
    });
    await expect(client.send(new ListRepositoriesCommand({}))).rejects.toMatchObject({
      name: 'InternalFailure',
      message: expect.not.stringContaining('secret'),
      $metadata: { httpStatusCode: 500 },
    });
    expect(JSON.stringify(edge.lines)).toContain('a secret detail of a bug');
  });
});

describe('query', () => {
  it('carries lists, structures and empty answers', async () => {
    const client = new IAMClient(config());
    const { User } = await client.send(
      new CreateUserCommand({
        UserName: 'dev',
        Tags: [
          { Key: 'k', Value: 'v' },
          { Key: 'k2', Value: '' },
        ],
      }),
    );
    expect(User).toMatchObject({
      UserName: 'dev',
      Tags: [
        { Key: 'k', Value: 'v' },
        { Key: 'k2', Value: '' },
      ],
    });
    const { Users } = await client.send(new ListUsersCommand({}));
    expect(Users?.map((user) => user.UserName)).toEqual(['a', 'b & c']);
    await client.send(new DeleteUserCommand({ UserName: 'dev' }));
  });

  it('answers typed errors with their code and status', async () => {
    const client = new IAMClient(config());
    await expect(client.send(new GetUserCommand({ UserName: 'x' }))).rejects.toMatchObject({
      name: 'NoSuchEntityException',
      $metadata: { httpStatusCode: 404 },
    });
    await expect(client.send(new CreateUserCommand({ UserName: 'a b' }))).rejects.toMatchObject({
      name: 'ValidationError',
      message:
        "1 validation error detected: Value 'a b' at 'userName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+",
    });
  });

  it('knows sessions by their token', async () => {
    const identity = await new STSClient(config(SESSION_KEY)).send(new GetCallerIdentityCommand({}));
    expect(identity.Arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/Build/s`);
    const withoutToken = new STSClient(config({ ...SESSION_KEY, sessionToken: undefined } as never));
    await expect(withoutToken.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
  });
});

describe.each([['127.0.0.1'], ['localhost']])('S3 at %s', (host) => {
  const client = () => new S3Client({ ...config(), endpoint: `http://${host}:${edge.port}`, requestHandler: { httpAgent: loopback } });

  it.each(['plain.txt', 'a b/ü?#%.txt', 'dots/../x', '/lead//double/', '日本/🙂'])('keeps the key %s', async (Key) => {
    const s3 = client();
    const bucket = { Bucket: 'bkt-1' };
    await s3.send(new CreateBucketCommand(bucket));
    await s3.send(new PutObjectCommand({ ...bucket, Key, Body: 'hello', ContentType: 'text/x', Metadata: { a: 'b' } }));
    const got = await s3.send(new GetObjectCommand({ ...bucket, Key }));
    expect(await got.Body!.transformToString()).toBe('hello');
    expect(got).toMatchObject({ ContentType: 'text/x', Metadata: { a: 'b' } });
    const listed = await s3.send(new ListObjectsV2Command(bucket));
    expect(listed.Contents?.map((object) => object.Key)).toContain(Key);
    const url = await getSignedUrl(s3, new GetObjectCommand({ ...bucket, Key }), { expiresIn: 60 });
    expect(await getText(url)).toBe('hello');
    await s3.send(new DeleteObjectsCommand({ ...bucket, Delete: { Objects: [{ Key }] } }));
    await expect(s3.send(new GetObjectCommand({ ...bucket, Key }))).rejects.toMatchObject({ name: 'NoSuchKey' });
    await expect(s3.send(new HeadObjectCommand({ ...bucket, Key }))).rejects.toMatchObject({ name: 'NotFound' });
  });

  it('streams chunked bodies, serves ranges, unwraps the location', async () => {
    const s3 = client();
    const body = Buffer.alloc(300_000, 'abc');
    await s3.send(
      new PutObjectCommand({
        Bucket: 'bkt',
        Key: 'big',
        Body: Readable.from([body.subarray(0, 1000), body.subarray(1000)]),
        ContentLength: body.length,
      }),
    );
    const got = await s3.send(new GetObjectCommand({ Bucket: 'bkt', Key: 'big' }));
    expect(Buffer.from(await got.Body!.transformToByteArray()).equals(body)).toBe(true);
    const part = await s3.send(new GetObjectCommand({ Bucket: 'bkt', Key: 'big', Range: 'bytes=3-5' }));
    expect(await part.Body!.transformToString()).toBe('abc');
    expect(part.$metadata.httpStatusCode).toBe(206);
    expect((await s3.send(new GetBucketLocationCommand({ Bucket: 'bkt' }))).LocationConstraint).toBe('eu-west-1');
  });

  it.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)('verifies a %s that is sent', async (ChecksumAlgorithm) => {
    await client().send(new PutObjectCommand({ Bucket: 'bkt', Key: 'sum', Body: 'checked', ChecksumAlgorithm }));
    const wrong = { ChecksumCRC32: 'AAAAAA==' };
    await expect(client().send(new PutObjectCommand({ Bucket: 'bkt', Key: 'sum', Body: 'other', ...wrong }))).rejects.toMatchObject({
      name: 'BadDigest',
    });
  });
});

describe('credentials', () => {
  const identity = (key: object) => new STSClient(config(key as typeof KEY)).send(new GetCallerIdentityCommand({}));
  const pipeline = (key: object) => new CodePipelineClient(config(key as typeof KEY)).send(new GetPipelineCommand({ name: 'x' }));
  const object = (key: object) => new S3Client(config(key as typeof KEY)).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }));

  it('are refused in the words of each protocol', async () => {
    const unknown = { accessKeyId: 'AKIANOBODY', secretAccessKey: 'x' };
    await expect(identity(unknown)).rejects.toMatchObject({ name: 'InvalidClientTokenId' });
    await expect(pipeline(unknown)).rejects.toMatchObject({ name: 'UnrecognizedClientException' });
    await expect(object(unknown)).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
    const wrong = { ...KEY, secretAccessKey: 'x' };
    await expect(identity(wrong)).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    await expect(pipeline(wrong)).rejects.toMatchObject({ name: 'InvalidSignatureException' });
    await expect(object(wrong)).rejects.toMatchObject({ name: 'SignatureDoesNotMatch' });
    const expired = { accessKeyId: 'ASIAEXPIRED', secretAccessKey: 'x', sessionToken: 't' };
    await expect(identity(expired)).rejects.toMatchObject({ name: 'ExpiredToken' });
    await expect(pipeline(expired)).rejects.toMatchObject({ name: 'ExpiredTokenException' });
  });

  it('that are late are refused in the words of each protocol', async () => {
    const late = await startEdge({ clock: new ManualClock(Date.now() + 16 * 60_000) });
    const at = { ...config(), endpoint: late.endpoint };
    await expect(new STSClient(at).send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({
      name: 'SignatureDoesNotMatch',
      message: expect.stringMatching(/^Signature expired: \w+ is now earlier than \w+ \(\w+ - 15 min\.\)$/),
    });
    await expect(new CodePipelineClient(at).send(new GetPipelineCommand({ name: 'x' }))).rejects.toMatchObject({
      name: 'InvalidSignatureException',
    });
    await expect(new S3Client(at).send(new GetObjectCommand({ Bucket: 'b', Key: 'k' }))).rejects.toMatchObject({
      name: 'RequestTimeTooSkewed',
    });
    await late.close();
  });
});
