import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Failure } from './failure.ts';
import type { CliTools } from './tools.ts';

export interface GitLogin {
  readonly username: string;
  readonly password: string;
}

export interface PushedCommit {
  readonly id: string;
  readonly message: string;
}

const BRANCH = 'main';
/** The password travels in git's environment: in a URL it would show in process lists and error messages. */
const HELPER = '!f() { test "$1" = get && printf "username=%s\\npassword=%s\\n" "$PIPEWRIGHT_GIT_USER" "$PIPEWRIGHT_GIT_PASSWORD"; }; f';
/** Our own server needs no proxy, and no helper may keep a password that lasts for one run. */
const CONFIG = [
  'http.proxy=',
  'credential.helper=',
  `credential.helper=${HELPER}`,
  'user.name=Pipewright',
  'user.email=quickstart@localhost',
];

export function requireGit(env: CliTools['env']): void {
  try {
    execFileSync('git', ['--version'], { env: env as NodeJS.ProcessEnv, stdio: 'pipe' });
  } catch {
    throw new Failure('git is needed and was not found: install it (https://git-scm.com/downloads) and try again.');
  }
}

/** Nobody's own configuration, and no repository that we happen to be called from. */
export function gitEnvironment(env: CliTools['env'], { username, password }: GitLogin): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(([name]) => !name.startsWith('GIT_'));
  return {
    ...Object.fromEntries(kept),
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    PIPEWRIGHT_GIT_USER: username,
    PIPEWRIGHT_GIT_PASSWORD: password,
  };
}

export function gitIn(folder: string, env: NodeJS.ProcessEnv): (...args: readonly string[]) => Promise<string> {
  const config = CONFIG.flatMap((setting) => ['-c', setting]);
  return (...args) =>
    new Promise((resolve, reject) => {
      execFile('git', ['-C', folder, ...config, ...args], { env }, (error, stdout, stderr) => {
        if (error) reject(new Failure(`git ${args[0]} failed: ${stderr.trim() || error.message}`));
        else resolve(stdout.trim());
      });
    });
}

/** What is made by building the example is not part of it. */
const LEFT_OUT = new Set(['node_modules', 'dist']);

/**
 * Commits the example in a folder of its own and pushes it over HTTP. Where an earlier quickstart has pushed it already, an empty commit
 * on top: what the user has changed since stays.
 */
export async function pushExample(env: CliTools['env'], example: string, cloneUrl: string, login: GitLogin): Promise<PushedCommit> {
  const folder = mkdtempSync(join(tmpdir(), 'pipewright-example-'));
  const git = gitIn(folder, gitEnvironment(env, login));
  try {
    await git('init', '--quiet', '--initial-branch', BRANCH);
    const there = (await git('ls-remote', '--heads', cloneUrl, BRANCH)) !== '';
    if (there) {
      await git('fetch', '--quiet', '--depth', '1', cloneUrl, BRANCH);
      await git('reset', '--quiet', '--hard', 'FETCH_HEAD');
    } else cpSync(example, folder, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
    const message = there ? 'Deliver the site once more' : 'Start the site';
    await git('add', '--all');
    await git('commit', '--quiet', '--allow-empty', '--message', message);
    await git('push', '--quiet', cloneUrl, BRANCH);
    return { id: await git('rev-parse', 'HEAD'), message };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
