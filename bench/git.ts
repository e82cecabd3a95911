/**
 * Git over HTTP: ours beside a bare `git http-backend`, in turns. Run: node tools/run.mjs bench/git.ts
 * Goals: small push ≤ 0.7 × http-backend, ls-remote ≤ 1.2 × a canned answer, clone ≤ 1.05 × http-backend.
 */
import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { randomBytes } from 'node:crypto';
import { silentLogger } from '../src/kernel/log.ts';
import { createGitPlane } from '../src/planes/git/index.ts';
import { openGit } from '../src/store/git/index.ts';
import { localSpawner } from '../src/store/spawn-local.ts';

const ROUNDS = 40;
const CLONES = 3;
const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'pipewright-bench-'));
const env = { PATH: process.env.PATH!, HOME: join(folder, 'home'), GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };

function listen(handler: RequestListener): Promise<{ server: Server; base: string }> {
  const server = createServer(handler);
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () =>
      resolve({ server, base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/repos/demo` }),
    ),
  );
}

/** The floor: the CGI program behind node:http and nothing else. */
function httpBackend(root: string): RequestListener {
  return (request, response) => {
    const [path = '', query = ''] = request.url!.replace('/v1/repos', '').split('?');
    const cgi = {
      ...env,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: path,
      QUERY_STRING: query,
      REQUEST_METHOD: request.method!,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: request.headers['git-protocol']?.toString() ?? '',
      REMOTE_USER: 'bench',
    };
    const child = spawn('git', ['http-backend'], { env: cgi, stdio: ['pipe', 'pipe', 'inherit'] });
    request.pipe(child.stdin);
    answerCgi(child.stdout, response);
  };
}

function answerCgi(stdout: NodeJS.ReadableStream, response: ServerResponse): void {
  let head = Buffer.alloc(0);
  stdout.on('data', (chunk: Buffer) => {
    if (response.headersSent) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    const fields = head
      .toString('latin1', 0, end)
      .split('\r\n')
      .map((line) => line.split(': ', 2) as [string, string]);
    const status = Number(fields.find(([name]) => name === 'Status')?.[1].slice(0, 3) ?? 200);
    response.writeHead(status, Object.fromEntries(fields));
    response.write(head.subarray(end + 4));
  });
  stdout.on('end', () => response.end());
}

/** Answers each request with what was answered to the first of its kind. */
function canned(answers: ReadonlyMap<string, { type: string; body: Buffer }>): RequestListener {
  return (request, response) => {
    request.resume().on('end', () => {
      const { type, body } = answers.get(`${request.method} ${request.url}`)!;
      response.writeHead(200, { 'content-type': type, 'content-length': body.length }).end(body);
    });
  };
}

async function record(base: string): Promise<Map<string, { type: string; body: Buffer }>> {
  const answers = new Map<string, { type: string; body: Buffer }>();
  const listing = {
    method: 'POST',
    body: '0014command=ls-refs\n0014agent=git/2.39.50016object-format=sha100010009peel\n000csymrefs\n0000',
  };
  for (const [path, init] of [
    ['/info/refs?service=git-upload-pack', {}],
    ['/git-upload-pack', listing],
  ] as const) {
    const headers = { 'git-protocol': 'version=2', 'content-type': 'application/x-git-upload-pack-request' };
    const response = await fetch(base + path, { ...init, headers });
    const method = 'method' in init ? init.method : 'GET';
    const body = Buffer.from(await response.arrayBuffer());
    answers.set(`${method} ${new URL(base + path).pathname}${new URL(base + path).search}`, {
      type: response.headers.get('content-type')!,
      body,
    });
  }
  return answers;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

function report(name: string, ours: number[], floor: number[], of: string): void {
  const [a, b] = [median(ours), median(floor)];
  console.log(
    `${name.padEnd(12)} ${a.toFixed(1).padStart(8)} ms   ${of.padEnd(14)} ${b.toFixed(1).padStart(8)} ms   ratio ${(a / b).toFixed(2)}`,
  );
}

const git = (cwd: string, ...args: string[]) =>
  run('git', ['-c', 'user.name=B', '-c', 'user.email=b@example.com', '-c', 'init.defaultBranch=main', ...args], { cwd, env });

try {
  mkdirSync(env.HOME);
  const store = await openGit({ folder: join(folder, 'ours'), spawner: localSpawner() });
  await store.create('demo');
  mkdirSync(join(folder, 'floor'));
  execFileSync('git', ['init', '-q', '--bare', '-b', 'main', join(folder, 'floor', 'demo')]);
  const someone = { kind: 'root', account: '0', arn: 'arn', id: '0' } as const;
  const plane = createGitPlane({
    git: store,
    authenticate: async () => someone,
    authorise: () => ({ allowed: true }),
    findRepository: async () => ({ id: 'demo', region: 'us-east-1' }),
    // What the service does after a push, less its database commit.
    afterPush: async ({ id }) => store.sync(id, ['refs/heads/main']),
    log: silentLogger,
  });
  const ours = await listen((request: IncomingMessage, response) => void plane.handle(request, response));
  const floor = await listen(httpBackend(join(folder, 'floor')));

  const tree = join(folder, 'work');
  mkdirSync(tree);
  await git(tree, 'init', '-q');
  for (let n = 0; n < 300; n++) writeFileSync(join(tree, `file-${n}.bin`), randomBytes(100_000));
  await git(tree, 'add', '.');
  await git(tree, 'commit', '-q', '-m', 'first');
  for (const { base } of [ours, floor]) await git(tree, 'push', '-q', base, 'main');

  const pushes = [ours, floor].map((): number[] => []);
  for (let n = 0; n < ROUNDS; n++) {
    writeFileSync(join(tree, 'small.txt'), `${n}\n`);
    await git(tree, 'add', '.');
    await git(tree, 'commit', '-q', '-m', `change ${n}`);
    for (const [at, { base }] of [ours, floor].entries()) pushes[at]!.push(await timed(() => git(tree, 'push', '-q', base, 'main')));
  }
  report('small push', pushes[0]!, pushes[1]!, 'http-backend');

  const still = await listen(canned(await record(ours.base)));
  const lists = [ours, floor, still].map((): number[] => []);
  for (let n = 0; n < ROUNDS; n++)
    for (const [at, { base }] of [ours, floor, still].entries()) lists[at]!.push(await timed(() => git(tree, 'ls-remote', base)));
  report('ls-remote', lists[0]!, lists[2]!, 'canned');
  report('ls-remote', lists[0]!, lists[1]!, 'http-backend');

  const clones = [ours, floor].map((): number[] => []);
  for (let n = 0; n < CLONES; n++)
    for (const [at, { base }] of [ours, floor].entries()) {
      clones[at]!.push(await timed(() => git(folder, 'clone', '-q', '--bare', base, `copy-${n}-${at}`)));
      rmSync(join(folder, `copy-${n}-${at}`), { recursive: true });
    }
  report('clone 30 MB', clones[0]!, clones[1]!, 'http-backend');

  for (const { server } of [ours, floor, still]) {
    server.closeAllConnections();
    server.close();
  }
  await store.close();
} finally {
  rmSync(folder, { recursive: true });
}
