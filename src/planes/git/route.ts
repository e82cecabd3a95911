import type { GitServiceName } from '../../ports/git.ts';

/** What a request to the git plane is for. */
export interface GitRoute {
  /** The repository's name, without a `.git` at its end. */
  readonly name: string;
  /** The path up to the name, as sent: what `aws codecommit credential-helper` signs. */
  readonly base: string;
  readonly kind: 'advertise' | 'call' | 'dumb' | 'unknown';
  readonly service: GitServiceName | undefined;
}

export const PREFIX = '/v1/repos/';

/** Files that the dumb protocol fetches one by one. */
const DUMB = /^(HEAD|info\/refs|objects\/.*)$/;

function serviceOf(text: string | null): GitServiceName | undefined {
  return text === 'git-upload-pack' || text === 'git-receive-pack' ? text : undefined;
}

/** Undefined where the path leads to no repository at all. */
export function parseRoute(method: string, url: string): GitRoute | undefined {
  const [path = '', query = ''] = url.split('?', 2);
  const match = /^\/v1\/repos\/([^/]+)(?:\/(.*))?$/.exec(path);
  if (!match) return undefined;
  const name = match[1]!.replace(/\.git$/, '');
  if (!/^[\w.-]{1,100}$/.test(name)) return undefined;
  const route = { name, base: PREFIX + match[1]!, service: undefined };
  const tail = match[2] ?? '';
  const called = serviceOf(tail);
  if (called && method === 'POST') return { ...route, kind: 'call', service: called };
  const wanted = serviceOf(new URLSearchParams(query).get('service'));
  const reads = method === 'GET' || method === 'HEAD';
  if (tail === 'info/refs' && wanted && reads) return { ...route, kind: 'advertise', service: wanted };
  return { ...route, kind: reads && DUMB.test(tail) ? 'dumb' : 'unknown' };
}
