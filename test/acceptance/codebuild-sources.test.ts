import {
  BatchGetBuildsCommand,
  BatchGetProjectsCommand,
  CreateProjectCommand,
  DeleteSourceCredentialsCommand,
  ImportSourceCredentialsCommand,
  ListBuildsForProjectCommand,
  StartBuildCommand,
  type ProjectSource,
} from '@aws-sdk/client-codebuild';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createClient } from '../../src/client/client.ts';
import { awsCli, type CliVersion } from '../support/aws-cli.ts';
import { Clients } from '../support/clients.ts';
import { hmac } from '../support/git-deliveries.ts';
import { GitHost, type WorkingCopy } from '../support/git-host.ts';
import { send } from '../support/http.ts';
import { StartedServer } from '../support/server.ts';

const ROLE = 'arn:aws:iam::000000000000:role/builds';
const SPEC = `version: 0.2
phases:
  build:
    commands:
      - cat readme.md
      - env | grep -c "a-[t]oken-that" || true
      - git config --get-regexp 'extraheader' || echo no header
`;

let host: GitHost;
let work: WorkingCopy;
let server: StartedServer;
let aws: Clients;

async function cli(version: CliVersion, ...args: string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await awsCli(version, ['codebuild', ...args, '--output', 'json'], {
    endpoint: server.endpoint,
    key: server.key,
  });
  expect(stderr).toBe('');
  expect(code).toBe(0);
  return JSON.parse(stdout || '{}') as Record<string, unknown>;
}

async function project(name: string, source: Partial<ProjectSource> = {}): Promise<void> {
  await aws.codebuild.send(
    new CreateProjectCommand({
      name,
      source: { type: 'GITHUB', location: `${host.url}/acme/shop.git`, ...source },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: ROLE,
    }),
  );
}

const ended = (id: string) =>
  server.until(`the end of ${id}`, async () => {
    const { builds } = await aws.codebuild.send(new BatchGetBuildsCommand({ ids: [id] }));
    return builds![0]!.buildComplete && builds![0]!;
  });

/** A build of a project with this source, once it has ended. */
async function built(name: string, source: Partial<ProjectSource>) {
  await project(name, source);
  const { build } = await aws.codebuild.send(new StartBuildCommand({ projectName: name }));
  return ended(build!.id!);
}

beforeAll(async () => {
  host = await GitHost.start();
  work = await host.repository('acme/shop', { 'readme.md': 'a private shop', 'buildspec.yml': SPEC });
  server = await StartedServer.start();
  aws = new Clients(server);
  const document = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Service: 'codebuild.amazonaws.com' }, Action: 'sts:AssumeRole' }],
  });
  await aws.iam.send(new CreateRoleCommand({ RoleName: 'builds', AssumeRolePolicyDocument: document }));
});

afterAll(async () => {
  aws?.close();
  await server?.end();
  await host?.close();
  work?.remove();
});

describe('a private repository', () => {
  it('is not cloned without credentials', async () => {
    const build = await built('nobody', {});
    expect(build.buildStatus).toBe('FAILED');
    expect(build.phases!.find(({ phaseType }) => phaseType === 'DOWNLOAD_SOURCE')!.phaseStatus).toBe('FAILED');
  });

  it('is cloned with those that the CLI imported, which the build never sees', async () => {
    const arn = 'arn:aws:codebuild:us-east-1:000000000000:token/github';
    const args = ['--server-type', 'GITHUB', '--auth-type', 'PERSONAL_ACCESS_TOKEN', '--token', host.token];
    expect(await cli('v2', 'import-source-credentials', ...args)).toEqual({ arn });
    expect(await cli('v1', 'list-source-credentials')).toEqual({
      sourceCredentialsInfos: [{ arn, serverType: 'GITHUB', authType: 'PERSONAL_ACCESS_TOKEN' }],
    });
    const build = await built('token', {});
    const log = await aws.log(build.logs!.groupName!, build.logs!.streamName!);
    expect(log.join('\n')).toContain('a private shop');
    expect(log).toContain('0');
    expect(log).toContain('no header');
    expect(log.join('\n')).not.toContain(host.token);
    expect(build).toMatchObject({ buildStatus: 'SUCCEEDED', resolvedSourceVersion: await work.head() });
    await aws.codebuild.send(new DeleteSourceCredentialsCommand({ arn }));
    expect(await cli('v2', 'list-source-credentials')).toEqual({ sourceCredentialsInfos: [] });
  });

  it('is there for git in the build where the buildspec asks for the credential helper, and the log shows no token', async () => {
    const credentials = { serverType: 'GITHUB', authType: 'PERSONAL_ACCESS_TOKEN', token: host.token } as const;
    const { arn } = await aws.codebuild.send(new ImportSourceCredentialsCommand(credentials));
    const commands = [
      'export GIT_TERMINAL_PROMPT=0',
      'git ls-remote origin HEAD | wc -l',
      `git clone -q ${host.url}/acme/shop.git again && cat again/readme.md`,
    ];
    const probe =
      'printf "protocol=http\\nhost=%s\\n\\n" "$(git remote get-url origin | cut -d/ -f3)" | git credential fill | grep password';
    const buildspec = JSON.stringify({
      version: '0.2',
      env: { 'git-credential-helper': 'yes' },
      phases: { build: { commands: [...commands, probe] } },
    });
    const build = await built('helped', { buildspec });
    const log = await aws.log(build.logs!.groupName!, build.logs!.streamName!);
    expect(log).toContain('1');
    expect(log).toContain('a private shop');
    expect(log).toContain('password=***');
    expect(build.buildStatus).toBe('SUCCEEDED');
    await aws.codebuild.send(new DeleteSourceCredentialsCommand({ arn }));
  });

  it('is cloned with the connection that the source names', async () => {
    const client = createClient({ endpoint: server.endpoint, region: 'us-east-1', credentials: server.key });
    const { ConnectionArn } = await client.codeconnections.createConnection({ ConnectionName: 'github', ProviderType: 'GitHub' });
    await client.pipewright.completeConnection({ connectionArn: ConnectionArn, token: host.token, endpoint: host.url });
    client.close();
    const auth = { type: 'CODECONNECTIONS', resource: ConnectionArn } as const;
    expect((await built('connected', { location: 'https://github.com/acme/shop', auth })).buildStatus).toBe('SUCCEEDED');
  });
});

describe('a webhook', () => {
  let hook: { readonly url: string; readonly secret: string };

  it('is registered by the CLI, and shown with its project without its secret', async () => {
    const imported = { serverType: 'GITHUB', authType: 'PERSONAL_ACCESS_TOKEN', token: host.token } as const;
    await aws.codebuild.send(new ImportSourceCredentialsCommand(imported));
    await project('hooked');
    const groups = [
      [
        { type: 'EVENT', pattern: 'PUSH' },
        { type: 'FILE_PATH', pattern: '^src/' },
      ],
    ];
    const args = ['--project-name', 'hooked', '--filter-groups', JSON.stringify(groups)];
    const { webhook } = (await cli('v2', 'create-webhook', ...args)) as { webhook: Record<string, string> };
    expect(webhook).toMatchObject({ filterGroups: groups, url: expect.stringContaining('/hooks/') as string });
    expect(webhook).not.toHaveProperty('secret');
    const [made] = host.hooks.values();
    expect(made).toMatchObject({ events: ['push'], config: { url: webhook['payloadUrl'] } });
    hook = made!['config'] as typeof hook;
    const { projects } = await aws.codebuild.send(new BatchGetProjectsCommand({ names: ['hooked'] }));
    expect(projects![0]!.webhook).toMatchObject({ payloadUrl: webhook['payloadUrl'], filterGroups: groups });
  });

  it('builds the commit that was pushed, and tells the host', async () => {
    const { before, after } = await work.push('main', { 'src/a.txt': 'a', 'buildspec.yml': `${SPEC}      - env | grep WEBHOOK | sort\n` });
    const payload = {
      ref: 'refs/heads/main',
      before,
      after,
      repository: { full_name: 'acme/shop' },
      sender: { id: 42, login: 'ada' },
      commits: [{ id: after, added: ['src/a.txt'], removed: [], modified: ['buildspec.yml'] }],
    };
    const body = JSON.stringify(payload);
    const deliver = (secret: string) =>
      send(server, {
        method: 'POST',
        path: new URL(hook.url).pathname,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'GitHub-Hookshot/1',
          'x-github-event': 'push',
          'x-github-delivery': 'd1',
          'x-hub-signature-256': `sha256=${hmac(body, secret)}`,
        },
        body,
      });
    expect(await deliver('guess')).toMatchObject({ status: 401 });
    expect(await deliver(hook.secret)).toMatchObject({ status: 200 });
    const { ids } = await aws.codebuild.send(new ListBuildsForProjectCommand({ projectName: 'hooked' }));
    expect(ids).toHaveLength(1);
    const build = await ended(ids![0]!);
    const context = 'AWS CodeBuild us-east-1 (hooked)';
    expect(build).toMatchObject({
      buildStatus: 'SUCCEEDED',
      initiator: 'GitHub-Hookshot/1',
      sourceVersion: after,
      resolvedSourceVersion: after,
    });
    const log = await aws.log(build.logs!.groupName!, build.logs!.streamName!);
    expect(log).toContain('CODEBUILD_WEBHOOK_TRIGGER=branch/main');
    expect(log).toContain('CODEBUILD_WEBHOOK_ACTOR_ACCOUNT_ID=42');
    await server.until('the statuses', async () => host.states(context).length === 2);
    expect(host.states(context)).toEqual(['pending', 'success']);
  });

  it('goes, also at the host', async () => {
    await cli('v1', 'update-webhook', '--project-name', 'hooked', '--branch-filter', '^main$');
    expect([...host.hooks.values()][0]).toMatchObject({ events: ['pull_request', 'push'] });
    await cli('v2', 'delete-webhook', '--project-name', 'hooked');
    expect(host.hooks.size).toBe(0);
  });
});
