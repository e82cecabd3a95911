import type { GitServiceName } from '../../ports/git.ts';

/** What a request for a repository behind a connection is for. */
export interface ProxyRoute {
  readonly account: string;
  readonly region: string;
  /** The connection's id. */
  readonly connection: string;
  /** `owner/name`. */
  readonly repository: string;
  /** The path up to the repository, as sent: what the client's password is computed over. */
  readonly base: string;
  /** `info/refs`, or the service called. */
  readonly tail: string;
  readonly service: GitServiceName;
}

export const PREFIX = '/git-http/';

const PATH = /^(\/git-http\/(\d{12})\/([\w-]+)\/([\w-]+)\/([\w./-]+?))\/(info\/refs|git-upload-pack|git-receive-pack)$/;

function serviceOf(text: string | null): GitServiceName | undefined {
  return text === 'git-upload-pack' || text === 'git-receive-pack' ? text : undefined;
}

/**
 * `/git-http/ACCOUNT/REGION/CONNECTION/OWNER/NAME.git/…`, as AWS's own URLs are; undefined for what git's smart protocol does not ask.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/tutorials-github-gitclone.html
 */
export function parseProxyRoute(method: string, url: string): ProxyRoute | undefined {
  const [path = '', query = ''] = url.split('?', 2);
  const match = PATH.exec(path);
  if (!match) return undefined;
  const [, base = '', account = '', region = '', connection = '', name = '', tail = ''] = match;
  const listing = tail === 'info/refs';
  const service = serviceOf(listing ? new URLSearchParams(query).get('service') : tail);
  if (!service || method !== (listing ? 'GET' : 'POST')) return undefined;
  return { account, region, connection, repository: name.replace(/\.git$/, ''), base, tail, service };
}
