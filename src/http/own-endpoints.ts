import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../ports/authorise.ts';
import type { Bus } from '../ports/bus.ts';
import { ApiError } from '../protocol/errors.ts';
import type { Dispatcher } from '../protocol/dispatcher.ts';
import { streamEvents } from './event-stream.ts';
import { sendJson } from './plane.ts';
import type { Plane } from './plane.ts';

export interface OwnEndpoints {
  readonly dispatcher: Dispatcher;
  readonly bus: Bus;
  /** What `/_pipewright/health` says beside its status: version, services. */
  readonly health: () => object;
  /** Empties everything; absent without --allow-reset. */
  readonly reset?: (() => Promise<void>) | undefined;
  readonly failed: (error: unknown) => void;
}

const PREFIX = '/_pipewright/';

function pathOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0]!;
}

/** Only the account itself and its users may: sessions of builds and roles have no business here. */
function mayUse(principal: Principal): boolean {
  return principal.kind === 'root' || principal.kind === 'user';
}

async function admit(own: OwnEndpoints, request: IncomingMessage): Promise<void> {
  const principal = await own.dispatcher.identify(request, 'pipewright');
  if (!mayUse(principal)) throw new ApiError('AccessDeniedException', `${principal.arn} may not use this endpoint`, 403);
}

async function serve(own: OwnEndpoints, closing: AbortSignal, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [path, method] = [pathOf(request).slice(PREFIX.length), request.method];
  if (path === 'health' && (method === 'GET' || method === 'HEAD')) return sendJson(response, 200, { status: 'ok', ...own.health() });
  if (path === 'reset' && method === 'POST' && own.reset) {
    await admit(own, request);
    await own.reset();
    return sendJson(response, 200, {});
  }
  if (path === 'events' && method === 'GET') {
    await admit(own, request);
    const query = new URL(request.url!, 'http://localhost').searchParams;
    const lastId = request.headers['last-event-id'] ?? query.get('last-event-id') ?? undefined;
    return streamEvents(own.bus, response, Array.isArray(lastId) ? lastId[0] : lastId, { failed: own.failed, closing });
  }
  return sendJson(response, 404, { message: 'There is nothing here.' });
}

/** `/_pipewright/health`, `/_pipewright/reset` and `/_pipewright/events`. All but health want a request signed for service `pipewright`. */
export function ownEndpoints(own: OwnEndpoints): Plane {
  const closing = new AbortController();
  return {
    drain: () => closing.abort(),
    matches: (request) => pathOf(request).startsWith(PREFIX),
    async handle(request, response) {
      try {
        await serve(own, closing.signal, request, response);
      } catch (error) {
        if (!(error instanceof ApiError) || response.headersSent) throw error;
        sendJson(response, error.status, { code: error.code, message: error.message });
      }
    },
  };
}
