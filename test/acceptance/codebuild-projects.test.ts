import {
  BatchGetBuildsCommand,
  BatchGetCommandExecutionsCommand,
  BatchGetSandboxesCommand,
  CreateProjectCommand,
  StartBuildCommand,
  StartCommandExecutionCommand,
  type CreateProjectCommandInput,
} from '@aws-sdk/client-codebuild';
import { CreateRoleCommand } from '@aws-sdk/client-iam';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { awsCli, type CliVersion } from '../support/aws-cli.ts';
import { Clients } from '../support/clients.ts';
import { GitHost, type WorkingCopy } from '../support/git-host.ts';
import { send } from '../support/http.ts';
import { ProgramRun, StartedServer } from '../support/server.ts';

const ROLE = 'arn:aws:iam::000000000000:role/builds';

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

async function project(name: string, commands: readonly string[], more: Partial<CreateProjectCommandInput> = {}) {
  const buildspec = `version: 0.2\nphases:\n  build:\n    commands:\n${commands.map((command) => `      - ${command}\n`).join('')}`;
  const { project } = await aws.codebuild.send(
    new CreateProjectCommand({
      name,
      source: { type: 'NO_SOURCE', buildspec },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: ROLE,
      ...more,
    }),
  );
  return project!;
}

const ended = (id: string) =>
  server.until(`the end of ${id}`, async () => {
    const { builds } = await aws.codebuild.send(new BatchGetBuildsCommand({ ids: [id] }));
    return builds![0]!.buildComplete && builds![0]!;
  });

async function built(projectName: string) {
  const { build } = await aws.codebuild.send(new StartBuildCommand({ projectName }));
  return ended(build!.id!);
}

/** The path and query of a URL of the server's. */
const pathOf = (url: string) => new URL(url).pathname + new URL(url).search;

beforeAll(async () => {
  host = await GitHost.start();
  work = await host.repository('acme/shop', { 'readme.md': 'a shop' });
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

describe('a badge', () => {
  it('is a picture for everybody who knows its address', async () => {
    const args = ['--server-type', 'GITHUB', '--auth-type', 'PERSONAL_ACCESS_TOKEN', '--token', host.token];
    await cli('v2', 'import-source-credentials', ...args);
    const source = {
      type: 'GITHUB',
      location: `${host.url}/acme/shop.git`,
      buildspec: 'version: 0.2\nphases: {build: {commands: [ls]}}\n',
    } as const;
    const { badge } = await project('badged', [], { badgeEnabled: true, source });
    const path = pathOf(badge!.badgeRequestUrl!);
    expect(await send(server, { path })).toMatchObject({ status: 200, text: expect.stringContaining('build: unknown') as string });
    await built('badged');
    const picture = await send(server, { path });
    expect(picture.headers).toMatchObject({ 'content-type': 'image/svg+xml; charset=utf-8' });
    expect(picture.text).toMatch(/^<svg [^]*build: passing[^]*<\/svg>$/);
    expect(await send(server, { path: path.replace(/uuid=./, 'uuid=x') })).toMatchObject({ status: 404 });
  });
});

describe('public builds', () => {
  it('are pages for everybody, with a log that a role lets them read', async () => {
    await project('open', ['echo "<b>hello</b> from $CODEBUILD_PUBLIC_BUILD_URL"']);
    const arn = 'arn:aws:codebuild:us-east-1:000000000000:project/open';
    const role = ['--resource-access-role', ROLE];
    const made = await cli('v2', 'update-project-visibility', '--project-arn', arn, '--project-visibility', 'PUBLIC_READ', ...role);
    expect(made).toMatchObject({ projectArn: arn, projectVisibility: 'PUBLIC_READ' });
    const path = `/_pipewright/builds/${made['publicProjectAlias'] as string}`;
    const uuid = (await built('open')).id!.split(':')[1]!;
    expect((await send(server, { path })).text).toContain('SUCCEEDED');
    const page = await send(server, { path: `${path}/${uuid}` });
    expect(page.text).toContain('<dt>BUILD</dt>');
    const log = await send(server, { path: `${path}/${uuid}/log` });
    expect(log.headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8', 'x-content-type-options': 'nosniff' });
    expect(log.text).toContain(`<b>hello</b> from ${server.endpoint}${path}/${uuid}`);
    await cli('v1', 'update-project-visibility', '--project-arn', arn, '--project-visibility', 'PRIVATE');
    for (const gone of [path, `${path}/${uuid}`, `${path}/${uuid}/log`])
      expect(await send(server, { path: gone })).toMatchObject({ status: 404 });
  });
});

describe('a failed build', () => {
  it('is retried by itself as often as its project says', async () => {
    await project('flaky', ['exit 1'], { autoRetryLimit: 1 });
    const first = await built('flaky');
    const next = await server.until('the retry', async () => (await ended(first.id!)).autoRetryConfig?.nextAutoRetry);
    const second = await ended(next.slice(next.indexOf('/') + 1));
    expect(second).toMatchObject({ buildStatus: 'FAILED', autoRetryConfig: { autoRetryNumber: 1, previousAutoRetry: first.arn } });
  });
});

describe('the CLI', () => {
  it('puts resource policies, invalidates caches, and lists curated images', async () => {
    await project('shared', ['ls']);
    const arn = 'arn:aws:codebuild:us-east-1:000000000000:project/shared';
    const statement = { Effect: 'Allow', Principal: { AWS: '111111111111' }, Action: 'codebuild:BatchGetProjects', Resource: arn };
    const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
    expect(await cli('v2', 'put-resource-policy', '--resource-arn', arn, '--policy', policy)).toEqual({ resourceArn: arn });
    expect(await cli('v2', 'get-resource-policy', '--resource-arn', arn)).toEqual({ policy });
    await cli('v2', 'delete-resource-policy', '--resource-arn', arn);
    await cli('v2', 'invalidate-project-cache', '--project-name', 'shared');
    expect(await cli('v2', 'list-shared-projects')).toEqual({ projects: [] });
    expect(JSON.stringify(await cli('v2', 'list-curated-environment-images'))).toContain('aws/codebuild/standard:7.0');
  });
});

describe('a fleet', () => {
  it('is a pool that a runner joins: its builds run there and nowhere else', async () => {
    const args = [
      '--name',
      'special',
      '--base-capacity',
      '1',
      '--environment-type',
      'LINUX_CONTAINER',
      '--compute-type',
      'BUILD_GENERAL1_SMALL',
    ];
    const { fleet } = (await cli('v2', 'create-fleet', ...args)) as { fleet: { arn: string } };
    const environment = {
      type: 'LINUX_CONTAINER',
      image: 'host',
      computeType: 'BUILD_GENERAL1_SMALL',
      fleet: { fleetArn: fleet.arn },
    } as const;
    await project('fleeting', ['echo "here $CODEBUILD_SRC_DIR"'], { environment });
    const place = async () => {
      const { logs, buildStatus } = await built('fleeting');
      expect(buildStatus).toBe('SUCCEEDED');
      return (await aws.log(logs!.groupName!, logs!.streamName!)).find((line) => line.startsWith('here'));
    };
    expect(await place()).toContain(server.data);
    const folder = mkdtempSync(join(tmpdir(), 'fleet-runner-'));
    const runner = new ProgramRun(['runner', '--fleet', 'special', '--folder', folder, '--capacity', '1'], server.env);
    try {
      await runner.prints(/^Running builds of arn:aws:codebuild:.*$/m);
      await server.until('the runner’s first build', async () => (await place())?.includes(folder));
      expect(await place()).toContain(folder);
    } finally {
      if (!runner.over) await runner.kill('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    }
    const { build } = await aws.codebuild.send(new StartBuildCommand({ projectName: 'fleeting' }));
    await cli('v1', 'delete-fleet', '--arn', fleet.arn);
    await cli('v2', 'stop-build', '--id', build!.id!);
    expect((await ended(build!.id!)).buildStatus).toBe('STOPPED');
    expect(await cli('v2', 'list-fleets')).toEqual({ fleets: [] });
  });
});

describe('a sandbox', () => {
  it('runs commands one after another in one shell, until it is stopped', async () => {
    const environmentVariables = [{ name: 'GREETING', value: 'hello' }];
    const environment = { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL', environmentVariables } as const;
    await project('box', ['exit 1'], { environment });
    const { sandbox } = (await cli('v2', 'start-sandbox', '--project-name', 'box')) as { sandbox: { id: string } };
    const ran = async (command: string) => {
      const started = await aws.codebuild.send(new StartCommandExecutionCommand({ sandboxId: sandbox.id, command }));
      const ids = [started.commandExecution!.id!];
      return server.until(`the end of ${command}`, async () => {
        const input = { sandboxId: sandbox.id, commandExecutionIds: ids };
        const { commandExecutions } = await aws.codebuild.send(new BatchGetCommandExecutionsCommand(input));
        return commandExecutions![0]!.endTime && commandExecutions![0]!;
      });
    };
    expect(await ran('mkdir -p here; cd here; GREETING="$GREETING you"; echo made')).toMatchObject({
      status: 'SUCCEEDED',
      exitCode: '0',
      standardOutputContent: 'made\n',
    });
    expect(await ran('echo "$GREETING in $(basename "$PWD")"; echo oh >&2; exit 4')).toMatchObject({
      status: 'FAILED',
      exitCode: '4',
      standardOutputContent: 'hello you in here\n',
      standardErrContent: 'oh\n',
    });
    expect(await ran('if then')).toMatchObject({ status: 'FAILED', standardErrContent: expect.stringContaining('syntax error') as string });
    expect(await ran('printf still')).toMatchObject({ standardOutputContent: 'still' });
    const { sandboxes } = (await cli('v2', 'batch-get-sandboxes', '--ids', sandbox.id)) as { sandboxes: { status: string }[] };
    expect(sandboxes[0]!.status).toBe('RUN_SANDBOX');
    const sleeping = (await cli('v2', 'start-command-execution', '--sandbox-id', sandbox.id, '--command', 'sleep 600')) as {
      commandExecution: { id: string };
    };
    await cli('v2', 'stop-sandbox', '--id', sandbox.id);
    await server.until('the end of the sandbox', async () => {
      const { sandboxes: [found] = [] } = await aws.codebuild.send(new BatchGetSandboxesCommand({ ids: [sandbox.id] }));
      return found!.status === 'STOPPED';
    });
    const args = ['--sandbox-id', sandbox.id, '--command-execution-ids', sleeping.commandExecution.id];
    const { commandExecutions } = (await cli('v2', 'batch-get-command-executions', ...args)) as { commandExecutions: { status: string }[] };
    expect(commandExecutions[0]!.status).toBe('STOPPED');
    expect(await cli('v2', 'list-sandboxes-for-project', '--project-name', 'box')).toEqual({ ids: [sandbox.id] });
  });
});
