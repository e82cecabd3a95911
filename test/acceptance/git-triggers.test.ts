import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { CreateBranchCommand, CreateCommitCommand, CreateRepositoryCommand, DeleteBranchCommand } from '@aws-sdk/client-codecommit';
import {
  CreatePipelineCommand,
  DeleteWebhookCommand,
  DeregisterWebhookWithThirdPartyCommand,
  GetPipelineExecutionCommand,
  ListPipelineExecutionsCommand,
  ListTagsForResourceCommand,
  ListWebhooksCommand,
  PutWebhookCommand,
  RegisterWebhookWithThirdPartyCommand,
  TagResourceCommand,
  type ActionDeclaration,
  type PipelineTriggerDeclaration,
} from '@aws-sdk/client-codepipeline';
import { BatchGetBuildsCommand, CreateProjectCommand, ListBuildsForProjectCommand } from '@aws-sdk/client-codebuild';
import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type PipewrightClient } from '../../src/client/client.ts';
import { Clients } from '../support/clients.ts';
import { hmac, hostDeliveries } from '../support/git-deliveries.ts';
import { GitHost, type WorkingCopy } from '../support/git-host.ts';
import { send } from '../support/http.ts';
import { pipewright, StartedServer } from '../support/server.ts';

const ROLE = 'arn:aws:iam::000000000000:role/everything';
const SECRET = 'a-secret-of-webhooks';
const SPEC = 'version: 0.2\nphases: {build: {commands: ["echo commits $(git rev-list --count HEAD)"]}}\n';
const folder = mkdtempSync(join(tmpdir(), 'git-triggers-'));
let host: GitHost;
let work: WorkingCopy;
let server: StartedServer;
let aws: Clients;
let client: PipewrightClient;
let events: EventBridgeClient;
let deliveries = 0;

const type = (category: 'Source' | 'Build' | 'Approval', provider: string) => ({ category, owner: 'AWS', provider, version: '1' }) as const;

async function pipeline(
  name: string,
  provider: string,
  configuration: Record<string, string>,
  more: { readonly triggers?: PipelineTriggerDeclaration[]; readonly second?: ActionDeclaration } = {},
): Promise<void> {
  const second: ActionDeclaration = more.second ?? { name: 'Wait', actionTypeId: type('Approval', 'Manual') };
  await aws.codepipeline.send(
    new CreatePipelineCommand({
      pipeline: {
        name,
        roleArn: ROLE,
        pipelineType: 'V2',
        artifactStore: { type: 'S3', location: 'artifacts' },
        ...(more.triggers && { triggers: more.triggers }),
        stages: [
          {
            name: 'Source',
            actions: [{ name: 'Checkout', actionTypeId: type('Source', provider), configuration, outputArtifacts: [{ name: 'Code' }] }],
          },
          { name: 'Next', actions: [second] },
        ],
      },
    }),
  );
}

const trigger = (push: PipelineTriggerDeclaration['gitConfiguration'] extends infer G ? G : never): PipelineTriggerDeclaration => ({
  providerType: 'CodeStarSourceConnection',
  gitConfiguration: push,
});

async function executions(pipelineName: string) {
  return (await aws.codepipeline.send(new ListPipelineExecutionsCommand({ pipelineName }))).pipelineExecutionSummaries ?? [];
}

const decisionOn = (pipelineName: string, event: string) =>
  server.until(`a decision of ${pipelineName} on ${event}`, async () =>
    (await client.pipewright.listTriggerDecisions({ pipelineName })).decisions.find((each) => each.event.includes(event)),
  );

/** Waits until the execution's source stage has told its revision. */
const revisionOf = (pipelineName: string, pipelineExecutionId: string) =>
  server.until('the revision', async () => {
    const { pipelineExecution } = await aws.codepipeline.send(new GetPipelineExecutionCommand({ pipelineName, pipelineExecutionId }));
    return pipelineExecution?.artifactRevisions?.[0]?.revisionId;
  });

/** Connects to the host as one of its kind; answers the connection's ARN and the path of its webhook. */
async function connect(name: string, provider: string): Promise<{ arn: string; hook: string }> {
  const args = ['connect', name, '--provider', provider, '--url', host.url, '--token-file', join(folder, 'token')];
  const { stdout, stderr, code } = await pipewright([...args, '--webhook-secret-file', join(folder, 'secret'), '--data', server.data]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return { arn: /Connected: (\S+)/.exec(stdout)![1]!, hook: new URL(/Webhook URL: (\S+)/.exec(stdout)![1]!).pathname };
}

function post(path: string, payload: object, headers: (body: string) => Record<string, string>) {
  const body = JSON.stringify(payload);
  return send(server, { method: 'POST', path, headers: { 'content-type': 'application/json', ...headers(body) }, body });
}

beforeAll(async () => {
  writeFileSync(join(folder, 'secret'), SECRET);
  host = await GitHost.start();
  writeFileSync(join(folder, 'token'), host.token);
  work = await host.repository('acme/shop', { 'readme.md': 'one' });
  server = await StartedServer.start();
  aws = new Clients(server);
  client = createClient({ endpoint: server.endpoint, region: 'us-east-1', credentials: server.key });
  events = new EventBridgeClient({ endpoint: server.endpoint, region: 'us-east-1', credentials: server.key });
  await aws.s3.send(new CreateBucketCommand({ Bucket: 'artifacts' }));
  await aws.iam.send(
    new CreateRoleCommand({
      RoleName: 'everything',
      AssumeRolePolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Principal: { Service: 'codepipeline.amazonaws.com' }, Action: 'sts:AssumeRole' }],
      }),
    }),
  );
  await aws.logs.send(new CreateLogGroupCommand({ logGroupName: '/started' }));
  const EventPattern = JSON.stringify({
    source: ['aws.codepipeline'],
    'detail-type': ['CodePipeline Pipeline Execution State Change'],
    detail: { state: ['STARTED'] },
  });
  await events.send(new PutRuleCommand({ Name: 'started', EventPattern }));
  await events.send(
    new PutTargetsCommand({ Rule: 'started', Targets: [{ Id: '1', Arn: 'arn:aws:logs:us-east-1:000000000000:log-group:/started' }] }),
  );
});

afterAll(async () => {
  client?.close();
  aws?.close();
  events?.destroy();
  await server?.end();
  await host?.close();
  work?.remove();
  rmSync(folder, { recursive: true, force: true });
});

const HOSTS = hostDeliveries(SECRET);

describe.each(Object.entries(HOSTS))('a source at %s without a trigger', (provider, { push, headers, status }) => {
  it('starts at a push to its branch, and at no other, and tells the commit', async () => {
    const name = provider.toLowerCase();
    const { arn, hook } = await connect(name, provider);
    await pipeline(name, 'CodeStarSourceConnection', { ConnectionArn: arn, FullRepositoryId: 'acme/shop', BranchName: 'main' });
    const other = await work.push(`other-${name}`, { [name]: '1' });
    expect(await post(hook, push(`other-${name}`, other), headers)).toMatchObject({ status: 202 });
    expect(await decisionOn(name, `other-${name}`)).toMatchObject({ verdict: 'IGNORED' });
    const moved = await work.push('main', { [name]: '2' });
    expect(await post(hook, push('main', moved), headers)).toMatchObject({ status: 202 });
    const { verdict, pipelineExecutionId } = await decisionOn(name, moved.after.slice(0, 12));
    expect(verdict).toBe('STARTED');
    expect(await revisionOf(name, pipelineExecutionId!)).toBe(moved.after);
    await server.until('the status', async () => host.statuses.some(({ path }) => path === status(moved.after)));
    expect(await post(hook, push('main', moved), () => ({ ...headers('another body'), 'x-gitlab-token': 'wrong' }))).toMatchObject({
      status: 401,
    });
  });
});

describe('the STARTED event', () => {
  it('tells of the commit, its author and its branch', async () => {
    const message = await server.until('the event', async () => {
      const found = await aws.logs.send(new FilterLogEventsCommand({ logGroupName: '/started' }));
      return found.events?.map((event) => event.message!).find((text) => text.includes('WebhookV2') && text.includes('"gitea"'));
    });
    const head = await work.head('main~1');
    expect((JSON.parse(message) as { detail: object }).detail).toMatchObject({
      'execution-trigger': {
        'trigger-type': 'WebhookV2',
        'author-display-name': 'Ada',
        'author-email': 'ada@example.com',
        'author-id': 'ada',
        'branch-name': 'main',
        'commit-id': head,
        'commit-message': 'Change',
        'connection-arn': expect.stringContaining(':connection/') as string,
        'full-repository-name': 'acme/shop',
        'provider-type': 'Gitea',
      },
    });
  });
});

describe('a CodeCommit source with a trigger', () => {
  const commit = async (branchName: string, parentCommitId: string | undefined, filePath: string) => {
    const putFiles = [
      { filePath, fileContent: Buffer.from(`${branchName} ${filePath}`) },
      ...(parentCommitId === undefined ? [{ filePath: 'buildspec.yml', fileContent: Buffer.from(SPEC) }] : []),
    ];
    const { commitId } = await aws.codecommit.send(
      new CreateCommitCommand({
        repositoryName: 'ours',
        branchName,
        commitMessage: 'Change',
        putFiles,
        ...(parentCommitId && { parentCommitId }),
      }),
    );
    return commitId!;
  };

  it('is started by pushes of the right branch and files, and builds clone its history', async () => {
    await aws.codecommit.send(new CreateRepositoryCommand({ repositoryName: 'ours' }));
    const environment = { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' } as const;
    const project = {
      name: 'build',
      source: { type: 'CODEPIPELINE' },
      artifacts: { type: 'CODEPIPELINE' },
      environment,
      serviceRole: ROLE,
    } as const;
    await aws.codebuild.send(new CreateProjectCommand(project));
    const first = await commit('main', undefined, 'src/a');
    const triggers = [
      trigger({ sourceActionName: 'Checkout', push: [{ branches: { includes: ['main'] }, filePaths: { includes: ['src/**'] } }] }),
    ];
    const configuration = { RepositoryName: 'ours', BranchName: 'main', OutputArtifactFormat: 'CODEBUILD_CLONE_REF' };
    const second = {
      name: 'Build',
      actionTypeId: type('Build', 'CodeBuild'),
      configuration: { ProjectName: 'build' },
      inputArtifacts: [{ name: 'Code' }],
    };
    await pipeline('ours', 'CodeCommit', configuration, { triggers, second });
    const docs = await commit('main', first, 'docs/a');
    expect(await decisionOn('ours', docs.slice(0, 12))).toMatchObject({ verdict: 'FILTERED' });
    const code = await commit('main', docs, 'src/b');
    const { verdict, pipelineExecutionId } = await decisionOn('ours', code.slice(0, 12));
    expect(verdict).toBe('STARTED');
    expect(await revisionOf('ours', pipelineExecutionId!)).toBe(code);
    // The one at the creation and the one by the trigger: polling is off.
    expect((await executions('ours')).map(({ trigger: by }) => by?.triggerType)).toEqual(['WebhookV2', 'CreatePipeline']);
    const log = await server.until('the build of the third commit', async () => {
      const { ids = [] } = await aws.codebuild.send(new ListBuildsForProjectCommand({ projectName: 'build' }));
      const { builds = [] } = await aws.codebuild.send(new BatchGetBuildsCommand({ ids }));
      const done = builds.find(
        (build) => build.buildComplete && build.initiator === 'codepipeline/ours' && build.resolvedSourceVersion === code,
      );
      return done && aws.log(done.logs!.groupName!, done.logs!.streamName!);
    });
    expect(log).toContain('commits 3');
  });

  it('is asked about a branch that comes, and not about one that goes', async () => {
    const [newest] = await executions('ours');
    const head = newest!.sourceRevisions![0]!.revisionId!;
    await aws.codecommit.send(new CreateBranchCommand({ repositoryName: 'ours', branchName: 'passing', commitId: head }));
    await aws.codecommit.send(new DeleteBranchCommand({ repositoryName: 'ours', branchName: 'passing' }));
    // Decisions are made in the order of the events: once this one is there, those before it are.
    const last = await commit('main', head, 'docs/b');
    await decisionOn('ours', last.slice(0, 12));
    const { decisions } = await client.pipewright.listTriggerDecisions({ pipelineName: 'ours' });
    expect(decisions.filter(({ event }) => event.includes('passing'))).toMatchObject([{ verdict: 'FILTERED' }]);
  });
});

describe('a delivery that was answered', () => {
  it('survives kill -9', async () => {
    const { arn, hook } = await connect('gitea', 'Gitea');
    const triggers = [trigger({ sourceActionName: 'Checkout', push: [{ branches: { includes: ['main'] } }] })];
    const configuration = { ConnectionArn: arn, FullRepositoryId: 'acme/shop', BranchName: 'main' };
    await pipeline('survivor', 'CodeStarSourceConnection', configuration, { triggers });
    const moved = await work.push('main', { survivor: '1' });
    const { push, headers } = HOSTS.Gitea;
    expect(await post(hook, push('main', moved), headers)).toMatchObject({ status: 202 });
    await server.kill9();
    await server.restart();
    const { verdict, pipelineExecutionId } = await decisionOn('survivor', moved.after.slice(0, 12));
    expect(verdict).toBe('STARTED');
    expect(await revisionOf('survivor', pipelineExecutionId!)).toBe(moved.after);
    expect((await executions('survivor')).filter(({ trigger: by }) => by?.triggerType === 'WebhookV2')).toHaveLength(1);
  });
});

describe('webhooks of CodePipeline', () => {
  const definition = {
    name: 'hook',
    targetPipeline: 'hooked',
    targetAction: 'Checkout',
    filters: [{ jsonPath: '$.ref', matchEquals: 'refs/heads/{BranchName}' }],
    authentication: 'GITHUB_HMAC' as const,
    authenticationConfiguration: { SecretToken: 'of-this-webhook' },
  };
  const started = async () => (await executions('hooked')).filter(({ trigger: by }) => by?.triggerType === 'Webhook');
  const sign = (body: string) => ({
    'x-hub-signature-256': `sha256=${hmac(body, 'of-this-webhook')}`,
    'x-github-delivery': `d${++deliveries}`,
  });
  let path = '';
  let url = '';

  it('are put, shown without their secret, and start the pipeline when their filters say yes', async () => {
    const { arn } = await connect('hooked', 'GitHub');
    await pipeline('hooked', 'CodeStarSourceConnection', {
      ConnectionArn: arn,
      FullRepositoryId: 'acme/shop',
      BranchName: 'main',
      DetectChanges: 'false',
    });
    const { webhook } = await aws.codepipeline.send(new PutWebhookCommand({ webhook: definition, tags: [{ key: 'team', value: 'a' }] }));
    expect(webhook).toMatchObject({ arn: 'arn:aws:codepipeline:us-east-1:000000000000:webhook:hook', tags: [{ key: 'team', value: 'a' }] });
    expect(webhook!.definition!.authenticationConfiguration).toEqual({ SecretToken: '****' });
    await aws.codepipeline.send(new TagResourceCommand({ resourceArn: webhook!.arn!, tags: [{ key: 'stage', value: 'b' }] }));
    const { tags } = await aws.codepipeline.send(new ListTagsForResourceCommand({ resourceArn: webhook!.arn! }));
    expect(tags).toEqual([
      { key: 'stage', value: 'b' },
      { key: 'team', value: 'a' },
    ]);
    url = webhook!.url!;
    path = new URL(url).pathname;
    expect(await post(path, { ref: 'refs/heads/other' }, sign)).toMatchObject({ status: 200 });
    expect(await started()).toHaveLength(0);
    expect(await post(path, { ref: 'refs/heads/main' }, sign)).toMatchObject({ status: 200, text: '{"message":"Started."}' });
    expect((await started()).map(({ trigger: by }) => by?.triggerDetail)).toEqual([webhook!.arn]);
    expect(await decisionOn('hooked', 'a call of the webhook')).toMatchObject({ verdict: 'STARTED', source: 'webhook hook' });
    const { webhooks } = await aws.codepipeline.send(new ListWebhooksCommand({}));
    expect(webhooks).toMatchObject([{ url, lastTriggered: expect.any(Date) as Date }]);
  });

  it('refuse calls that are not signed, or not from the right place', async () => {
    expect(await post(path, { ref: 'refs/heads/main' }, () => ({ 'x-hub-signature-256': 'sha256=0' }))).toMatchObject({ status: 401 });
    const away = {
      ...definition,
      name: 'away',
      authentication: 'IP' as const,
      authenticationConfiguration: { AllowedIPRange: '10.0.0.0/8' },
    };
    const near = { ...away, name: 'near', authenticationConfiguration: { AllowedIPRange: '127.0.0.0/8' } };
    for (const [webhook, status] of [
      [away, 401],
      [near, 200],
    ] as const) {
      const put = await aws.codepipeline.send(new PutWebhookCommand({ webhook }));
      expect(await post(new URL(put.webhook!.url!).pathname, { ref: 'x' }, () => ({}))).toMatchObject({ status });
    }
  });

  it('are registered at the git host, once, and taken away again', async () => {
    for (let i = 0; i < 2; i++) await aws.codepipeline.send(new RegisterWebhookWithThirdPartyCommand({ webhookName: 'hook' }));
    expect([...host.hooks.values()]).toMatchObject([{ name: 'web', events: ['push'], config: { url, secret: 'of-this-webhook' } }]);
    await aws.codepipeline.send(new DeregisterWebhookWithThirdPartyCommand({ webhookName: 'hook' }));
    expect(host.hooks.size).toBe(0);
  });

  it('are deleted, and then nobody answers', async () => {
    for (const name of ['hook', 'away', 'near', 'never-was']) await aws.codepipeline.send(new DeleteWebhookCommand({ name }));
    expect((await aws.codepipeline.send(new ListWebhooksCommand({}))).webhooks).toEqual([]);
    expect(await post(path, { ref: 'refs/heads/main' }, sign)).toMatchObject({ status: 404 });
  });
});
