import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request as httpRequest, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../kernel/clock.ts';
import type { Principal } from '../../ports/authorise.ts';
import type { SecretBox } from '../../ports/secrets.ts';
import type { Credential } from '../../ports/credentials.ts';
import type { Git } from '../../ports/git.ts';
import { hmac, signingKey, stringToSign } from '../../protocol/sigv4/canonical.ts';
import { openGit } from '../../store/git/index.ts';
import { awsCli } from '../../../test/support/aws-cli.ts';
import { localSpawner } from '../../store/spawn-local.ts';
import { gitAuthenticator } from './authenticate.ts';
import { createGitPlane } from './index.ts';

const run = promisify(execFile);
const ACCOUNT = '000000000000';
const principalOf = (name: string): Principal => ({
  kind: 'user',
  account: ACCOUNT,
  arn: `arn:aws:iam::${ACCOUNT}:user/${name}`,
  id: `AIDA${name}`,
});

let folder: string;
let git: Git;
let server: Server;
let port: number;
let pushes: { id: string; arn: string; refs: string[] }[];
let finishPush: () => Promise<void>;
const key: Credential = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret', principal: principalOf('key') };
const session: Credential = { ...key, accessKeyId: 'ASIAEXAMPLE', sessionToken: 'tok/en+=', expires: Number.MAX_SAFE_INTEGER };

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'git-plane-'));
  git = await openGit({ folder: join(folder, 'server'), spawner: localSpawner() });
  await git.create('id-1');
  pushes = [];
  finishPush = async () => undefined;
  const authenticate = gitAuthenticator({
    credentials: { find: async (id) => [key, session].find(({ accessKeyId }) => accessKeyId === id) },
    secrets: { open: (token: string) => Buffer.from(token, 'base64').toString() } as SecretBox,
    gitCredentials: async (username, password) => (password === `${username}:pw` ? principalOf(username) : undefined),
    regions: async () => ['eu-west-1', 'us-east-1'],
    clock: systemClock,
  });
  const plane = createGitPlane({
    git,
    authenticate,
    findRepository: async (name) => (name === 'demo' ? { id: 'id-1', region: 'us-east-1' } : undefined),
    authorise: ({ principal, action }) =>
      principal.arn.endsWith('/reader') && action === 'codecommit:GitPush'
        ? { allowed: false, message: 'You may only read.' }
        : { allowed: true },
    async afterPush({ id }, { arn }) {
      await finishPush();
      pushes.push({ id, arn, refs: [...(await git.refs(id)).keys()] });
    },
    log: { info() {}, warn() {}, error() {} },
  });
  server = createServer((request, response) => {
    if (!plane.matches(request)) return void response.writeHead(404).end();
    plane.handle(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await git.close();
  rmSync(folder, { recursive: true });
});

const url = (user = 'ann', name = 'demo') => `http://${user}:${encodeURIComponent(`${user}:pw`)}@127.0.0.1:${port}/v1/repos/${name}`;
const env = { PATH: process.env.PATH, HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
/** Runs git as a user would; answers what it printed. */
async function cli(cwd: string, ...args: string[]): Promise<string> {
  const identity = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', '-c', 'init.defaultBranch=main'];
  const { stdout, stderr } = await run('git', [...identity, ...args], { cwd, env, maxBuffer: 64 * 1024 * 1024 });
  return (stdout + stderr).trim();
}
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => 'it succeeded',
    (error: Error) => error.message,
  );

async function work(files: Record<string, string | Buffer> = { 'a.txt': 'hello\n' }): Promise<string> {
  const tree = mkdtempSync(join(folder, 'work-'));
  await cli(tree, 'init', '-q');
  await change(tree, files);
  return tree;
}

async function change(tree: string, files: Record<string, string | Buffer>): Promise<void> {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(tree, name), content);
  await cli(tree, 'add', '.');
  await cli(tree, 'commit', '-q', '-m', 'a change');
}

/** Bytes that do not compress, the same every time. */
function noise(size: number): Buffer {
  const bytes = Buffer.alloc(size);
  for (let i = 0, x = 1; i < size; i++) bytes[i] = (x = (x * 1103515245 + 12345) & 0x7fffffff) >> 16;
  return bytes;
}

function send(
  method: string,
  path: string,
  headers: Record<string, string> = {},
  body?: Buffer,
): Promise<{ status: number; headers: Record<string, unknown>; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const basic = `Basic ${Buffer.from('ann:ann:pw').toString('base64')}`;
    const request = httpRequest({ port, host: '127.0.0.1', method, path, headers: { authorization: basic, ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

describe('clone, fetch and push', () => {
  test('what one pushes another clones, also from the address with .git', async () => {
    const tree = await work();
    await cli(tree, 'push', '-q', url(), 'main');
    expect(pushes).toEqual([{ id: 'id-1', arn: `arn:aws:iam::${ACCOUNT}:user/ann`, refs: ['refs/heads/main'] }]);
    await cli(folder, 'clone', '-q', `${url()}.git`, 'copy');
    expect(readdirSync(join(folder, 'copy'))).toEqual(['.git', 'a.txt']);
    await change(tree, { 'b.txt': 'more\n' });
    await cli(tree, 'push', '-q', url(), 'main', 'main:refs/heads/topic', 'main:refs/notes/x');
    await cli(join(folder, 'copy'), 'pull', '-q');
    expect(readdirSync(join(folder, 'copy'))).toEqual(['.git', 'a.txt', 'b.txt']);
    await cli(tree, 'push', '-q', url(), ':topic');
    expect(pushes.at(-1)?.refs).toEqual(['refs/heads/main', 'refs/notes/x']);
  });

  test('an empty repository can be cloned, and says which branch comes first', async () => {
    await git.setHead('id-1', 'refs/heads/trunk');
    expect(await cli(folder, 'clone', url(), 'copy')).toContain('empty repository');
    expect(await cli(join(folder, 'copy'), 'symbolic-ref', 'HEAD')).toBe('refs/heads/trunk');
  });

  test.each([0, 1, 2])('protocol version %d', async (version) => {
    const tree = await work();
    await cli(tree, 'tag', '-m', 'first', 'v1');
    const speaking = ['-c', `protocol.version=${version}`];
    await cli(tree, ...speaking, 'push', '-q', '--follow-tags', url(), 'main');
    const id = await cli(tree, 'rev-parse', 'HEAD');
    const tag = await cli(tree, 'rev-parse', 'v1');
    const listed = `${id}\tHEAD\n${id}\trefs/heads/main\n${tag}\trefs/tags/v1\n${id}\trefs/tags/v1^{}`;
    expect(await cli(tree, ...speaking, 'ls-remote', url())).toBe(listed);
    expect(await cli(tree, ...speaking, 'ls-remote', '--symref', url(), 'HEAD')).toBe(`ref: refs/heads/main\tHEAD\n${id}\tHEAD`);
    await cli(folder, ...speaking, 'clone', '-q', url(), 'copy');
    expect(await cli(join(folder, 'copy'), 'describe')).toBe('v1');
  });

  test('shallow, partial and by commit id', async () => {
    const tree = await work({ 'a.txt': 'one\n' });
    const first = await cli(tree, 'rev-parse', 'HEAD');
    await change(tree, { 'a.txt': 'two\n' });
    await cli(tree, 'push', '-q', url(), 'main');
    await cli(folder, 'clone', '-q', '--depth=1', url(), 'shallow');
    expect(await cli(join(folder, 'shallow'), 'rev-list', '--count', 'HEAD')).toBe('1');
    await cli(join(folder, 'shallow'), 'fetch', '-q', '--unshallow');
    expect(await cli(join(folder, 'shallow'), 'rev-list', '--count', 'HEAD')).toBe('2');
    await cli(folder, 'clone', '-q', '--filter=blob:none', '--no-checkout', url(), 'partial');
    const missing = await cli(join(folder, 'partial'), 'rev-list', '--objects', '--missing=print', 'HEAD');
    expect(missing.match(/^\?/gm)).toHaveLength(2);
    expect(await cli(join(folder, 'partial'), 'show', 'HEAD:a.txt')).toBe('two');
    const alone = mkdtempSync(join(folder, 'alone-'));
    await cli(alone, 'init', '-q');
    await cli(alone, 'fetch', '-q', '--depth=1', url(), first);
    expect(await cli(alone, 'rev-parse', 'FETCH_HEAD')).toBe(first);
  });

  test('a push larger than the post buffer comes in chunks after a probe', async () => {
    const tree = await work({ 'big.bin': noise(3_000_000) });
    await cli(tree, 'push', '-q', url(), 'main');
    expect(pushes).toHaveLength(1);
    await cli(folder, 'clone', '-q', url(), 'copy');
    expect(await cli(join(folder, 'copy'), 'fsck', '--full')).not.toContain('error');
  });

  test('a push is refused whole where it is not a fast-forward; nothing moves', async () => {
    const tree = await work();
    await cli(tree, 'push', '-q', url(), 'main');
    const other = await work({ 'c.txt': 'x\n' });
    expect(await failure(cli(other, 'push', '-q', url(), 'main'))).toContain('fetch first');
    expect((await git.refs('id-1')).get('refs/heads/main')).toBe(await cli(tree, 'rev-parse', 'HEAD'));
  });

  test('our own references are neither shown nor touched', async () => {
    const tree = await work();
    await cli(tree, 'push', '-q', url(), 'main');
    await git.updateRefs('id-1', [{ ref: 'refs/pipewright/x', from: undefined, to: await cli(tree, 'rev-parse', 'HEAD') }]);
    expect(await cli(tree, 'ls-remote', url())).not.toContain('pipewright');
    expect(await failure(cli(tree, 'push', url(), 'main:refs/pipewright/y'))).toContain('deny updating a hidden ref');
  });

  test('the client hears of success only after what follows a push is done', async () => {
    const order: string[] = [];
    let release = () => {};
    finishPush = () =>
      new Promise((resolve) => {
        order.push('push seen');
        release = resolve;
      });
    const tree = await work();
    const pushed = cli(tree, 'push', '-q', url(), 'main').then(() => order.push('client told'));
    while (order.length === 0) await new Promise((resolve) => setImmediate(resolve));
    order.push('recorded');
    release();
    await pushed;
    expect(order).toEqual(['push seen', 'recorded', 'client told']);
  });
});

describe('who may', () => {
  const refused = (user: string, password: string, name = 'demo') =>
    failure(cli(folder, 'ls-remote', `http://${user}:${encodeURIComponent(password)}@127.0.0.1:${port}/v1/repos/${name}`));

  test('wrong and missing passwords are 401 with a challenge', async () => {
    expect(await refused('ann', 'wrong')).toContain('Authentication failed');
    const answer = await send('GET', '/v1/repos/demo/info/refs?service=git-upload-pack', { authorization: 'Bearer x' });
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Basic realm="git"']);
  });

  test('unknown repositories are 404, and only for those who have proved who they are', async () => {
    expect(await refused('ann', 'ann:pw', 'nothing')).toContain("repository 'http");
    expect((await send('GET', '/v1/repos/nothing/info/refs?service=git-upload-pack', { authorization: '' })).status).toBe(401);
    expect((await send('GET', '/v1/repos/..%2Fdemo/info/refs?service=git-upload-pack')).status).toBe(404);
  });

  test('who may only read cannot push', async () => {
    const tree = await work();
    expect(await failure(cli(tree, 'push', '-q', url('reader'), 'main'))).toContain('403');
    await cli(tree, 'push', '-q', url(), 'main');
    expect(await cli(folder, 'ls-remote', url('reader'))).toContain('refs/heads/main');
  });

  /** What `aws codecommit credential-helper get` computes. */
  function helperPassword(secret: string, path: string, time = new Date()): string {
    const stamp = time.toISOString().replace(/[-:]|\.\d+Z/g, '');
    const scope = { date: stamp.slice(0, 8), region: 'us-east-1', service: 'codecommit' };
    const text = stringToSign(stamp, scope, `GIT\n${path}\n\nhost:127.0.0.1\n\nhost\n`);
    return `${stamp}Z${hmac(signingKey(secret, scope), text).toString('hex')}`;
  }

  test('the password of the credential helper lets in, for its path and its time', async () => {
    const lists = (user: string, password: string) => refused(encodeURIComponent(user), password);
    expect(await lists('AKIAEXAMPLE', helperPassword('secret', '/v1/repos/demo'))).toBe('it succeeded');
    expect(await lists('ASIAEXAMPLE%tok/en+=', helperPassword('secret', '/v1/repos/demo'))).toBe('it succeeded');
    expect(await lists('ASIAEXAMPLE%other', helperPassword('secret', '/v1/repos/demo'))).toContain('Authentication failed');
    expect(await lists('AKIAEXAMPLE', helperPassword('wrong', '/v1/repos/demo'))).toContain('Authentication failed');
    expect(await lists('AKIAEXAMPLE', helperPassword('secret', '/v1/repos/other'))).toContain('Authentication failed');
    expect(await lists('AKIAEXAMPLE', helperPassword('secret', '/v1/repos/demo', new Date(0)))).toContain('Authentication failed');
  });

  test.each(['v1', 'v2'] as const)('AWS CLI %s: what its credential helper says lets in', async (version) => {
    const stdin = `protocol=http\nhost=127.0.0.1:${port}\npath=v1/repos/demo\n\n`;
    const args = ['codecommit', 'credential-helper', 'get', '--ignore-host-check'];
    for (const { accessKeyId, secretAccessKey, sessionToken } of [key, session]) {
      const given = { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
      const { stdout, stderr } = await awsCli(version, args, { endpoint: `http://127.0.0.1:${port}`, key: given, stdin });
      const answer = Object.fromEntries(
        stdout
          .trim()
          .split('\n')
          .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
      );
      expect([stderr, await refused(encodeURIComponent(answer['username']!), answer['password']!)]).toEqual(['', 'it succeeded']);
    }
  });
});

describe('bad input', () => {
  const type = (service: string) => ({ 'content-type': `application/x-${service}-request` });
  const fetching = { ...type('git-upload-pack'), 'git-protocol': 'version=2' };

  test.each([
    ['the dumb protocol', ['GET', '/v1/repos/demo/info/refs', {}, undefined], 403],
    ['a loose object', ['GET', '/v1/repos/demo/objects/aa/bb', {}, undefined], 403],
    ['a page', ['GET', '/v1/repos/demo', {}, undefined], 404],
    ['another service', ['GET', '/v1/repos/demo/info/refs?service=git-evil', {}, undefined], 403],
    ['no content type', ['POST', '/v1/repos/demo/git-upload-pack', {}, '0000'], 415],
    ['an unknown encoding', ['POST', '/v1/repos/demo/git-upload-pack', { ...fetching, 'content-encoding': 'br' }, '0000'], 415],
    ['no gzip', ['POST', '/v1/repos/demo/git-upload-pack', { ...fetching, 'content-encoding': 'gzip' }, 'plain'], 400],
    ['no packets', ['POST', '/v1/repos/demo/git-upload-pack', fetching, 'hello world'], 400],
    ['half a listing', ['POST', '/v1/repos/demo/git-upload-pack', fetching, '0014command=ls-refs\n00'], 400],
    ['an unknown command', ['POST', '/v1/repos/demo/git-upload-pack', fetching, '0011command=hack\n0000'], 400],
    ['no push', ['POST', '/v1/repos/demo/git-receive-pack', type('git-receive-pack'), 'hello world'], 400],
  ] satisfies [string, [string, string, Record<string, string>, string | undefined], number][])(
    '%s',
    async (_what, [method, path, headers, body], status) => {
      const answer = await send(method, path, headers, body === undefined ? undefined : Buffer.from(body));
      expect(answer.status).toBe(status);
      expect((await git.refs('id-1')).size).toBe(0);
    },
  );

  test('a compressed listing is understood', async () => {
    const answer = await send(
      'POST',
      '/v1/repos/demo/git-upload-pack',
      { ...fetching, 'content-encoding': 'gzip' },
      gzipSync('0014command=ls-refs\n00010009peel\n0000'),
    );
    expect([answer.status, answer.body.toString()]).toEqual([200, '0000']);
  });

  test('a bomb is cut off', async () => {
    const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024, '0014command=ls-refs\n'));
    expect((await send('POST', '/v1/repos/demo/git-upload-pack', { ...fetching, 'content-encoding': 'gzip' }, bomb)).status).toBe(413);
  });

  test('a push cut off in the middle changes nothing and leaves nothing', async () => {
    const seen = new Promise<void>((resolve) => (finishPush = async () => resolve()));
    const socket = connect(port, '127.0.0.1');
    const basic = Buffer.from('ann:ann:pw').toString('base64');
    const line = `${'0'.repeat(40)} ${'a'.repeat(40)} refs/heads/main\0report-status`;
    const pkt = (line.length + 4).toString(16).padStart(4, '0') + line + '0000PACK';
    socket.write(
      `POST /v1/repos/demo/git-receive-pack HTTP/1.1\r\nHost: x\r\nAuthorization: Basic ${basic}\r\n` +
        `Content-Type: application/x-git-receive-pack-request\r\nContent-Length: 100000\r\n\r\n${pkt}`,
    );
    await new Promise((resolve) => socket.once('ready', resolve));
    socket.end();
    await seen;
    expect((await git.refs('id-1')).size).toBe(0);
    expect(readdirSync(join(folder, 'server', 'id-1.git', 'objects')).toSorted()).toEqual(['info', 'pack']);
    socket.destroy();
  });
});
