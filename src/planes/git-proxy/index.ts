import type { IncomingMessage, ServerResponse } from 'node:http';
import { formatArn } from '../../kernel/arn.ts';
import { PipewrightError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/log.ts';
import type { Principal } from '../../ports/authorise.ts';
import { basicLogin, type Authenticate } from '../git/authenticate.ts';
import { Refusal, sendRefusal } from '../git/refusal.ts';
import { forward } from './forward.ts';
import { parseProxyRoute, PREFIX } from './route.ts';

export interface GitProxyTools {
  /** For passwords that were computed for this region. */
  authenticate(region: string): Authenticate;
  /** Where the repository is, and what to say there; rejects with codes ConnectionUnavailable and AccessDenied. */
  resolve(
    connectionArn: string,
    repository: string,
    principal: Principal,
  ): Promise<{ readonly url: string; readonly authorization: string }>;
  readonly log: Logger;
}

async function serve(tools: GitProxyTools, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const route = parseProxyRoute(request.method ?? 'GET', request.url ?? '/');
  if (!route) throw new Refusal(404, 'There is no such repository.');
  const login = basicLogin(request.headers.authorization);
  const host = request.headers.host ?? '';
  const principal = await tools.authenticate(route.region)(login && { ...login, path: route.base, host });
  if (!principal) throw new Refusal(401, login ? 'The user name or password is not right.' : 'A user name and a password are needed.');
  const arn = formatArn('codeconnections', route.region, route.account, `connection/${route.connection}`);
  const { url, authorization } = await tools.resolve(arn, route.repository, principal);
  const query = route.tail === 'info/refs' ? `?service=${route.service}` : '';
  await forward(request, response, new URL(`${url}/${route.tail}${query}`), authorization);
}

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  if (!(error instanceof PipewrightError)) return undefined;
  if (error.code === 'ConnectionUnavailable') return new Refusal(404, error.message);
  return error.code === 'AccessDenied' ? new Refusal(403, error.message) : undefined;
}

/** Git through connections: whoever may use a connection reaches its repositories with his own credentials, and never sees its token. */
export function createGitProxyPlane(tools: GitProxyTools) {
  return {
    matches: (request: IncomingMessage): boolean => request.url?.startsWith(PREFIX) ?? false,
    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      try {
        await serve(tools, request, response);
      } catch (error) {
        const refusal = refusalOf(error);
        if (!refusal) throw error;
        sendRefusal(response, refusal);
      }
    },
  };
}
