import type { IncomingMessage, ServerResponse } from 'node:http';
import { PipewrightError } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/log.ts';
import type { Authorise, Principal } from '../../ports/authorise.ts';
import type { Git } from '../../ports/git.ts';
import { Advertiser } from './advertise.ts';
import { basicLogin, type Authenticate } from './authenticate.ts';
import { serveCall } from './call.ts';
import { Refusal, sendRefusal } from './refusal.ts';
import { parseRoute, PREFIX, type GitRoute } from './route.ts';

/** A repository as the plane knows it. */
export interface HostedRepository {
  /** The id that ports/git knows it by. */
  readonly id: string;
  readonly region: string;
}

export interface GitPlaneTools {
  readonly git: Git;
  readonly authenticate: Authenticate;
  readonly authorise: Authorise;
  /** The repository of this name in an account; `host` may name a region, as AWS's own host names do. */
  findRepository(name: string, account: string, host: string): Promise<HostedRepository | undefined>;
  /** Looks what a push has moved; the client is told of its success only afterwards. */
  afterPush(repository: HostedRepository, principal: Principal): Promise<void>;
  readonly log: Logger;
}

async function admit(
  tools: GitPlaneTools,
  request: IncomingMessage,
  route: GitRoute,
): Promise<{ principal: Principal; repository: HostedRepository }> {
  const host = request.headers.host ?? '';
  const login = basicLogin(request.headers.authorization);
  const principal = await tools.authenticate(login && { ...login, path: route.base, host });
  if (!principal) throw new Refusal(401, login ? 'The user name or password is not right.' : 'A user name and a password are needed.');
  if (route.kind === 'dumb') throw new Refusal(403, 'Only the smart HTTP protocol is served.');
  const repository = await tools.findRepository(route.name, principal.account, host);
  if (!repository || !route.service) throw new Refusal(404, `There is no repository ${route.name}.`);
  const action = route.service === 'git-receive-pack' ? 'codecommit:GitPush' : 'codecommit:GitPull';
  const decision = tools.authorise({ principal, action, region: repository.region });
  if (!decision.allowed) throw new Refusal(403, decision.message);
  return { principal, repository };
}

async function serve(tools: GitPlaneTools, advertiser: Advertiser, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const route = parseRoute(request.method ?? 'GET', request.url ?? '/');
  if (!route) throw new Refusal(404, 'There is no such repository.');
  const { principal, repository } = await admit(tools, request, route);
  const service = route.service!;
  if (route.kind === 'call') {
    const finish = () => tools.afterPush(repository, principal);
    return serveCall(tools.git, { repository: repository.id, service, request, response, log: tools.log, finish });
  }
  const answer = await advertiser.answer(repository.id, service, request.headers['git-protocol']?.toString());
  response.writeHead(200, {
    'content-type': `application/x-${service}-advertisement`,
    'content-length': answer.byteLength,
    'cache-control': 'no-cache, max-age=0, must-revalidate',
  });
  response.end(answer);
}

function refusalOf(error: unknown): Refusal | undefined {
  if (error instanceof Refusal) return error;
  // Deleted between being found and being opened.
  if (error instanceof PipewrightError && error.code === 'NoSuchRepository') return new Refusal(404, 'There is no such repository.');
  // zlib's codes begin so: the body is not the gzip that its header says.
  if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'))
    return new Refusal(400, 'The body cannot be unzipped.');
  return undefined;
}

/** Git's smart HTTP protocol at `/v1/repos/NAME`, where AWS serves it (https://docs.aws.amazon.com/codecommit/latest/userguide/regions.html). */
export function createGitPlane(tools: GitPlaneTools) {
  const advertiser = new Advertiser(tools.git);
  return {
    matches: (request: IncomingMessage): boolean => request.url?.startsWith(PREFIX) ?? false,
    /** Rejects only with what is nobody's fault but ours. */
    async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
      try {
        await serve(tools, advertiser, request, response);
      } catch (error) {
        const refusal = refusalOf(error);
        if (!refusal) throw error;
        sendRefusal(response, refusal);
      }
    },
  };
}
