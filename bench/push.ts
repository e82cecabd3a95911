/**
 * From `git push` over HTTP to the first buildspec command, and to the end of a three-stage pipeline, on the process runtime with
 * durable commits; beside the floor: the same push to a bare `git http-backend` whose post-receive hook does `git archive | tar x`
 * and `sh -c true`. Pushes alternate, so that both see the same machine. Run: npm run build && node tools/run.mjs bench/push.ts
 */
import { execFile, execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createClient, type PipewrightClient } from '../src/client/client.ts';
import type { ActionDeclaration } from '../src/services/codepipeline/api.gen.ts';

const ROUNDS = Number(process.env.ROUNDS ?? 15);
const dir = mkdtempSync(join(tmpdir(), 'bench-push-'));
const gitEnv = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
const execute = promisify(execFile);
/** Not synchronously: the floor's server lives in this process. */
const git = async (cwd: string, ...args: string[]) =>
  (await execute('git', ['-C', cwd, '-c', 'user.name=b', '-c', 'user.email=b@localhost', ...args], { env: gitEnv })).stdout;
const now = () => performance.timeOrigin + performance.now();

/** The instant, in ms, that a `date +%s%N` has written; waits by looking, since a file has no event that is faster. */
async function written(file: string): Promise<number> {
  for (const end = now() + 30_000; now() < end;) {
    const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
    if (text !== '') return Number(BigInt(text) / 1000n) / 1000;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  throw new Error(`nothing was written to ${file}`);
}

function httpBackend(root: string): Promise<Server> {
  const execPath = execFileSync('git', ['--exec-path']).toString().trim();
  const server = createServer((request, response) => {
    const url = new URL(request.url!, 'http://localhost');
    const env = {
      ...gitEnv,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      REQUEST_METHOD: request.method,
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      REMOTE_USER: 'bench',
    };
    const child = spawn(join(execPath, 'git-http-backend'), [], { env, stdio: ['pipe', 'pipe', 'inherit'] });
    request.pipe(child.stdin);
    let head = Buffer.alloc(0);
    child.stdout.on('data', (chunk: Buffer) => {
      if (response.headersSent) return void response.write(chunk);
      head = Buffer.concat([head, chunk]);
      const end = head.indexOf('\r\n\r\n');
      if (end === -1) return;
      const headers = head
        .subarray(0, end)
        .toString()
        .split('\r\n')
        .map((line) => line.split(': ') as [string, string]);
      const status = Number(headers.find(([name]) => name === 'Status')?.[1].slice(0, 3) ?? 200);
      response.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== 'Status')));
      response.write(head.subarray(end + 4));
    });
    child.stdout.on('end', () => response.end());
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

async function prepareFloor(mark: string): Promise<{ url: string; close(): void }> {
  const root = join(dir, 'floor');
  mkdirSync(root);
  execFileSync('git', ['init', '-q', '--bare', join(root, 'demo.git')], { env: gitEnv });
  execFileSync('git', ['-C', join(root, 'demo.git'), 'config', 'http.receivepack', 'true'], { env: gitEnv });
  const hook = join(root, 'demo.git/hooks/post-receive');
  const work = join(dir, 'floor-work');
  writeFileSync(
    hook,
    `#!/bin/sh\nread old new ref\nrm -rf ${work}; mkdir -p ${work}\ngit archive $new | tar x -C ${work}\nsh -c true\ndate +%s%N > ${mark}\n`,
  );
  chmodSync(hook, 0o755);
  const server = await httpBackend(root);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/demo.git`, close: () => server.close() };
}

async function startServer(): Promise<{ child: ChildProcess; client: PipewrightClient; endpoint: string; readyMs: number }> {
  const start = now();
  const data = join(dir, 'data');
  const child = spawn(process.execPath, ['bin/pipewright.js', 'up', '--port', '0', '--data', data], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const endpoint = await new Promise<string>((resolve) => {
    child.stdout!.on('data', (chunk: Buffer) => {
      const match = /Pipewright ready: (\S+)/.exec(chunk.toString());
      if (match) resolve(match[1]!);
    });
  });
  const readyMs = now() - start;
  const credentials = JSON.parse(readFileSync(join(data, 'root-key.json'), 'utf8')) as { accessKeyId: string; secretAccessKey: string };
  return { child, client: createClient({ endpoint, region: 'us-east-1', credentials }), endpoint, readyMs };
}

function action(
  name: string,
  category: 'Source' | 'Build' | 'Test',
  provider: string,
  configuration: Record<string, string>,
): ActionDeclaration {
  const artifact = category === 'Source' ? { outputArtifacts: [{ name: 'Code' }] } : { inputArtifacts: [{ name: 'Code' }] };
  return { name, actionTypeId: { category, owner: 'AWS', provider, version: '1' }, configuration, ...artifact };
}

async function prepareOurs(client: PipewrightClient, endpoint: string, mark: string): Promise<string> {
  const trust = JSON.stringify({ Version: '2012-10-17', Statement: [] });
  for (const RoleName of ['pipeline', 'build']) await client.iam.createRole({ RoleName, AssumeRolePolicyDocument: trust });
  await client.s3.createBucket({ Bucket: 'artifacts' });
  await client.codecommit.createRepository({ repositoryName: 'demo' });
  for (const [name, command] of [
    ['first', `date +%s%N > ${mark}`],
    ['second', 'true'],
  ] as const) {
    const buildspec = JSON.stringify({ version: '0.2', phases: { build: { commands: [command] } } });
    const environment = { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' } as const;
    await client.codebuild.createProject({
      name,
      serviceRole: 'build',
      source: { type: 'CODEPIPELINE', buildspec },
      artifacts: { type: 'CODEPIPELINE' },
      environment,
    });
  }
  const stages = [
    { name: 'Source', actions: [action('Checkout', 'Source', 'CodeCommit', { RepositoryName: 'demo', BranchName: 'main' })] },
    { name: 'Build', actions: [action('Build', 'Build', 'CodeBuild', { ProjectName: 'first' })] },
    { name: 'Test', actions: [action('Test', 'Test', 'CodeBuild', { ProjectName: 'second' })] },
  ];
  const artifactStore = { type: 'S3', location: 'artifacts' } as const;
  await client.codepipeline.createPipeline({
    pipeline: { name: 'demo', roleArn: 'arn:aws:iam::000000000000:role/pipeline', artifactStore, stages },
  });
  await client.iam.createUser({ UserName: 'dev' });
  const { ServiceSpecificCredential: login } = await client.iam.createServiceSpecificCredential({
    UserName: 'dev',
    ServiceName: 'codecommit.amazonaws.com',
  });
  const url = new URL(`${endpoint}/v1/repos/demo`);
  url.username = login!.ServiceUserName!;
  url.password = encodeURIComponent(login!.ServicePassword!);
  return url.href;
}

/** Hears of each execution that succeeded, through the live event stream: asking again and again would cost the server its time. */
async function executions(client: PipewrightClient): Promise<{ next(): Promise<number>; close(): void }> {
  const { stream } = await client.fetch({ method: 'GET', path: '/_pipewright/events', service: 'pipewright' });
  let heard: (time: number) => void = () => {};
  let rest = '';
  stream.on('error', () => {});
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (!line.includes('CodePipeline Pipeline Execution')) continue;
      const { time, detail } = JSON.parse(line.slice('data: '.length)) as { time: number; detail: { state: string } };
      if (detail.state === 'FAILED') throw new Error('the execution failed');
      if (detail.state === 'SUCCEEDED') heard(time);
    }
  });
  return { next: () => new Promise((resolve) => (heard = resolve)), close: () => stream.destroy() };
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Resident memory, MB, of a process and its runner. */
function memory(pid: number): number {
  const rss = (id: string) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  const children = execFileSync('pgrep', ['-P', String(pid)])
    .toString()
    .trim()
    .split('\n')
    .filter(Boolean);
  return rss(String(pid)) + children.reduce((sum, id) => sum + rss(id), 0);
}

async function main(): Promise<void> {
  const [floorMark, ourMark] = [join(dir, 'floor-mark'), join(dir, 'our-mark')];
  const floor = await prepareFloor(floorMark);
  const { child, client, endpoint, readyMs } = await startServer();
  const idle = memory(child.pid!);
  const ours = await prepareOurs(client, endpoint, ourMark);
  const repository = join(dir, 'repository');
  execFileSync('git', ['init', '-q', '-b', 'main', repository], { env: gitEnv });
  for (let file = 0; file < 50; file++) writeFileSync(join(repository, `file-${file}.txt`), `line ${file}\n`.repeat(40));
  const succeeded = await executions(client);
  const times = { floor: [] as number[], first: [] as number[], end: [] as number[] };
  for (let round = 0; round <= ROUNDS; round++) {
    writeFileSync(join(repository, 'round.txt'), `${round}\n`);
    await git(repository, 'add', '--all');
    await git(repository, 'commit', '-q', '-m', `round ${round}`);
    for (const mark of [floorMark, ourMark]) rmSync(mark, { force: true });
    const floorStart = now();
    await git(repository, 'push', '-q', floor.url, 'main');
    const floorFirst = (await written(floorMark)) - floorStart;
    const ended = succeeded.next();
    const start = now();
    await git(repository, 'push', '-q', ours, 'main');
    const first = (await written(ourMark)) - start;
    const end = (await ended) - start;
    if (round > 0) {
      times.floor.push(floorFirst);
      times.first.push(first);
      times.end.push(end);
    }
  }
  const base = median(times.floor);
  const row = (label: string, value: number) =>
    process.stdout.write(`${label.padEnd(56)} ${value.toFixed(1)} ms = ${(value / base).toFixed(2)} × floor\n`);
  row('floor: push, git archive | tar x, sh -c true', base);
  row('push to first buildspec command', median(times.first));
  row('push to the end of a pipeline of three stages, two builds', median(times.end));
  process.stdout.write(
    `start to ready, new data folder ${readyMs.toFixed(0)} ms; idle memory of server and runner ${idle.toFixed(0)} MB\n`,
  );
  succeeded.close();
  client.close();
  floor.close();
  child.kill('SIGTERM');
  await new Promise((resolve) => child.once('exit', resolve));
  rmSync(dir, { recursive: true });
}

await main();
