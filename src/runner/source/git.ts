import { execFile } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { clientError } from '../build/failure.ts';
import type { Mirrors, RunGit } from './mirror.ts';

const run = promisify(execFile);

export interface GitFetch {
  readonly url: string;
  /** For messages: `primary source` where it is left out. */
  readonly what?: string;
  /** A branch, tag, commit, full reference, or `pr/N`; absent: the remote's HEAD. */
  readonly version: string | undefined;
  /** Commits of history; 0, or more than 25, for all. */
  readonly depth: number;
  /** All branches (as origin's) and tags come too. */
  readonly wholeRepository?: boolean;
  readonly submodules: boolean;
  readonly insecureSsl: boolean;
  /** Certificates to trust instead of the system's. */
  readonly caFile?: string;
  readonly directory: string;
  readonly credentials?: { readonly username: string; readonly password: string };
  readonly signal: AbortSignal;
  /** `file` is for tests only. */
  readonly protocols?: string;
  /** What was fetched before, and for whom. */
  readonly mirrors?: { readonly mirrors: Mirrors; readonly project: string };
}

const COMMIT = /^[0-9a-f]{40}$/;

/** What to ask the remote for, in the order of likelihood. https://docs.aws.amazon.com/codebuild/latest/userguide/sample-source-version.html */
export function candidates(version: string | undefined): readonly string[] {
  if (version === undefined || version === '') return ['HEAD'];
  const pull = /^pr\/(\d+)$/.exec(version);
  if (pull) return [`refs/pull/${pull[1]}/head`, `refs/merge-requests/${pull[1]}/head`];
  const [name] = version.split('^{') as [string];
  if (name.startsWith('refs/') || COMMIT.test(name)) return [name];
  return [`refs/heads/${name}`, `refs/tags/${name}`, name];
}

function environment(fetch: GitFetch): NodeJS.ProcessEnv {
  const { credentials, insecureSsl, caFile, protocols = 'https:http:ssh' } = fetch;
  const config: [string, string][] = [['credential.helper', '']];
  // In the environment, not on the command line: nobody else may read it there.
  if (credentials) {
    const basic = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
    config.push([`http.${new URL(fetch.url).origin}/.extraHeader`, `Authorization: Basic ${basic}`]);
  }
  if (insecureSsl) config.push(['http.sslVerify', 'false']);
  if (caFile !== undefined) config.push(['http.sslCAInfo', caFile]);
  return {
    PATH: process.env['PATH'],
    HOME: fetch.directory,
    LANG: 'C.UTF-8',
    GIT_ALLOW_PROTOCOL: protocols,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(
      config.flatMap(([key, value], i) => [
        [`GIT_CONFIG_KEY_${i}`, key],
        [`GIT_CONFIG_VALUE_${i}`, value],
      ]),
    ),
  };
}

interface Where {
  readonly folder?: string;
  /** More objects than the repository has. */
  readonly objects?: string;
}

async function git(fetch: GitFetch, args: readonly string[], { folder = fetch.directory, objects }: Where = {}): Promise<string> {
  const env = { ...environment(fetch), ...(objects !== undefined && { GIT_ALTERNATE_OBJECT_DIRECTORIES: objects }) };
  const options = { cwd: folder, env, signal: fetch.signal, maxBuffer: 16 * 1024 * 1024 };
  return (await run('git', [...args], options)).stdout.trim();
}

function failed(fetch: GitFetch, error: unknown): Error {
  if (fetch.signal.aborted) return error as Error;
  const { stderr = '' } = error as { stderr?: string };
  const why = stderr
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('hint:'))
    .join(' ');
  return clientError(
    `git fetch failed for ${fetch.what ?? 'primary source'} and source version ${fetch.version ?? 'HEAD'}: ${why || (error as Error).message}`,
  );
}

/** Empty, as it was given to us. */
async function emptied(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await rm(join(folder, name), { recursive: true, force: true });
}

/** The commit that was brought and checked out; undefined where it is to be fetched from the remote, into a folder that is empty again. */
async function fromMirror(fetch: GitFetch, history: readonly string[]): Promise<string | undefined> {
  const { url, version, wholeRepository = false, directory, signal } = fetch;
  if (!fetch.mirrors) return undefined;
  const { mirrors, project } = fetch.mirrors;
  const run: RunGit = (folder, args) => git(fetch, args, { folder });
  const wish = { project, url, candidates: candidates(version), history, wholeRepository, git: run };
  const ready = begun(fetch);
  const checkOut = (commit: string, objects: string): Promise<unknown> => git(fetch, checkOutCommand(commit), { objects });
  // A failure is that of `fill`, or of the remote's turn.
  const filled = await Promise.allSettled([mirrors.fill({ repository: directory, ready, checkOut }, wish), ready]);
  signal.throwIfAborted();
  if (filled[0].status === 'fulfilled' && filled[0].value) return headOf(directory);
  return emptied(directory).then(() => undefined);
}

const checkOutCommand = (commit: string): readonly string[] => ['checkout', '--quiet', '--force', '--detach', commit];

/** The commit that is checked out, and no branch. */
async function headOf(directory: string): Promise<string> {
  return (await readFile(join(directory, '.git', 'HEAD'), 'utf8')).trim();
}

async function begun(fetch: GitFetch): Promise<void> {
  await git(fetch, ['init', '--quiet']);
  await git(fetch, ['remote', 'add', '--', 'origin', fetch.url]);
}

async function checkedOut(fetch: GitFetch, commit: string): Promise<string> {
  await git(fetch, checkOutCommand(commit));
  return headOf(fetch.directory);
}

async function fromRemote(fetch: GitFetch, history: readonly string[]): Promise<string> {
  await begun(fetch);
  if (fetch.wholeRepository) await git(fetch, ['fetch', '--quiet', '--tags', '--', 'origin', '+refs/heads/*:refs/remotes/origin/*']);
  let last: unknown;
  for (const ref of candidates(fetch.version)) {
    try {
      await git(fetch, ['fetch', '--quiet', ...history, '--', 'origin', ref]);
      return await checkedOut(fetch, 'FETCH_HEAD');
    } catch (error) {
      last = error;
    }
  }
  throw last as Error;
}

/** Checks the version out into the (empty) directory and answers its commit. Fails the phase where the remote does not give it. */
export async function fetchGit(fetch: GitFetch): Promise<string> {
  const history = fetch.depth === 0 || fetch.depth > 25 ? [] : [`--depth=${fetch.depth}`];
  try {
    const commit = (await fromMirror(fetch, history)) ?? (await fromRemote(fetch, history));
    if (fetch.submodules) await git(fetch, ['submodule', 'update', '--quiet', '--init', '--recursive', ...history]);
    return commit;
  } catch (error) {
    throw failed(fetch, error);
  }
}
