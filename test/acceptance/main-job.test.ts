import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeLogGroupsCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { BatchGetBuildsCommand, CreateProjectCommand, ListBuildsForProjectCommand } from '@aws-sdk/client-codebuild';
import { CreateRepositoryCommand, GetBranchCommand, GetCommitCommand, GetFileCommand } from '@aws-sdk/client-codecommit';
import {
  CreatePipelineCommand,
  GetPipelineExecutionCommand,
  GetPipelineStateCommand,
  ListActionExecutionsCommand,
  ListPipelineExecutionsCommand,
  PutApprovalResultCommand,
  StartPipelineExecutionCommand,
  type ActionDeclaration,
  type ActionExecutionDetail,
  type PipelineExecutionStatus,
} from '@aws-sdk/client-codepipeline';
import { CreateRoleCommand, CreateServiceSpecificCredentialCommand, CreateUserCommand } from '@aws-sdk/client-iam';
import {
  CreateBucketCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutBucketPolicyCommand,
  PutBucketWebsiteCommand,
} from '@aws-sdk/client-s3';
import { AssumeRoleCommand, GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Clients } from '../support/clients.ts';
import { commit, git, withLogin } from '../support/git.ts';
import { StartedServer } from '../support/server.ts';

const ACCOUNT = '000000000000';
const PIPELINE = 'site';

const BUILDSPEC = `version: 0.2
env:
  exported-variables: [PAGES, LABEL]
phases:
  build:
    commands:
      - mkdir out && cp page.html out/index.html
      - echo "<p>$STAGE_NOTE</p>" >> out/index.html
      - PAGES=$(ls out | wc -l | tr -d ' ')
      - LABEL="build $CODEBUILD_BUILD_NUMBER of $CODEBUILD_RESOLVED_SOURCE_VERSION"
      - test ! -f broken || exit 7
artifacts:
  base-directory: out
  files: ['**/*']
`;

const trust = (service: string): string =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
  });

const type = (category: string, provider: string) =>
  ({ category, owner: 'AWS', provider, version: '1' }) as ActionDeclaration['actionTypeId'];

const stages = [
  {
    name: 'Source',
    actions: [
      {
        name: 'Checkout',
        actionTypeId: type('Source', 'CodeCommit'),
        namespace: 'source',
        configuration: { RepositoryName: 'site', BranchName: 'main' },
        outputArtifacts: [{ name: 'Code' }],
      },
    ],
  },
  {
    name: 'Build',
    actions: [
      {
        name: 'Compile',
        actionTypeId: type('Build', 'CodeBuild'),
        namespace: 'build',
        inputArtifacts: [{ name: 'Code' }],
        outputArtifacts: [{ name: 'Site' }],
        configuration: {
          ProjectName: 'site',
          EnvironmentVariables: JSON.stringify([{ name: 'STAGE_NOTE', value: 'from #{source.BranchName}' }]),
        },
      },
    ],
  },
  {
    name: 'Approve',
    actions: [
      {
        name: 'Review',
        actionTypeId: type('Approval', 'Manual'),
        configuration: { CustomData: '#{build.PAGES} pages of #{source.CommitMessage}' },
      },
    ],
  },
  {
    name: 'Deploy',
    actions: [
      {
        name: 'Publish',
        actionTypeId: type('Deploy', 'S3'),
        inputArtifacts: [{ name: 'Site' }],
        configuration: { BucketName: 'site', Extract: 'true', CacheControl: 'max-age=60' },
      },
    ],
  },
];

let server: StartedServer;
let aws: Clients;
let folder: string;
let remote: string;
beforeAll(async () => {
  server = await StartedServer.start();
  aws = new Clients(server);
  folder = mkdtempSync(join(tmpdir(), 'main-job-'));
});
afterAll(async () => {
  aws.close();
  await server.end();
  rmSync(folder, { recursive: true });
});

const executions = async () =>
  (await aws.codepipeline.send(new ListPipelineExecutionsCommand({ pipelineName: PIPELINE }))).pipelineExecutionSummaries!;

const actionsOf = async (pipelineExecutionId: string): Promise<ActionExecutionDetail[]> => {
  const list = new ListActionExecutionsCommand({ pipelineName: PIPELINE, filter: { pipelineExecutionId } });
  return (await aws.codepipeline.send(list)).actionExecutionDetails!;
};

/** The execution that this commit started. */
const executionOf = (revision: string): Promise<string> =>
  server.until(`an execution of ${revision}`, async () => {
    const found = (await executions()).find(({ sourceRevisions = [] }) =>
      sourceRevisions.some(({ revisionId }) => revisionId === revision),
    );
    return found?.pipelineExecutionId;
  });

const ends = (pipelineExecutionId: string): Promise<PipelineExecutionStatus> =>
  server.until(`the end of ${pipelineExecutionId}`, async () => {
    const get = new GetPipelineExecutionCommand({ pipelineName: PIPELINE, pipelineExecutionId });
    const { status } = (await aws.codepipeline.send(get)).pipelineExecution!;
    return status !== 'InProgress' && status !== 'Stopping' ? status : undefined;
  });

/** The token of the approval that this execution waits for. */
const approval = (executionId: string): Promise<{ token: string; text: string | undefined }> =>
  server.until(`an approval of ${executionId}`, async () => {
    const { stageStates } = await aws.codepipeline.send(new GetPipelineStateCommand({ name: PIPELINE }));
    const stage = stageStates!.find(({ stageName }) => stageName === 'Approve')!;
    const { token, status } = stage.actionStates![0]!.latestExecution ?? {};
    if (stage.latestExecution?.pipelineExecutionId !== executionId || status !== 'InProgress' || !token) return undefined;
    const review = (await actionsOf(executionId)).find(({ actionName }) => actionName === 'Review');
    return { token, text: review?.input?.resolvedConfiguration?.['CustomData'] };
  });

const decide = (token: string, status: 'Approved' | 'Rejected') =>
  aws.codepipeline.send(
    new PutApprovalResultCommand({
      pipelineName: PIPELINE,
      stageName: 'Approve',
      actionName: 'Review',
      token,
      result: { status, summary: `${status} by a test` },
    }),
  );

const push = async (files: Record<string, string>, message: string): Promise<string> => {
  const id = await commit(folder, files, message);
  await git(folder, ['push', '--quiet', remote, 'HEAD:refs/heads/main']);
  return id;
};

describe('the main job, with the SDK alone', () => {
  it('creates everything', async () => {
    expect(await aws.sts.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: ACCOUNT, Arn: `arn:aws:iam::${ACCOUNT}:root` });
    for (const Bucket of ['site', 'site-artifacts']) await aws.s3.send(new CreateBucketCommand({ Bucket }));
    await aws.s3.send(new PutBucketWebsiteCommand({ Bucket: 'site', WebsiteConfiguration: { IndexDocument: { Suffix: 'index.html' } } }));
    const everybody = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::site/*' };
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [everybody] });
    await aws.s3.send(new PutBucketPolicyCommand({ Bucket: 'site', Policy: policy }));
    for (const service of ['codepipeline', 'codebuild']) {
      const role = { RoleName: `site-${service}`, AssumeRolePolicyDocument: trust(`${service}.amazonaws.com`) };
      const { Role } = await aws.iam.send(new CreateRoleCommand(role));
      expect(Role!.Arn).toBe(`arn:aws:iam::${ACCOUNT}:role/site-${service}`);
    }
    const { repositoryMetadata } = await aws.codecommit.send(new CreateRepositoryCommand({ repositoryName: 'site' }));
    expect(repositoryMetadata!.cloneUrlHttp).toBe(`${server.endpoint}/v1/repos/site`);
    await aws.iam.send(new CreateUserCommand({ UserName: 'developer' }));
    const login = { UserName: 'developer', ServiceName: 'codecommit.amazonaws.com' };
    const { ServiceSpecificCredential: made } = await aws.iam.send(new CreateServiceSpecificCredentialCommand(login));
    remote = withLogin(repositoryMetadata!.cloneUrlHttp!, made!.ServiceUserName!, made!.ServicePassword!);
    await aws.codebuild.send(
      new CreateProjectCommand({
        name: 'site',
        serviceRole: `arn:aws:iam::${ACCOUNT}:role/site-codebuild`,
        source: { type: 'CODEPIPELINE' },
        artifacts: { type: 'CODEPIPELINE' },
        environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
      }),
    );
    const roleArn = `arn:aws:iam::${ACCOUNT}:role/site-codepipeline`;
    const artifactStore = { type: 'S3', location: 'site-artifacts' } as const;
    const { pipeline } = await aws.codepipeline.send(
      new CreatePipelineCommand({ pipeline: { name: PIPELINE, roleArn, artifactStore, stages } }),
    );
    expect(pipeline).toMatchObject({ version: 1, stages: stages.map(({ name }) => ({ name })) });
  });

  it('goes from a push past the approval to the deployed site', async () => {
    const id = await push({ 'page.html': '<h1>One</h1>\n', 'buildspec.yml': BUILDSPEC }, 'First page');
    const { branch } = await aws.codecommit.send(new GetBranchCommand({ repositoryName: 'site', branchName: 'main' }));
    expect(branch!.commitId).toBe(id);
    const executionId = await executionOf(id);
    const { token, text } = await approval(executionId);
    expect(text).toMatch(/^1 pages of First page\s*$/);
    await expect(decide('00000000-0000-0000-0000-000000000000', 'Approved')).rejects.toMatchObject({
      name: 'InvalidApprovalTokenException',
    });
    await decide(token, 'Approved');
    expect(await ends(executionId)).toBe('Succeeded');
    for (const url of [`${server.endpoint}/_website/site/`, `${server.endpoint}/_website/site/index.html`]) {
      const page = await fetch(url);
      expect(page.status).toBe(200);
      expect(page.headers.get('cache-control')).toBe('max-age=60');
      expect(await page.text()).toBe('<h1>One</h1>\n<p>from main</p>\n');
    }
    await expect(decide(token, 'Approved')).rejects.toMatchObject({
      name: expect.stringMatching(/ApprovalAlreadyCompleted|InvalidApprovalToken/),
    });
  });

  it('tells the history: executions, actions, variables, revisions', async () => {
    const [execution, ...others] = await executions();
    expect(others).toEqual([]);
    const { pipelineExecutionId } = execution!;
    const revision = await git(folder, ['rev-parse', 'HEAD']);
    expect(execution).toMatchObject({
      status: 'Succeeded',
      sourceRevisions: [{ actionName: 'Checkout', revisionId: revision, revisionSummary: expect.stringMatching(/^First page\s*$/) }],
    });
    expect(execution!.lastUpdateTime! >= execution!.startTime!).toBe(true);
    const actions = await actionsOf(pipelineExecutionId!);
    expect(actions.map(({ stageName, actionName, status }) => `${stageName}/${actionName} ${status}`)).toEqual([
      'Deploy/Publish Succeeded',
      'Approve/Review Succeeded',
      'Build/Compile Succeeded',
      'Source/Checkout Succeeded',
    ]);
    const [, , build, source] = actions;
    expect(source!.output!.outputVariables).toMatchObject({ CommitId: revision, BranchName: 'main', RepositoryName: 'site' });
    expect(build!.output!.outputVariables).toMatchObject({ PAGES: '1', LABEL: `build 1 of ${revision}` });
    expect(build!.input!.inputArtifacts![0]).toMatchObject({ name: 'Code', s3location: { bucket: 'site-artifacts' } });
    const { bucket, key } = build!.output!.outputArtifacts![0]!.s3location!;
    const head = await aws.s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    expect(head.ContentLength).toBeGreaterThan(0);
    const zip = await (await aws.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))).Body!.transformToByteArray();
    expect(Buffer.from(zip.subarray(0, 4)).toString('latin1')).toBe('PK\x03\x04');
    const { Contents } = await aws.s3.send(new ListObjectsV2Command({ Bucket: 'site' }));
    expect(Contents!.map(({ Key }) => Key)).toEqual(['index.html']);
    const { stageStates } = await aws.codepipeline.send(new GetPipelineStateCommand({ name: PIPELINE }));
    expect(stageStates!.map(({ stageName, latestExecution }) => `${stageName} ${latestExecution!.status}`)).toEqual(
      stages.map(({ name }) => `${name} Succeeded`),
    );
  });

  it('keeps the build and what it printed', async () => {
    const { ids } = await aws.codebuild.send(new ListBuildsForProjectCommand({ projectName: 'site' }));
    const { builds } = await aws.codebuild.send(new BatchGetBuildsCommand({ ids }));
    expect(builds).toHaveLength(1);
    const [build] = builds!;
    expect(build).toMatchObject({ buildStatus: 'SUCCEEDED', buildNumber: 1, initiator: `codepipeline/${PIPELINE}` });
    expect(build!.exportedEnvironmentVariables!.map(({ name }) => name)).toEqual(['PAGES', 'LABEL']);
    const { groupName, streamName } = build!.logs!;
    const lines = await aws.log(groupName!, streamName!);
    expect(lines.filter((line) => /Entering phase|Running command test/.test(line))).toHaveLength(5);
    expect(lines.join('\n')).toContain('Phase complete: BUILD State: SUCCEEDED');
    const { logGroups } = await aws.logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/aws/codebuild/' }));
    expect(logGroups!.map(({ logGroupName }) => logGroupName)).toEqual(['/aws/codebuild/site']);
    const found = await aws.logs.send(new FilterLogEventsCommand({ logGroupName: groupName, filterPattern: '"State: SUCCEEDED"' }));
    expect(found.events!.length).toBeGreaterThan(3);
  });

  it('holds the content of the repository', async () => {
    const file = await aws.codecommit.send(new GetFileCommand({ repositoryName: 'site', filePath: 'page.html' }));
    expect(Buffer.from(file.fileContent!).toString()).toBe('<h1>One</h1>\n');
    const { commit: got } = await aws.codecommit.send(new GetCommitCommand({ repositoryName: 'site', commitId: file.commitId }));
    expect(got).toMatchObject({ message: 'First page\n', author: { name: 'Test', email: 'test@localhost' }, parents: [] });
  });

  it('a rejection ends the execution and deploys nothing', async () => {
    const executionId = await executionOf(await push({ 'page.html': '<h1>Two</h1>\n' }, 'Second page'));
    await decide((await approval(executionId)).token, 'Rejected');
    expect(await ends(executionId)).toBe('Failed');
    const [review] = await actionsOf(executionId);
    expect(review).toMatchObject({ actionName: 'Review', status: 'Failed' });
    expect(await (await fetch(`${server.endpoint}/_website/site/`)).text()).toContain('One');
  });

  it('a build that fails says why, and the next execution is free to run', async () => {
    const executionId = await executionOf(await push({ broken: '' }, 'Break it'));
    expect(await ends(executionId)).toBe('Failed');
    const [build] = await actionsOf(executionId);
    expect(build).toMatchObject({ actionName: 'Compile', status: 'Failed' });
    expect(build!.output!.executionResult!.errorDetails!.message).toMatch(/exit 7|exit status 7/);
    await git(folder, ['rm', '--quiet', 'broken']);
    const next = await executionOf(await push({}, 'Mend it'));
    await decide((await approval(next)).token, 'Approved');
    expect(await ends(next)).toBe('Succeeded');
    expect(await (await fetch(`${server.endpoint}/_website/site/`)).text()).toContain('Two');
  });

  it('starts on request too, and says who started it', async () => {
    const { pipelineExecutionId } = await aws.codepipeline.send(new StartPipelineExecutionCommand({ name: PIPELINE }));
    await decide((await approval(pipelineExecutionId!)).token, 'Approved');
    expect(await ends(pipelineExecutionId!)).toBe('Succeeded');
    const [newest] = await executions();
    expect(newest).toMatchObject({ pipelineExecutionId, trigger: { triggerType: 'StartPipelineExecution' } });
  });

  it('lets a role work with what it is given, and refuses a wrong key', async () => {
    const RoleArn = `arn:aws:iam::${ACCOUNT}:role/site-codebuild`;
    const { Credentials: made } = await aws.sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'me' }));
    const key = { accessKeyId: made!.AccessKeyId!, secretAccessKey: made!.SecretAccessKey!, sessionToken: made!.SessionToken! };
    const role = new Clients({ endpoint: server.endpoint, key });
    expect((await role.sts.send(new GetCallerIdentityCommand({}))).Arn).toBe(`arn:aws:sts::${ACCOUNT}:assumed-role/site-codebuild/me`);
    role.close();
    const wrong = new Clients({ endpoint: server.endpoint, key: { ...server.key, secretAccessKey: 'x' } });
    await expect(wrong.codepipeline.send(new GetPipelineStateCommand({ name: PIPELINE }))).rejects.toMatchObject({
      name: expect.stringMatching(/Signature/),
    });
    wrong.close();
  });

  it('remembers all of it after a restart', async () => {
    const before = await executions();
    await server.restart();
    expect(await executions()).toEqual(before);
    expect(await (await fetch(`${server.endpoint}/_website/site/`)).text()).toContain('Two');
    expect(before.map(({ status }) => status)).toEqual(['Succeeded', 'Succeeded', 'Failed', 'Failed', 'Succeeded']);
  });
});
