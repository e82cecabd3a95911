import { readdirSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BatchGetBuildsCommand, StartBuildCommand, type Build } from '@aws-sdk/client-codebuild';
import { GetFileCommand, GetRepositoryCommand, PutFileCommand } from '@aws-sdk/client-codecommit';
import { CreateServiceSpecificCredentialCommand, CreateUserCommand } from '@aws-sdk/client-iam';
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Clients } from '../support/clients.ts';
import { Gate } from '../support/gate.ts';
import { commit, git, withLogin } from '../support/git.ts';
import { createLine, Line } from '../support/line.ts';
import { pidsWithArguments } from '../support/pids.ts';
import { StartedServer } from '../support/server.ts';
import { processesOfBuilds } from '../support/workspaces.ts';

const NAME = 'line';

let server: StartedServer;
let aws: Clients;
let line: Line;
let folder: string;
let gate: Gate;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crash-'));
  gate = await Gate.make();
  server = await StartedServer.start();
  aws = new Clients(server);
  line = new Line(server, aws, NAME);
});
afterEach(async () => {
  aws.close();
  gate.close();
  await server.end();
  rmSync(folder, { recursive: true });
});

/** Starts something that leaves its process group, and waits. */
const waits = (): string => `version: 0.2
phases:
  build:
    commands:
      - (setsid sleep 1000 &)
      - '${gate.command}'
      - for i in 1 2 3 4 5 6 7 8; do echo "line $i"; done
`;

const put = async (): Promise<string> => {
  const file = { repositoryName: NAME, branchName: 'main', filePath: 'a', fileContent: Buffer.from('a') };
  return (await aws.codecommit.send(new PutFileCommand(file))).commitId!;
};

const get = async (id: string): Promise<Build> => (await aws.codebuild.send(new BatchGetBuildsCommand({ ids: [id] }))).builds![0]!;

const ended = (id: string): Promise<Build> =>
  server.until(`the end of ${id}`, async () => {
    const build = await get(id);
    return build.buildComplete && build;
  });

const logOf = async (id: string): Promise<string[]> => {
  const { groupName, streamName } = (await get(id)).logs ?? {};
  // The stream is made when the first line comes.
  return groupName && streamName ? aws.log(groupName, streamName).catch(() => []) : [];
};

interface Waiting {
  readonly executionId: string;
  readonly buildId: string;
  readonly runner: number;
  readonly log: readonly string[];
}

/** An execution whose build is in the middle of its work. */
async function waiting(): Promise<Waiting> {
  await createLine(aws, { name: NAME, buildspec: waits() });
  const executionId = await line.execution(await put());
  const buildId = await line.build(executionId);
  const log = await server.until('the first line', async () => {
    const lines = await logOf(buildId);
    return lines.some((text) => text.includes('Running command while')) && lines;
  });
  const [runner = 0] = pidsWithArguments(join(server.data, 'work', 'runner.sock'));
  expect(runner).toBeGreaterThan(1);
  return { executionId, buildId, runner, log };
}

/** Processes of builds of this server. */
const left = () => processesOfBuilds(server.data);

/** Puts objects, several at a time, until the server is gone; resolves with the keys that were acknowledged. */
async function putUntilKilled(): Promise<{ acknowledged: string[]; over: Promise<unknown> }> {
  const acknowledged: string[] = [];
  const writer = async (writing: number): Promise<void> => {
    for (let n = 0; ; n++) {
      const Key = `${writing}/${n}`;
      try {
        await aws.s3.send(new PutObjectCommand({ Bucket: NAME, Key, Body: `content of ${Key}` }));
      } catch {
        return;
      }
      acknowledged.push(Key);
    }
  };
  const over = Promise.all([0, 1, 2, 3].map(writer));
  await server.until('some objects', async () => acknowledged.length > 20);
  return { acknowledged, over };
}

it('a server killed in a build: the build goes on, the execution ends as it does, nothing acknowledged is lost', async () => {
  const { executionId, buildId, log } = await waiting();
  const { acknowledged, over } = await putUntilKilled();
  await server.kill9();
  await over;
  gate.open();
  await server.restart();
  expect((await ended(buildId)).buildStatus).toBe('SUCCEEDED');
  expect(await line.end(executionId)).toBe('Succeeded');
  const after = await logOf(buildId);
  expect(after.slice(0, log.length)).toEqual(log);
  const printed = after.filter((text) => /^line \d$/.test(text));
  expect(printed).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((n) => `line ${n}`));
  for (const Key of acknowledged) {
    const { Body } = await aws.s3.send(new GetObjectCommand({ Bucket: NAME, Key }));
    expect(await Body!.transformToString()).toBe(`content of ${Key}`);
  }
  const file = await aws.codecommit.send(new GetFileCommand({ repositoryName: NAME, filePath: 'a' }));
  expect(Buffer.from(file.fileContent!).toString()).toBe('a');
  expect((await line.executions()).map(({ pipelineExecutionId }) => pipelineExecutionId)).toEqual([executionId]);
  expect(left()).toEqual([]);
});

it('server and runner killed in a build: the build ends as a fault, the execution as failed, the next one runs', async () => {
  const { executionId, buildId, runner, log } = await waiting();
  await server.kill9();
  process.kill(runner, 'SIGKILL');
  await server.restart();
  const build = await ended(buildId);
  expect(build.buildStatus).toBe('FAULT');
  expect(await line.end(executionId)).toBe('Failed');
  expect((await logOf(buildId)).slice(0, log.length)).toEqual(log);
  expect(left()).toEqual([]);
  gate.open();
  const next = await aws.codebuild.send(
    new StartBuildCommand({ projectName: NAME, sourceTypeOverride: 'NO_SOURCE', artifactsOverride: { type: 'NO_ARTIFACTS' } }),
  );
  expect((await ended(next.build!.id!)).buildStatus).toBe('SUCCEEDED');
});

it('a runner killed in a build: the build ends as a fault that says so, nothing of it goes on, and the next one runs', async () => {
  const { executionId, buildId, runner } = await waiting();
  // Elsewhere nobody can look into other processes' environments.
  if (process.platform === 'linux') expect(left().length).toBeGreaterThan(1);
  process.kill(runner, 'SIGKILL');
  const build = await ended(buildId);
  expect(build.buildStatus).toBe('FAULT');
  const contexts = build.phases!.flatMap((phase) => phase.contexts ?? []);
  expect(contexts.map(({ message }) => message).join()).toMatch(/runner/i);
  expect(await line.end(executionId)).toBe('Failed');
  const [action] = await line.actions(executionId);
  expect(action).toMatchObject({ actionName: 'Compile', status: 'Failed' });
  expect(left()).toEqual([]);
  gate.open();
  const next = await line.execution(await putAnother());
  expect(await line.end(next)).toBe('Succeeded');
});

async function putAnother(): Promise<string> {
  const { commitId: parentCommitId } = await aws.codecommit.send(new GetFileCommand({ repositoryName: NAME, filePath: 'a' }));
  const file = { repositoryName: NAME, branchName: 'main', filePath: 'a', fileContent: Buffer.from('b'), parentCommitId };
  return (await aws.codecommit.send(new PutFileCommand(file))).commitId!;
}

it('a server killed between the push and its event: the execution starts once', async () => {
  await createLine(aws, { name: NAME, buildspec: 'version: 0.2\nphases: {build: {commands: [echo built]}}\n' });
  await aws.iam.send(new CreateUserCommand({ UserName: 'me' }));
  const credential = { UserName: 'me', ServiceName: 'codecommit.amazonaws.com' };
  const { ServiceSpecificCredential: login } = await aws.iam.send(new CreateServiceSpecificCredentialCommand(credential));
  const { repositoryMetadata } = await aws.codecommit.send(new GetRepositoryCommand({ repositoryName: NAME }));
  const url = withLogin(repositoryMetadata!.cloneUrlHttp!, login!.ServiceUserName!, login!.ServicePassword!);
  const id = await commit(folder, { a: 'a' }, 'Begin');
  // Git runs it once the references have moved, and before it tells anybody: https://git-scm.com/docs/githooks#post-receive
  const hosted = join(
    server.data,
    'git',
    readdirSync(join(server.data, 'git')).find((name) => name.endsWith('.git'))!,
  );
  mkdirSync(join(hosted, 'hooks'), { recursive: true });
  const hook = join(hosted, 'hooks', 'post-receive');
  writeFileSync(hook, `#!/bin/sh\nkill -9 ${server.pid}\n`, { mode: 0o755 });
  await expect(git(folder, ['push', '--quiet', url, 'HEAD:refs/heads/main'])).rejects.toThrow(/hung up|RPC failed|disconnect|reply/i);
  expect(await server.ended()).toMatchObject({ signal: 'SIGKILL' });
  expect(await git(hosted, ['rev-parse', 'refs/heads/main'])).toBe(id);
  rmSync(hook);
  await server.restart();
  const executionId = await line.execution(id);
  expect(await line.end(executionId)).toBe('Succeeded');
  await server.restart();
  expect((await line.executions()).map(({ pipelineExecutionId }) => pipelineExecutionId)).toEqual([executionId]);
  // Git that is told again has nothing to do.
  await git(folder, ['push', '--quiet', url, 'HEAD:refs/heads/main']);
  expect(await line.executions()).toHaveLength(1);
});

it('a server killed at the moment a push succeeds: the execution starts once', async () => {
  await createLine(aws, { name: NAME, buildspec: 'version: 0.2\nphases: {build: {commands: [echo built]}}\n' });
  const id = await put();
  await server.kill9();
  await server.restart();
  const executionId = await line.execution(id);
  expect(await line.end(executionId)).toBe('Succeeded');
  expect(await line.executions()).toHaveLength(1);
});
