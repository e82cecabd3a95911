import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { commit, git } from './git.ts';

export interface ToldStatus {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Readonly<Record<string, string>>;
}

/** A git host of our own: real repositories behind a token, and the part of the hosts' APIs that takes commit statuses. */
export class GitHost {
  readonly token = 'a-token-that-nobody-else-has';
  readonly folder = mkdtempSync(join(tmpdir(), 'git-host-'));
  readonly statuses: ToldStatus[] = [];
  /** Webhooks that were made here, by id. */
  readonly hooks = new Map<string, Readonly<Record<string, unknown>>>();
  /** Answers to the next statuses; afterwards they are taken. */
  readonly refusals: number[] = [];
  /** Authorization headers that git has sent. */
  readonly seen: string[] = [];
  readonly #server: Server = createServer((request, response) => void this.#serve(request, response));
  url = '';

  static async start(): Promise<GitHost> {
    const host = new GitHost();
    await new Promise<void>((resolve) => host.#server.listen(0, '127.0.0.1', resolve));
    host.url = `http://127.0.0.1:${(host.#server.address() as AddressInfo).port}`;
    return host;
  }

  /** A repository with one commit; resolves with a working copy. */
  async repository(name: string, files: Readonly<Record<string, string>>): Promise<WorkingCopy> {
    const bare = join(this.folder, `${name}.git`);
    await git(this.folder, ['init', '--quiet', '--bare', bare]);
    for (const setting of ['http.receivepack', 'uploadpack.allowAnySHA1InWant']) await git(bare, ['config', setting, 'true']);
    const folder = mkdtempSync(join(tmpdir(), 'git-work-'));
    await commit(folder, files, 'First commit');
    await git(folder, ['remote', 'add', 'origin', bare]);
    await git(folder, ['push', '--quiet', 'origin', 'main']);
    return new WorkingCopy(folder);
  }

  /** The statuses of a context, oldest first. */
  states(context: string): readonly string[] {
    return this.statuses.filter(({ body }) => (body.context ?? body.name) === context).map(({ body }) => body.state ?? '');
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (request.url ?? '').split('?')[0]!;
    if (path.includes('/statuses')) return this.#status(path, request, response);
    if (path.includes('/hooks')) return this.#hook(path, request, response);
    const login = Buffer.from((request.headers.authorization ?? '').replace(/^Basic /, ''), 'base64').toString();
    this.seen.push(login);
    if (!login.endsWith(`:${this.token}`)) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="host"' }).end();
      return;
    }
    this.#backend(path, request, response);
  }

  async #status(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = JSON.parse(await text(request)) as ToldStatus['body'];
    const refusal = this.refusals.shift();
    if (refusal === undefined) this.statuses.push({ path, headers: request.headers, body });
    response.writeHead(refusal ?? 201, { 'content-type': 'application/json' }).end('{}');
  }

  async #hook(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const answer = (status: number, value?: unknown) =>
      void response.writeHead(status).end(value === undefined ? '' : JSON.stringify(value));
    if (request.method === 'GET')
      return answer(
        200,
        [...this.hooks].map(([id, hook]) => ({ id: Number(id), ...hook })),
      );
    if (request.method === 'DELETE') return answer(this.hooks.delete(path.slice(path.lastIndexOf('/') + 1)) ? 204 : 404);
    const known = request.method === 'POST' ? undefined : path.slice(path.lastIndexOf('/') + 1);
    const id = known ?? String(this.hooks.size + 1);
    this.hooks.set(id, JSON.parse(body) as Record<string, unknown>);
    return answer(known === undefined ? 201 : 200, { id: Number(id), url: `${this.url}${path}${known === undefined ? `/${id}` : ''}` });
  }

  #backend(path: string, request: IncomingMessage, response: ServerResponse): void {
    const env = {
      PATH: process.env['PATH'] ?? '',
      GIT_PROJECT_ROOT: this.folder,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      HOME: '/nonexistent',
      PATH_INFO: path,
      QUERY_STRING: (request.url ?? '').split('?')[1] ?? '',
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: request.headers['git-protocol']?.toString() ?? '',
      REMOTE_USER: 'host',
    };
    const child = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    request.pipe(child.stdin);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.once('close', () => {
      const whole = Buffer.concat(chunks);
      const end = whole.indexOf('\r\n\r\n');
      const headers = whole
        .toString('latin1', 0, end)
        .split('\r\n')
        .map((line) => line.split(': ', 2) as [string, string]);
      const status = Number(headers.find(([name]) => name === 'Status')?.[1].slice(0, 3) ?? 200);
      response.writeHead(status, Object.fromEntries(headers.filter(([name]) => name !== 'Status'))).end(whole.subarray(end + 4));
    });
  }
}

/** A clone from which a test pushes. */
export class WorkingCopy {
  readonly folder: string;
  constructor(folder: string) {
    this.folder = folder;
  }

  head(ref = 'HEAD'): Promise<string> {
    return git(this.folder, ['rev-parse', ref]);
  }

  /** Commits to a branch (made from where we are, where it is not there) and pushes it; resolves with its ends before and after. */
  async push(
    branch: string,
    files: Readonly<Record<string, string>>,
    message = `Change of ${branch}`,
  ): Promise<{ before: string; after: string }> {
    const known = await git(this.folder, ['branch', '--list', branch]);
    await git(this.folder, ['checkout', '--quiet', ...(known === '' ? ['-b'] : []), branch]);
    const before = known === '' ? '0'.repeat(40) : await this.head();
    const after = await commit(this.folder, files, message);
    await git(this.folder, ['push', '--quiet', 'origin', branch]);
    return { before, after };
  }

  async tag(name: string): Promise<string> {
    await git(this.folder, ['tag', name]);
    await git(this.folder, ['push', '--quiet', 'origin', name]);
    return this.head(name);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
