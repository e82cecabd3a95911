import { createHash } from 'node:crypto';
import { PipewrightError } from '../../kernel/errors.ts';
import type { Oid, RemoteAccess } from '../../ports/git.ts';
import { tryGit, type GitProgram, type GitResult, type RunOptions } from './environment.ts';

/** What a URL must not carry into error messages. */
function withoutPassword(text: string): string {
  return text.replace(/\/\/[^/@\s]*@/g, '//');
}

/**
 * Credentials go through the environment, which other users cannot read, not through arguments; and to the server they are for alone,
 * wherever it redirects to.
 */
function options(url: string, { username, password, signal }: RemoteAccess): RunOptions {
  const basic = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64');
  const secret = (password !== undefined || username !== undefined) && URL.canParse(url);
  const config = secret && {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: `http.${new URL(url).origin}/.extraHeader`,
    GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
  };
  return { env: { GIT_SSH_COMMAND: 'ssh -o BatchMode=yes', ...config }, ...(signal && { signal }) };
}

function checked(result: GitResult, what: string, url: string): Buffer {
  if (result.code === 0) return result.stdout;
  throw new PipewrightError('RemoteFailed', withoutPassword(`cannot ${what} ${url}: ${result.stderr.trim()}`));
}

/** HEAD, branches and tags; an annotated tag counts as the commit it points at. */
export async function lsRemote(program: GitProgram, url: string, access: RemoteAccess): Promise<ReadonlyMap<string, Oid>> {
  const result = await tryGit(program, ['ls-remote', '--quiet', '--', url], options(url, access));
  const refs = new Map<string, Oid>();
  for (const line of checked(result, 'list', url).toString().split('\n')) {
    const match = /^([0-9a-f]{40})\t(HEAD|refs\/(?:heads|tags)\/.*)$/.exec(line);
    // A tag's `^{}` line follows the tag's own.
    if (match) refs.set(match[2]!.replace(/\^\{\}$/, ''), match[1]!);
  }
  return refs;
}

const CACHE = 'cache-';

/** The id of the cache of a foreign repository. Each access has its own: what one may read another may not. */
export function cacheId(url: string, { username, password }: RemoteAccess): string {
  const key = username === undefined && password === undefined ? url : JSON.stringify([url, username, password]);
  return CACHE + createHash('sha256').update(key).digest('hex').slice(0, 32);
}

export function isCache(repository: string): boolean {
  return repository.startsWith(CACHE);
}

/**
 * Fetches one commit into the repository at `path`, unless it is there already, and keeps it under a reference of its own.
 * Servers that give out only what they list are asked for all their branches and tags instead.
 */
export async function fetchCommit(program: GitProgram, path: string, url: string, commit: Oid, access: RemoteAccess): Promise<void> {
  const isThere = async () => (await tryGit(program, [`--git-dir=${path}`, 'cat-file', '-e', `${commit}^{commit}`])).code === 0;
  const { history = { depth: 1 } } = access;
  if (!access.history && (await isThere())) return;
  const fetch = (...refspecs: string[]) =>
    tryGit(program, [`--git-dir=${path}`, 'fetch', '--quiet', '--no-tags', '--no-write-fetch-head', ...refspecs], options(url, access));
  const asked = 'depth' in history ? `--depth=${history.depth}` : `--shallow-since=${history.since}`;
  const alone = await fetch(asked, '--', url, `+${commit}:refs/pipewright/fetched/${commit}`);
  if (alone.code === 0) return;
  await fetch('--', url, '+refs/heads/*:refs/pipewright/heads/*', '+refs/tags/*:refs/pipewright/tags/*');
  if (!(await isThere())) checked(alone, `fetch ${commit} from`, url);
}

/** More than any history has: also what was fetched without its history gets it now. */
const WHOLE = '--depth=2147483647';

export async function fetchHistory(
  program: GitProgram,
  path: string,
  { url, commits }: { readonly url: string; readonly commits: readonly Oid[] },
  access: RemoteAccess,
): Promise<void> {
  const wanted = commits.map((commit) => `+${commit}:refs/pipewright/fetched/${commit}`);
  const args = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', WHOLE, '--', url, '+refs/heads/*:refs/pipewright/heads/*'];
  checked(await tryGit(program, [`--git-dir=${path}`, ...args, ...wanted], options(url, access)), 'fetch the history of', url);
}
