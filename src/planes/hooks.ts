import type { IncomingMessage, ServerResponse } from 'node:http';

const PREFIX = '/_pipewright/hooks/';
/** GitHub sends at most this much: https://docs.github.com/en/webhooks/webhook-events-and-payloads#payload-cap */
const MOST_BYTES = 25 * 1024 * 1024;

export interface Hook {
  /** The last part of the path. */
  readonly id: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Uint8Array;
  /** Where the request came from. */
  readonly remoteAddress: string;
}

/** Whoever knows webhooks; asked in turn. Undefined: the id is none of his. */
export type HookReceiver = (hook: Hook) => Promise<{ readonly status: number; readonly message: string } | undefined>;

function answer(response: ServerResponse, status: number, message: string): void {
  const body = Buffer.from(JSON.stringify({ message }));
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': body.byteLength, 'cache-control': 'no-store' });
  response.end(body);
}

/** The body, or undefined where it is too large. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > MOST_BYTES) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += (chunk as Buffer).length;
    if (size > MOST_BYTES) return undefined;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}

function headersOf(request: IncomingMessage): Hook['headers'] {
  return Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]),
  );
}

/** Webhooks of git hosts at `POST /_pipewright/hooks/ID`: each is checked by the one it is for, which says how. */
export function createHooksPlane(receivers: readonly HookReceiver[]) {
  return {
    /** Git hosts call the name that they were given, which may be a tunnel's. */
    anyHost: true,
    matches: (request: IncomingMessage): boolean => request.url?.startsWith(PREFIX) ?? false,
    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      if (request.method !== 'POST') return answer(response, 405, 'Only POST is answered here.');
      const id = (request.url ?? '').slice(PREFIX.length).split('?', 1)[0] ?? '';
      const body = /^[\w-]{1,100}$/.test(id) ? await bodyOf(request) : Buffer.alloc(0);
      if (!body) {
        response.setHeader('connection', 'close');
        return answer(response, 413, 'The body is too large.');
      }
      const hook = { id, headers: headersOf(request), body, remoteAddress: request.socket.remoteAddress ?? '' };
      for (const receive of receivers) {
        const said = await receive(hook);
        if (said) return answer(response, said.status, said.message);
      }
      answer(response, 404, 'There is no such webhook.');
    },
  };
}
