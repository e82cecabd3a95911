import { createHash } from 'node:crypto';
import { ManualClock, systemClock } from '../../src/kernel/clock.ts';
import type { Clock } from '../../src/kernel/clock.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import type { Logger } from '../../src/kernel/log.ts';
import type { Authorise, Principal } from '../../src/ports/authorise.ts';
import type { ByteStream } from '../../src/ports/blobs.ts';
import type { Credential } from '../../src/ports/credentials.ts';
import { createListener } from '../../src/http/listener.ts';
import type { ListenerOptions } from '../../src/http/listener.ts';
import { createDispatcher } from '../../src/protocol/dispatcher.ts';
import type { Dispatcher } from '../../src/protocol/dispatcher.ts';
import type { CallContext } from '../../src/protocol/context.ts';
import type { Service } from '../../src/protocol/service.ts';
import * as codecommit from '../../src/services/codecommit/api.gen.ts';
import * as codepipeline from '../../src/services/codepipeline/api.gen.ts';
import * as iam from '../../src/services/iam/api.gen.ts';
import * as s3 from '../../src/services/s3/api.gen.ts';
import * as sns from '../../src/services/sns/api.gen.ts';
import * as sts from '../../src/services/sts/api.gen.ts';

export const ACCOUNT = '000000000000';
export const KEY = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY' };
export const SESSION_KEY = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'session-secret',
  sessionToken: 'session/token+with=signs',
};

const root: Principal = { kind: 'root', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, id: ACCOUNT };
const role: Principal = {
  kind: 'role',
  account: ACCOUNT,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/Build/s`,
  id: 'AROAX:s',
  session: 'build',
};

/** A stream's bytes. */
export async function bytesOf(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function* once(bytes: Uint8Array): ByteStream {
  yield bytes;
}

interface Stored {
  readonly bytes: Buffer;
  readonly type: string | undefined;
  readonly metadata: s3.Metadata | undefined;
  readonly etag: string;
}

/** A small S3 in memory: enough for clients to put, get, list and delete for real. */
function s3Service(): Service<s3.Api> {
  const objects = new Map<string, Stored>();
  const find = (bucket: string, key: string): Stored => {
    const found = objects.get(`${bucket}/${key}`);
    if (!found) throw s3.errors.NoSuchKey('The specified key does not exist.', {});
    return found;
  };
  const head = (found: Stored): s3.HeadObjectOutput => ({
    ContentLength: found.bytes.length,
    ETag: found.etag,
    LastModified: Date.UTC(2026, 0, 2),
    ...(found.type !== undefined && { ContentType: found.type }),
    ...(found.metadata && { Metadata: found.metadata }),
  });
  return {
    model: s3.model,
    operations: {
      async createBucket({ Bucket }) {
        return { Location: `/${Bucket}` };
      },
      async getBucketLocation() {
        return { LocationConstraint: 'eu-west-1' };
      },
      async putObject(input) {
        const bytes = await bytesOf(input.Body ?? once(Buffer.alloc(0)));
        const etag = `"${createHash('md5').update(bytes).digest('hex')}"`;
        objects.set(`${input.Bucket}/${input.Key}`, { bytes, type: input.ContentType, metadata: input.Metadata, etag });
        return { ETag: etag };
      },
      async getObject({ Bucket, Key, Range }) {
        const found = find(Bucket, Key);
        const range = /^bytes=(\d+)-(\d+)$/.exec(Range ?? '');
        if (!range) return { ...head(found), Body: once(found.bytes) };
        const part = found.bytes.subarray(Number(range[1]), Number(range[2]) + 1);
        return {
          ...head(found),
          ContentLength: part.length,
          ContentRange: `bytes ${range[1]}-${range[2]}/${found.bytes.length}`,
          Body: once(part),
        };
      },
      async headObject({ Bucket, Key }) {
        return head(find(Bucket, Key));
      },
      async listObjectsV2({ Bucket, Prefix = '' }) {
        const keys = [...objects.keys()].filter((name) => name.startsWith(`${Bucket}/${Prefix}`));
        const contents = keys.map((name) => {
          const { bytes, etag } = objects.get(name)!;
          return {
            Key: name.slice(Bucket.length + 1),
            Size: bytes.length,
            ETag: etag,
            LastModified: Date.UTC(2026, 0, 2),
            StorageClass: 'STANDARD' as const,
          };
        });
        return { Name: Bucket, Prefix, KeyCount: contents.length, MaxKeys: 1000, IsTruncated: false, Contents: contents };
      },
      async deleteObjects({ Bucket, Delete }) {
        for (const { Key } of Delete.Objects) objects.delete(`${Bucket}/${Key}`);
        return { Deleted: Delete.Objects.map(({ Key }) => ({ Key })) };
      },
    },
  };
}

function stsService(): Service<sts.Api> {
  return {
    model: sts.model,
    operations: {
      async getCallerIdentity(_input, { principal }) {
        return { UserId: principal.id, Account: principal.account, Arn: principal.arn };
      },
    },
  };
}

const created = Date.UTC(2026, 0, 1, 0, 0, 0, 500);

function codecommitService(): Service<codecommit.Api> {
  const repositories = new Map<string, codecommit.RepositoryMetadata>();
  return {
    model: codecommit.model,
    operations: {
      async createRepository({ repositoryName, repositoryDescription }, ctx) {
        const metadata = {
          repositoryName,
          repositoryDescription: repositoryDescription ?? '',
          creationDate: created,
          Arn: `arn:aws:codecommit:${ctx.region}:${ctx.account}:${repositoryName}`,
          cloneUrlHttp: `${ctx.endpoint}/v1/repos/${repositoryName}`,
        };
        repositories.set(repositoryName, metadata);
        return { repositoryMetadata: metadata };
      },
      async getRepository({ repositoryName }) {
        const found = repositories.get(repositoryName);
        if (!found) throw codecommit.errors.RepositoryDoesNotExistException(`${repositoryName} does not exist`);
        return { repositoryMetadata: found };
      },
      async getBlob({ blobId }) {
        return { content: Buffer.from(`content of ${blobId}`) };
      },
      async listRepositories() {
        throw new Error('a secret detail of a bug');
      },
    },
  };
}

function codepipelineService(): Service<codepipeline.Api> {
  const pipelines = new Map<string, codepipeline.PipelineDeclaration>();
  return {
    model: codepipeline.model,
    operations: {
      async createPipeline({ pipeline, tags }) {
        pipelines.set(pipeline.name, pipeline);
        return { pipeline, ...(tags && { tags }) };
      },
      async getPipeline({ name }, ctx) {
        const pipeline = pipelines.get(name);
        if (!pipeline)
          throw codepipeline.errors.PipelineNotFoundException(`Account '${ctx.account}' does not have a pipeline with name '${name}'`);
        return { pipeline, metadata: { pipelineArn: `arn:aws:codepipeline:${ctx.region}:${ctx.account}:${name}`, created } };
      },
    },
  };
}

function iamService(): Service<iam.Api> {
  const user = (name: string, ctx: CallContext): iam.User => ({
    Path: '/',
    UserName: name,
    UserId: 'AIDA1',
    Arn: `arn:aws:iam::${ctx.account}:user/${name}`,
    CreateDate: created,
  });
  return {
    model: iam.model,
    operations: {
      async createUser({ UserName, Tags }, ctx) {
        return { User: { ...user(UserName, ctx), ...(Tags && { Tags }) } };
      },
      async getUser({ UserName }) {
        throw iam.errors.NoSuchEntityException(`The user with name ${UserName} cannot be found.`);
      },
      async listUsers(_input, ctx) {
        return { Users: [user('a', ctx), user('b & c', ctx)], IsTruncated: false };
      },
      async deleteUser() {},
    },
  };
}

function snsService(): Service<sns.Api> {
  return {
    model: sns.model,
    operations: {
      async createTopic({ Name }, ctx) {
        return { TopicArn: `arn:aws:sns:${ctx.region}:${ctx.account}:${Name}` };
      },
      async getTopicAttributes({ TopicArn }) {
        return { Attributes: { TopicArn, DisplayName: 'x' } };
      },
    },
  };
}

export interface Edge {
  readonly endpoint: string;
  readonly port: number;
  readonly dispatcher: Dispatcher;
  readonly clock: Clock;
  /** What the server said about itself. */
  readonly lines: { readonly message: string; readonly fields: Record<string, unknown> | undefined }[];
  /** Rather waits for ever than cut anything off. */
  close(): Promise<void>;
}

export interface EdgeOptions {
  readonly auth?: 'sigv4' | 'off';
  readonly clock?: Clock;
  readonly authorise?: Authorise;
  readonly listener?: (dispatcher: Dispatcher) => Partial<ListenerOptions>;
}

export function memoryServices(): readonly Service[] {
  return [s3Service(), stsService(), codecommitService(), codepipelineService(), iamService(), snsService()];
}

const keys = new Map<string, Credential>([
  [KEY.accessKeyId, { ...KEY, principal: root }],
  [SESSION_KEY.accessKeyId, { ...SESSION_KEY, principal: role, expires: Date.UTC(2100, 0, 1) }],
  ['ASIAEXPIRED', { accessKeyId: 'ASIAEXPIRED', secretAccessKey: 'x', sessionToken: 't', principal: role, expires: 1 }],
]);

/** The edge over a real socket, with services in memory behind it. */
export async function startEdge(options: EdgeOptions = {}): Promise<Edge> {
  const clock = options.clock ?? systemClock;
  const lines: { message: string; fields: Record<string, unknown> | undefined }[] = [];
  const line = (message: string, fields?: Record<string, unknown>): void => void lines.push({ message, fields });
  const log: Logger = { info: line, warn: line, error: line };
  const dispatcher = createDispatcher({
    services: memoryServices(),
    authorise:
      options.authorise ?? (({ principal }) => (principal.kind === 'anonymous' ? { allowed: false, message: 'no' } : { allowed: true })),
    credentials: { find: async (id) => keys.get(id) },
    clock,
    ids: randomIds(clock),
    log,
    settings: { account: ACCOUNT, region: 'us-east-1', auth: options.auth ?? 'sigv4' },
  });
  const listener = createListener({ dispatcher, planes: [], log, ...options.listener?.(dispatcher) });
  const { port } = await listener.listen(0, '127.0.0.1');
  return { endpoint: `http://127.0.0.1:${port}`, port, dispatcher, clock, lines, close: () => listener.close(600_000) };
}

export { ManualClock };
