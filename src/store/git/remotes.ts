import { createHash } from 'node:crypto';
import { PipewrightError } from '../../kernel/errors.ts';
import type { Oid, RemoteAccess } from '../../ports/git.ts';
import { runGit, tryGit, type GitProgram, type GitResult, type RunOptions } from './environment.ts';

/** What a URL must not carry into error messages. */
function withoutPassword(text: string): string {
  return text.replace(/\/\/[^/@\s]*@/g, '//');
}

/** Credentials go through the environment, which other users cannot read, not through arguments. */
function options({ username, password, signal }: RemoteAccess): RunOptions {
  const basic = Buffer.from(`${username ?? ''}:${password ?? ''}`).toString('base64');
  const secret = password !== undefined || username !== undefined;
  const config = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'http.extraHeader', GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}` };
  return { env: { GIT_SSH_COMMAND: 'ssh -o BatchMode=yes', ...(secret && config) }, ...(signal && { signal }) };
}

function checked(result: GitResult, what: string, url: string): Buffer {
  if (result.code === 0) return result.stdout;
  throw new PipewrightError('RemoteFailed', withoutPassword(`cannot ${what} ${url}: ${result.stderr.trim()}`));
}

/** HEAD, branches and tags; an annotated tag counts as the commit it points at. */
export async function lsRemote(program: GitProgram, url: string, access: RemoteAccess): Promise<ReadonlyMap<string, Oid>> {
  const result = await tryGit(program, ['ls-remote', '--quiet', '--', url], options(access));
  const refs = new Map<string, Oid>();
  for (const line of checked(result, 'list', url).toString().split('\n')) {
    const match = /^([0-9a-f]{40})\t(HEAD|refs\/(?:heads|tags)\/.*)$/.exec(line);
    // A tag's `^{}` line follows the tag's own.
    if (match) refs.set(match[2]!.replace(/\^\{\}$/, ''), match[1]!);
  }
  return refs;
}

/** The id of the cache of a foreign repository. */
export function cacheId(url: string): string {
  return `cache-${createHash('sha256').update(url).digest('hex').slice(0, 32)}`;
}

/** Fetches one commit into the repository at `path`, unless it is there already, and keeps it under a reference of its own. */
export async function fetchCommit(program: GitProgram, path: string, url: string, commit: Oid, access: RemoteAccess): Promise<void> {
  const { code } = await tryGit(program, [`--git-dir=${path}`, 'cat-file', '-e', `${commit}^{commit}`]);
  if (code === 0) return;
  const refspec = `+${commit}:refs/pipewright/fetched/${commit}`;
  const args = [`--git-dir=${path}`, 'fetch', '--quiet', '--no-tags', '--depth=1', '--no-write-fetch-head', '--', url, refspec];
  checked(await tryGit(program, args, options(access)), 'fetch from', url);
  await runGit(program, [`--git-dir=${path}`, 'cat-file', '-e', `${commit}^{commit}`]);
}
