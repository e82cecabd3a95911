import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreatePipelineCommand, GetPipelineExecutionCommand, ListPipelineExecutionsCommand } from '@aws-sdk/client-codepipeline';
import { BatchGetBuildsCommand, CreateProjectCommand, ListBuildsForProjectCommand } from '@aws-sdk/client-codebuild';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient, type PipewrightClient } from '../../src/client/client.ts';
import { awsCli, type CliVersion } from '../support/aws-cli.ts';
import { Clients } from '../support/clients.ts';
import { GitHost, type WorkingCopy } from '../support/git-host.ts';
import { send } from '../support/http.ts';
import { pipewright, StartedServer } from '../support/server.ts';

const ROLE = 'arn:aws:iam::000000000000:role/everything';
const REPOSITORY = 'acme/shop';
const PIPELINE = 'shop';
const TRUST = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'codepipeline.amazonaws.com' }, Action: 'sts:AssumeRole' }],
};
const SPEC = `version: 0.2
phases:
  build:
    commands:
      - echo "commits $(git rev-list --count HEAD) main $(git rev-parse origin/main) at $(git rev-parse HEAD)"
      - echo "origin $(git remote get-url origin)"
      - env | grep -c "a-[t]oken-that" || true
`;

const folder = mkdtempSync(join(tmpdir(), 'git-hosts-'));
let host: GitHost;
let work: WorkingCopy;
let server: StartedServer;
let aws: Clients;
let client: PipewrightClient;
let connectionArn = '';
let hookPath = '';
let secret = '';
let deliveries = 0;

async function cli(version: CliVersion, ...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await awsCli(version, [...args, '--output', 'json'], { endpoint: server.endpoint, key: server.key });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout || '{}') as Record<string, unknown>;
}

/** What GitHub would send, signed as GitHub signs it. */
function deliver(event: string, payload: object, options: { readonly id?: string; readonly key?: string } = {}) {
  const body = JSON.stringify({ repository: { full_name: REPOSITORY }, sender: { login: 'ada' }, ...payload });
  const { id = `delivery-${++deliveries}`, key = secret } = options;
  const headers = {
    'content-type': 'application/json',
    'x-github-event': event,
    'x-github-delivery': id,
    'x-hub-signature-256': `sha256=${createHmac('sha256', key).update(body).digest('hex')}`,
  };
  return send(server, { method: 'POST', path: hookPath, headers, body });
}

const push = (branch: string, { before, after }: { before: string; after: string }, more: object = {}) => ({
  ref: `refs/heads/${branch}`,
  before,
  after,
  head_commit: {
    id: after,
    message: `Change of ${branch}`,
    timestamp: '2026-01-02T03:04:05Z',
    author: { name: 'Ada', email: 'ada@example.com', username: 'ada' },
  },
  commits: [],
  ...more,
});

async function executions() {
  const { pipelineExecutionSummaries = [] } = await aws.codepipeline.send(new ListPipelineExecutionsCommand({ pipelineName: PIPELINE }));
  return pipelineExecutionSummaries;
}

const decisions = async () => (await client.pipewright.listTriggerDecisions({ pipelineName: PIPELINE })).decisions;

/** The newest decision about this event, once it is there. */
const decisionOn = (event: string) =>
  server.until(`a decision on ${event}`, async () => (await decisions()).find((each) => each.event.includes(event)));

const type = (category: 'Source' | 'Build', provider: string) => ({ category, owner: 'AWS', provider, version: '1' }) as const;

beforeAll(async () => {
  host = await GitHost.start();
  work = await host.repository(REPOSITORY, { 'readme.md': 'one', 'buildspec.yml': SPEC });
  server = await StartedServer.start();
  aws = new Clients(server);
  client = createClient({ endpoint: server.endpoint, region: 'us-east-1', credentials: server.key });
  await aws.s3.send(new CreateBucketCommand({ Bucket: 'artifacts' }));
  await aws.iam.send(new CreateRoleCommand({ RoleName: 'everything', AssumeRolePolicyDocument: JSON.stringify(TRUST) }));
  await aws.codebuild.send(
    new CreateProjectCommand({
      name: 'build',
      source: { type: 'CODEPIPELINE' },
      artifacts: { type: 'CODEPIPELINE' },
      environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: ROLE,
    }),
  );
});

afterAll(async () => {
  client?.close();
  aws?.close();
  await server?.end();
  await host?.close();
  work?.remove();
  rmSync(folder, { recursive: true, force: true });
});

describe('a connection', () => {
  it('is made by the AWS CLI under either name of the service, and waits', async () => {
    const made = await cli('v1', 'codestar-connections', 'create-connection', '--provider-type', 'GitHub', '--connection-name', 'github');
    connectionArn = made.ConnectionArn as string;
    expect(connectionArn).toMatch(/^arn:aws:codestar-connections:us-east-1:000000000000:connection\/[\w-]+$/);
    const other = connectionArn.replace('codestar-connections', 'codeconnections');
    const { Connection } = await cli('v1', 'codeconnections', 'get-connection', '--connection-arn', other);
    expect(Connection).toEqual({
      ConnectionName: 'github',
      ConnectionArn: connectionArn,
      ProviderType: 'GitHub',
      OwnerAccountId: '000000000000',
      ConnectionStatus: 'PENDING',
    });
  });

  it('is completed by `pipewright connect`, which tells no secrets', async () => {
    writeFileSync(join(folder, 'token'), `${host.token}\n`);
    const webhook = join(folder, 'webhook');
    const args = ['connect', 'github', '--provider', 'GitHub', '--url', host.url, '--token-file', join(folder, 'token')];
    const { code, stdout, stderr } = await pipewright([...args, '--webhook-secret-file', webhook, '--data', server.data]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(`Connected: ${connectionArn}`);
    expect(statSync(webhook).mode & 0o777).toBe(0o600);
    secret = readFileSync(webhook, 'utf8').trim();
    expect(stdout).not.toContain(secret);
    hookPath = new URL(/Webhook URL: (\S+)/.exec(stdout)![1]!).pathname;
    const { Connections } = await cli('v1', 'codeconnections', 'list-connections');
    expect(Connections).toMatchObject([{ ConnectionStatus: 'AVAILABLE' }]);
  });

  it('refuses webhooks that are not signed with its secret', async () => {
    expect(await deliver('ping', {}, { key: 'another' })).toMatchObject({ status: 401 });
    expect(await deliver('ping', {})).toMatchObject({ status: 202 });
    // Under the name of a tunnel too, which is refused everything else.
    const headers = { host: 'tunnel.example.com' };
    expect(await send(server, { method: 'POST', path: hookPath, headers, body: '{}' })).toMatchObject({ status: 401 });
    expect(await send(server, { method: 'POST', path: '/', headers, body: '{}' })).toMatchObject({ status: 403 });
  });
});

describe('hosts', () => {
  it('name a server, and stay while connections lead to it', async () => {
    const { codeconnections, 'codestar-connections': formerly } = client;
    const endpoint = 'https://git.example.com/';
    const { HostArn = '' } = await codeconnections.createHost({ Name: 'forge', ProviderType: 'Gitea', ProviderEndpoint: endpoint });
    expect(HostArn).toMatch(/^arn:aws:codeconnections:us-east-1:000000000000:host\/forge-[0-9a-f]{8}$/);
    expect(await formerly.getHost({ HostArn })).toMatchObject({
      Name: 'forge',
      ProviderType: 'Gitea',
      ProviderEndpoint: 'https://git.example.com',
      Status: 'AVAILABLE',
    });
    const { ConnectionArn } = await codeconnections.createConnection({
      ConnectionName: 'forge',
      HostArn,
      Tags: [{ Key: 'team', Value: 'a' }],
    });
    expect(await codeconnections.listConnections({ HostArnFilter: HostArn })).toMatchObject({
      Connections: [{ ConnectionArn, HostArn, ProviderType: 'Gitea' }],
    });
    await expect(codeconnections.deleteHost({ HostArn })).rejects.toMatchObject({ code: 'ResourceUnavailableException' });
    await codeconnections.updateHost({ HostArn, ProviderEndpoint: 'http://forge:3000' });
    expect(await codeconnections.listHosts({})).toMatchObject({ Hosts: [{ HostArn, ProviderEndpoint: 'http://forge:3000' }] });
    const spelledOtherwise = ConnectionArn.replace('codeconnections', 'codestar-connections');
    await formerly.tagResource({ ResourceArn: spelledOtherwise, Tags: [{ Key: 'stage', Value: 'b' }] });
    await codeconnections.untagResource({ ResourceArn: ConnectionArn, TagKeys: ['team'] });
    expect(await codeconnections.listTagsForResource({ ResourceArn: ConnectionArn })).toEqual({ Tags: [{ Key: 'stage', Value: 'b' }] });
    await formerly.deleteConnection({ ConnectionArn: spelledOtherwise });
    await codeconnections.deleteHost({ HostArn });
    await expect(codeconnections.getHost({ HostArn })).rejects.toMatchObject({ code: 'ResourceNotFoundException' });
  });

  it('are for servers that people run themselves, and reached without a password in the URL', async () => {
    const { codeconnections } = client;
    const bad = (ProviderType: 'GitHub' | 'Gitea', ProviderEndpoint: string) =>
      codeconnections.createHost({ Name: 'x', ProviderType, ProviderEndpoint });
    await expect(bad('GitHub', 'https://github.com')).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(bad('Gitea', 'https://me:secret@git.example.com')).rejects.toMatchObject({ code: 'ValidationException' });
    await expect(codeconnections.createConnection({ ConnectionName: 'x', ProviderType: 'Gitea' })).rejects.toMatchObject({
      code: 'InvalidInputException',
    });
    await expect(codeconnections.createConnection({ ConnectionName: 'x' })).rejects.toMatchObject({ code: 'InvalidInputException' });
  });

  it('connections are listed page by page', async () => {
    const { codeconnections } = client;
    const made = [];
    for (let i = 0; i < 3; i++)
      made.push((await codeconnections.createConnection({ ConnectionName: `many-${i}`, ProviderType: 'GitLab' })).ConnectionArn);
    const seen: (string | undefined)[] = [];
    for (let NextToken: string | undefined, more = true; more;) {
      const page = await codeconnections.listConnections({
        ProviderTypeFilter: 'GitLab',
        MaxResults: 1,
        ...(NextToken !== undefined && { NextToken }),
      });
      seen.push(...(page.Connections ?? []).map(({ ConnectionArn }) => ConnectionArn));
      NextToken = page.NextToken;
      more = NextToken !== undefined;
    }
    expect(seen).toEqual(made);
    for (const ConnectionArn of made) await codeconnections.deleteConnection({ ConnectionArn });
  });
});

describe('a pipeline with a trigger', () => {
  const declaration = {
    name: PIPELINE,
    roleArn: ROLE,
    pipelineType: 'V2' as const,
    artifactStore: { type: 'S3' as const, location: 'artifacts' },
    triggers: [
      {
        providerType: 'CodeStarSourceConnection' as const,
        gitConfiguration: {
          sourceActionName: 'Checkout',
          push: [
            {
              branches: { includes: ['main', 'feature/*'], excludes: ['feature/wip*'] },
              filePaths: { includes: ['src/**'], excludes: ['**/*.md'] },
            },
            { tags: { includes: ['v*'] } },
          ],
          pullRequest: [{ events: ['OPEN' as const, 'UPDATED' as const], branches: { includes: ['main'] } }],
        },
      },
    ],
    stages: [
      {
        name: 'Source',
        actions: [
          {
            name: 'Checkout',
            namespace: 'Git',
            actionTypeId: type('Source', 'CodeStarSourceConnection'),
            configuration: {} as Record<string, string>,
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
            configuration: { ProjectName: 'build', EnvironmentVariables: '[{"name":"BRANCH","value":"#{Git.BranchName}"}]' },
            inputArtifacts: [{ name: 'Code' }],
          },
        ],
      },
    ],
  };

  const finished = (id: string) =>
    server.until(`execution ${id} ends`, async () => {
      const { pipelineExecution } = await aws.codepipeline.send(
        new GetPipelineExecutionCommand({ pipelineName: PIPELINE, pipelineExecutionId: id }),
      );
      return pipelineExecution?.status === 'InProgress' ? undefined : pipelineExecution;
    });

  it('is created, and starts on the tip of the configured branch', async () => {
    declaration.stages[0]!.actions[0]!.configuration = {
      ConnectionArn: connectionArn,
      FullRepositoryId: REPOSITORY,
      BranchName: 'main',
      OutputArtifactFormat: 'CODEBUILD_CLONE_REF',
    };
    await aws.codepipeline.send(new CreatePipelineCommand({ pipeline: declaration }));
    const [first] = await executions();
    const ended = await finished(first!.pipelineExecutionId!);
    expect(ended).toMatchObject({ status: 'Succeeded', trigger: { triggerType: 'CreatePipeline' } });
    expect(ended.artifactRevisions).toMatchObject([{ revisionId: await work.head('main') }]);
  });

  it('gives the build the whole history without the token', async () => {
    const { ids = [] } = await aws.codebuild.send(new ListBuildsForProjectCommand({ projectName: 'build' }));
    const { builds = [] } = await aws.codebuild.send(new BatchGetBuildsCommand({ ids }));
    const { groupName, streamName } = builds[0]!.logs!;
    const log = await aws.log(groupName!, streamName!);
    const head = await work.head('main');
    expect(log).toContain(`commits 1 main ${head} at ${head}`);
    expect(log).toContain(`origin ${server.endpoint}/git-http/000000000000/us-east-1/${connectionArn.split('/')[1]}/${REPOSITORY}.git`);
    expect(log.join('\n')).not.toContain(host.token);
    expect(log).toContain('0');
  });

  it('a signed push starts the pushed commit and its statuses are told', async () => {
    const moved = await work.push('main', { 'src/a.txt': 'a' });
    host.statuses.length = 0;
    // The host is away for the first two.
    host.refusals.push(503, 503);
    expect(await deliver('push', push('main', moved))).toMatchObject({ status: 202 });
    const decision = await decisionOn(moved.after.slice(0, 12));
    expect(decision).toMatchObject({ source: 'Checkout', verdict: 'STARTED' });
    const ended = await finished(decision.pipelineExecutionId!);
    expect(ended).toMatchObject({ status: 'Succeeded', trigger: { triggerType: 'WebhookV2', triggerDetail: connectionArn } });
    expect(ended.artifactRevisions).toMatchObject([{ revisionId: moved.after, revisionSummary: 'Change of main' }]);
    await server.until('the statuses', async () =>
      ['Source', 'Build'].every((stage) => host.states(`pipewright/shop/${stage}`).at(-1) === 'success'),
    );
    const told = host.statuses.at(-1)!;
    expect(told.path).toBe(`/api/v3/repos/${REPOSITORY}/statuses/${moved.after}`);
    expect(told.headers.authorization).toBe(`Bearer ${host.token}`);
  });

  it('the same delivery starts nothing twice', async () => {
    const moved = await work.push('main', { 'src/b.txt': 'b' });
    const before = (await executions()).length;
    await deliver('push', push('main', moved), { id: 'twice' });
    expect((await deliver('push', push('main', moved), { id: 'twice' })).text).toContain('received before');
    const { pipelineExecutionId } = await decisionOn(moved.after.slice(0, 12));
    await finished(pipelineExecutionId!);
    expect((await executions()).length).toBe(before + 1);
  });

  it('says which filter refused', async () => {
    const readme = await work.push('main', { 'readme.md': 'two' });
    await deliver('push', push('main', readme));
    expect(await decisionOn(readme.after.slice(0, 12))).toMatchObject({
      verdict: 'FILTERED',
      reason: expect.stringContaining('file') as string,
    });
    const wip = await work.push('feature/wip-1', { 'src/c.txt': 'c' });
    await deliver('push', push('feature/wip-1', wip));
    expect(await decisionOn('feature/wip-1')).toMatchObject({
      verdict: 'FILTERED',
      reason: expect.stringContaining("excluded by 'feature/wip*'") as string,
    });
  });

  it('runs a new branch, by the files that it changes since it left the default branch', async () => {
    const moved = await work.push('feature/x', { 'src/d.txt': 'd' });
    await deliver('push', push('feature/x', moved));
    const { verdict, pipelineExecutionId } = await decisionOn('the branch feature/x');
    expect(verdict).toBe('STARTED');
    const ended = await finished(pipelineExecutionId!);
    expect(ended.artifactRevisions).toMatchObject([{ revisionId: moved.after }]);
    const { ids = [] } = await aws.codebuild.send(new ListBuildsForProjectCommand({ projectName: 'build' }));
    const { builds = [] } = await aws.codebuild.send(new BatchGetBuildsCommand({ ids: ids.slice(0, 1) }));
    expect(builds[0]!.environment!.environmentVariables).toContainEqual({ name: 'BRANCH', value: 'feature/x', type: 'PLAINTEXT' });
  });

  it('runs tags and pull requests', async () => {
    const tagged = await work.tag('v1');
    await deliver('push', { ...push('x', { before: '0'.repeat(40), after: tagged }), ref: 'refs/tags/v1' });
    expect(await decisionOn('the tag v1')).toMatchObject({ verdict: 'STARTED' });
    const pull = (action: string, base: string) => ({
      action,
      number: 7,
      pull_request: { number: 7, title: 'Better', user: { login: 'ada' }, head: { ref: 'feature/x', sha: tagged }, base: { ref: base } },
    });
    await deliver('pull_request', pull('opened', 'main'));
    expect(await decisionOn('pull request 7 OPEN')).toMatchObject({ verdict: 'STARTED' });
    await deliver('pull_request', pull('closed', 'main'));
    expect(await decisionOn('pull request 7 CLOSED')).toMatchObject({ verdict: 'FILTERED' });
    await deliver('pull_request', pull('reopened', 'release'));
    expect(await decisionOn('into release')).toMatchObject({ verdict: 'FILTERED' });
  });

  it('keeps secrets out of its log and its answers', async () => {
    expect(server.log).not.toContain(host.token);
    expect(server.log).not.toContain(secret);
    expect(JSON.stringify(await decisions())).not.toContain(host.token);
  });
});
