import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { Dispatcher } from '../protocol/dispatcher.ts';
import { passesCors } from './cors.ts';
import type { Cors } from './cors.ts';
import { isAllowedHost } from './origin.ts';
import { sendJson } from './plane.ts';
import type { Plane } from './plane.ts';
import { upgrade } from './upgrade.ts';
import { toldPath } from './told-path.ts';

export interface ListenerOptions {
  readonly dispatcher: Dispatcher;
  /** Asked in order before the AWS API. */
  readonly planes: readonly Plane[];
  /** Host names served beside this machine's own and addresses. */
  readonly hosts?: readonly string[];
  readonly cors?: Cors;
  readonly log: Logger;
}

export interface Listener {
  /** Resolves once requests are accepted; port 0 takes a free one. */
  listen(port: number, host: string): Promise<{ readonly port: number }>;
  /** Stops accepting, ends idle connections, and resolves when what is under way is done, or after `graceMs` when it has been cut off. */
  close(graceMs?: number): Promise<void>;
}

async function serve(options: ListenerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const plane = options.planes.find((candidate) => candidate.matches(request));
  if (!plane?.anyHost && !isAllowedHost(request.headers.host, options.hosts ?? [])) {
    return sendJson(response, 403, { message: 'This Host is not served here.' });
  }
  if (!(await passesCors(request, response, options.cors))) return;
  await (plane ?? options.dispatcher).handle(request, response);
}

async function handle(options: ListenerOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    await serve(options, request, response);
  } catch (error) {
    options.log.error('request failed', { path: toldPath(request.url ?? ''), error: messageOf(error) });
    if (response.headersSent) response.destroy();
    else sendJson(response, 500, { message: 'Internal error.' });
  }
}

/** How often connections whose last answer began before the drain are looked for. */
const SWEEP_MS = 50;

function listen(server: Server, port: number, host: string): Promise<{ readonly port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve({ port: (server.address() as AddressInfo).port });
    });
  });
}

/** While it drains, each answer ends its connection: a client that keeps it would keep us. */
function endAfterAnswers(server: Server): void {
  server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => response.setHeader('connection', 'close'));
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  server.once('close', () => clearInterval(sweep));
}

function close(server: Server, graceMs: number): Promise<void> {
  return new Promise((resolve) => {
    const force = setTimeout(() => server.closeAllConnections(), graceMs);
    endAfterAnswers(server);
    server.close(() => {
      clearTimeout(force);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** The one port: AWS's API and the planes, told apart by path and host. */
export function createListener(options: ListenerOptions): Listener {
  const server = createServer({ requestTimeout: 0, headersTimeout: 60_000, keepAliveTimeout: 75_000 }, (request, response) => {
    void handle(options, request, response);
  });
  server.on('upgrade', (request, socket, head) => upgrade(server, options, { request, socket, head }));
  // Bytes that are no HTTP get a short answer, not a stack trace.
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    else socket.destroy();
  });
  return {
    listen: (port, host) => listen(server, port, host),
    close(graceMs = 10_000) {
      for (const plane of options.planes) plane.drain?.();
      return close(server, graceMs);
    },
  };
}
