import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../kernel/log.ts';
import type { ByteStream } from '../../ports/blobs.ts';
import type { Git, GitServiceName } from '../../ports/git.ts';
import type { SpawnedProcess } from '../../ports/spawn.ts';
import { speaks } from './advertise.ts';
import { decodedBody, endingWithClient, limited, peekLine } from './body.ts';
import { lsRefs } from './listing.ts';
import { Refusal } from './refusal.ts';

/** What a client may say in a fetch (its wants and haves), bytes. Packs come with pushes only; those have no limit here. */
const FETCH_LIMIT = 64 * 1024 * 1024;
const LIST_LIMIT = 4 * 1024 * 1024;
/** Bytes that git may be ahead of its client: it goes on packing while the client is busy with what it has. */
const AHEAD = 4 * 1024 * 1024;

export interface Call {
  readonly repository: string;
  readonly service: GitServiceName;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly log: Logger;
  /** Runs after a push, before the client learns of its success. */
  finish(): Promise<void>;
}

function protocolOf(request: IncomingMessage): string | undefined {
  return request.headers['git-protocol']?.toString();
}

function checkType({ request, service }: Call): void {
  const expected = `application/x-${service}-request`;
  if (request.headers['content-type'] !== expected) throw new Refusal(415, `Expected Content-Type ${expected}.`);
}

function begin(response: ServerResponse, service: GitServiceName): void {
  if (!response.headersSent) response.writeHead(200, { 'content-type': `application/x-${service}-result`, 'cache-control': 'no-cache' });
}

async function all(body: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Resolves once the client has taken what was written, or has gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

/** Hands on what git says. The answer is left open, so that the client waits until the call is finished. */
async function stream({ repository, response, service, log }: Call, child: SpawnedProcess): Promise<void> {
  for await (const chunk of child.stdout) {
    begin(response, service);
    // A client that has gone does not keep git from ending properly.
    if (response.destroyed) continue;
    const full = !response.write(chunk);
    if (full && response.writableLength > AHEAD) await drained(response);
  }
  const { code } = await child.exit;
  if (code === 0) return;
  // Git tells its client what is wrong where it still can; where it said nothing, it could not make sense of the request.
  log.warn('git did not serve a request', { repository, service, code, stderr: child.stderr().trim() });
  if (!response.headersSent) throw new Refusal(400, 'The request is not in the format of git.');
}

async function fetch(git: Git, call: Call): Promise<void> {
  const { repository, request, response, service } = call;
  const protocol = protocolOf(request);
  const { first, body } = await peekLine(limited(decodedBody(request), FETCH_LIMIT));
  if (speaks(protocol, 2) && first === 'command=ls-refs') {
    const answer = await lsRefs(git, repository, await all(limited(body, LIST_LIMIT)));
    begin(response, service);
    response.end(answer);
    return;
  }
  const gone = new AbortController();
  response.once('close', () => gone.abort());
  let broken: unknown;
  const stdin = endingWithClient(body, (error) => (broken = error));
  const child = git.serve(repository, { service, advertise: false, stdin, signal: gone.signal, ...(protocol && { protocol }) });
  try {
    await stream(call, child);
  } catch (error) {
    // What broke the request says more than git's surprise at it.
    throw broken ?? error;
  }
  begin(response, service);
  response.end();
}

/** Git tries a large push out with an empty message first, to learn whether it is let in. */
async function isProbe(request: IncomingMessage): Promise<boolean> {
  return request.headers['content-length'] === '4' && (await all(request)).toString() === '0000';
}

async function push(git: Git, call: Call): Promise<void> {
  const { repository, request, response, service } = call;
  if (await isProbe(request)) {
    begin(response, service);
    response.end();
    return;
  }
  let cut: unknown;
  const stdin = endingWithClient(decodedBody(request), (error) => (cut = error));
  try {
    await stream(call, git.serve(repository, { service, advertise: false, stdin }));
  } catch (error) {
    // Git's complaint about half a message is the client's doing.
    throw cut === undefined ? error : new Refusal(400, 'The request is incomplete.');
  } finally {
    // References may have moved, whatever came of the connection.
    await call.finish();
  }
  begin(response, service);
  response.end();
}

/** Serves one `git-upload-pack` or `git-receive-pack` request. */
export async function serveCall(git: Git, call: Call): Promise<void> {
  checkType(call);
  await (call.service === 'git-receive-pack' ? push(git, call) : fetch(git, call));
}
