import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PipewrightClient } from '../client/client.ts';
import { isObject } from '../kernel/json.ts';
import { errorCode } from './error-code.ts';
import { Failure } from './failure.ts';
import type { PipelineDeclaration } from '../services/codepipeline/api.gen.ts';
import type { GitLogin } from './quickstart-git.ts';
import { registryAccess } from './registry-access.ts';
import type { CliTools } from './tools.ts';

/** What the quickstart calls its things; pipeline.json of the example uses the same names. */
export const NAMES = {
  repository: 'static-site',
  artifactBucket: 'static-site-artifacts',
  siteBucket: 'static-site',
  project: 'static-site',
  pipeline: 'static-site',
  pipelineRole: 'static-site-pipeline',
  buildRole: 'static-site-build',
  user: 'static-site-developer',
} as const;

const EXISTS = /EntityAlreadyExists|AlreadyExists|AlreadyOwnedByYou|NameExists|NameInUse/;

/** Creates, and is content with what an earlier quickstart on the same folder has left. */
async function ensure(what: string, said: (what: string) => void, create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
    said(what);
  } catch (error) {
    if (!EXISTS.test(errorCode(error) ?? '')) throw error;
  }
}

function trust(service: string): string {
  const statement = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

/** Everybody may read the site: the policy that AWS's own guide gives for website hosting. */
function publicRead(bucket: string): string {
  const statement = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/*` };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

function readPipeline(example: string): PipelineDeclaration {
  const value: unknown = JSON.parse(readFileSync(join(example, 'pipeline.json'), 'utf8'));
  if (!isObject(value) || !isObject(value.pipeline)) throw new Failure(`${example}/pipeline.json holds no pipeline.`);
  return value.pipeline as unknown as PipelineDeclaration;
}

async function createBuckets(client: PipewrightClient, said: (what: string) => void): Promise<void> {
  const { artifactBucket, siteBucket: Bucket } = NAMES;
  await ensure(`bucket ${artifactBucket}`, said, () => client.s3.createBucket({ Bucket: artifactBucket }));
  await ensure(`bucket ${Bucket}, a website`, said, () => client.s3.createBucket({ Bucket }));
  await client.s3.putBucketWebsite({
    Bucket,
    WebsiteConfiguration: { IndexDocument: { Suffix: 'index.html' }, ErrorDocument: { Key: '404.html' } },
  });
  await client.s3.putBucketPolicy({ Bucket, Policy: publicRead(Bucket) });
}

async function createRoles(client: PipewrightClient, said: (what: string) => void): Promise<void> {
  const roles = { [NAMES.pipelineRole]: 'codepipeline.amazonaws.com', [NAMES.buildRole]: 'codebuild.amazonaws.com' };
  for (const [RoleName, service] of Object.entries(roles)) {
    await ensure(`role ${RoleName}`, said, () => client.iam.createRole({ RoleName, AssumeRolePolicyDocument: trust(service) }));
  }
}

/** A user who may push, with git credentials of his own; a password is shown once, so a second quickstart makes new ones. */
async function createGitLogin(client: PipewrightClient, said: (what: string) => void): Promise<GitLogin> {
  const credential = { UserName: NAMES.user, ServiceName: 'codecommit.amazonaws.com' };
  await ensure(`user ${NAMES.user} with git credentials`, said, () => client.iam.createUser({ UserName: NAMES.user }));
  const { ServiceSpecificCredentials = [] } = await client.iam.listServiceSpecificCredentials(credential);
  for (const { ServiceSpecificCredentialId } of ServiceSpecificCredentials) {
    await client.iam.deleteServiceSpecificCredential({ UserName: NAMES.user, ServiceSpecificCredentialId });
  }
  const made = (await client.iam.createServiceSpecificCredential(credential)).ServiceSpecificCredential;
  if (!made?.ServiceUserName || !made.ServicePassword) throw new Failure('The server made no git credentials.');
  return { username: made.ServiceUserName, password: made.ServicePassword };
}

/** Creates, through the public API alone, everything that the example needs. */
export async function createExample(
  client: PipewrightClient,
  { example, env }: { readonly example: string; readonly env: CliTools['env'] },
  said: (what: string) => void,
): Promise<{ cloneUrl: string; login: GitLogin }> {
  const { repository: repositoryName, project: name } = NAMES;
  const pipeline = readPipeline(example);
  await createBuckets(client, said);
  await createRoles(client, said);
  await ensure(`repository ${repositoryName}`, said, () => client.codecommit.createRepository({ repositoryName }));
  const login = await createGitLogin(client, said);
  await ensure(`build project ${name}`, said, () =>
    client.codebuild.createProject({
      name,
      serviceRole: NAMES.buildRole,
      source: { type: 'CODEPIPELINE' },
      artifacts: { type: 'CODEPIPELINE' },
      environment: {
        type: 'LINUX_CONTAINER',
        image: 'host',
        computeType: 'BUILD_GENERAL1_SMALL',
        environmentVariables: registryAccess(env),
      },
    }),
  );
  await ensure(`pipeline ${pipeline.name}: ${pipeline.stages.map((stage) => stage.name).join(' → ')}`, said, () =>
    client.codepipeline.createPipeline({ pipeline }),
  );
  const { repositoryMetadata } = await client.codecommit.getRepository({ repositoryName });
  return { cloneUrl: repositoryMetadata?.cloneUrlHttp ?? '', login };
}
