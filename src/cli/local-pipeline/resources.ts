import type { PipewrightClient } from '../../client/client.ts';
import { gitLogin } from '../../client/git-login.ts';
import type { BucketLocationConstraint } from '../../services/s3/api.gen.ts';
import { registryAccess } from '../registry-access.ts';
import type { CliTools, RunningServer } from '../tools.ts';
import type { LocalPipeline } from './declaration.ts';
import type { WorkTreeCommit } from './work-tree.ts';

export interface ProjectWish {
  /** Of each project that has another than buildspec.yml: a path in the work tree. */
  readonly buildspecs: ReadonlyMap<string, string>;
  readonly image: string;
  readonly variables: readonly { readonly name: string; readonly value: string }[];
  readonly timeoutMinutes: number;
  readonly env: CliTools['env'];
}

/** Where S3 asks for no location: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
const HOME_REGION = 'us-east-1';

async function createBuckets(client: PipewrightClient, { artifactBuckets, deployBuckets, objects, region }: LocalPipeline): Promise<void> {
  const versioned = new Set(objects.map(({ bucket }) => bucket));
  for (const Bucket of new Set([...artifactBuckets, ...deployBuckets, ...versioned])) {
    const LocationConstraint = region as BucketLocationConstraint;
    await client.s3.createBucket({ Bucket, ...(region !== HOME_REGION && { CreateBucketConfiguration: { LocationConstraint } }) });
  }
  for (const Bucket of versioned) await client.s3.putBucketVersioning({ Bucket, VersioningConfiguration: { Status: 'Enabled' } });
}

async function createProject(client: PipewrightClient, name: string, wish: ProjectWish): Promise<void> {
  const { buildspecs, image, variables, timeoutMinutes, env } = wish;
  const buildspec = buildspecs.get(name);
  await client.codebuild.createProject({
    name,
    serviceRole: 'local-builds',
    source: { type: 'CODEPIPELINE', ...(buildspec !== undefined && { buildspec }) },
    artifacts: { type: 'CODEPIPELINE' },
    environment: {
      type: 'LINUX_CONTAINER',
      image,
      computeType: 'BUILD_GENERAL1_SMALL',
      environmentVariables: [...registryAccess(env), ...variables.map((variable) => ({ ...variable, type: 'PLAINTEXT' as const }))],
    },
    buildBatchConfig: { serviceRole: 'local-builds' },
    timeoutInMinutes: timeoutMinutes,
  });
}

/** Puts the work tree where the pipeline's sources are. */
async function provideSources(
  client: PipewrightClient,
  { endpoint, credentials }: Pick<RunningServer, 'endpoint' | 'credentials'>,
  { repositories, objects, region }: LocalPipeline,
  tree: WorkTreeCommit,
): Promise<void> {
  for (const repositoryName of new Set(repositories.map(({ repository }) => repository)))
    await client.codecommit.createRepository({ repositoryName });
  for (const { repository, branch } of repositories) {
    const path = `/v1/repos/${repository}`;
    await tree.push(`${endpoint}${path}`, branch, gitLogin(credentials, { endpoint, region, path }, Date.now()));
  }
  if (objects.length === 0) return;
  const zip = tree.zip();
  for (const { bucket: Bucket, key: Key } of objects) await client.s3.putObject({ Bucket, Key, Body: zip });
}

/** Makes, through the public API alone, all that the pipeline needs, and last the pipeline, which starts with that. */
export async function createPipeline(
  client: PipewrightClient,
  server: Pick<RunningServer, 'endpoint' | 'credentials'>,
  { local, tree, wish }: { readonly local: LocalPipeline; readonly tree: WorkTreeCommit; readonly wish: ProjectWish },
): Promise<void> {
  await createBuckets(client, local);
  const names = new Set(['local-builds', ...local.roles.map((arn) => arn.slice(arn.lastIndexOf('/') + 1))]);
  const trust = { Effect: 'Allow', Principal: { Service: 'codepipeline.amazonaws.com' }, Action: 'sts:AssumeRole' };
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
  for (const RoleName of names) await client.iam.createRole({ RoleName, AssumeRolePolicyDocument });
  for (const name of local.projects) await createProject(client, name, wish);
  await provideSources(client, server, local, tree);
  await client.codepipeline.createPipeline({ pipeline: local.pipeline });
}
