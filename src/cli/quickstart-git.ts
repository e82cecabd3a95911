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

export function requireGit(env: CliTools['env']): void {
  try {
    execFileSync('git', ['--version'], { env: env as NodeJS.ProcessEnv, stdio: 'pipe' });
  } catch {
    throw new Failure('git is needed and was not found: install it (https://git-scm.com/downloads) and try again.');
  }
}

function git(env: CliTools['env'], cwd: string, args: readonly string[]): Promise<string> {
  const safe = { ...env, GIT_TERMINAL_PROMPT: '0', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
  return new Promise((resolve, reject) => {
    execFile('git', ['-C', cwd, ...args], { env: safe as NodeJS.ProcessEnv }, (error, stdout, stderr) => {
      if (error) reject(new Failure(`git ${args[0]} failed: ${stderr.trim() || error.message}`));
      else resolve(stdout.trim());
    });
  });
}

/** What is made by building the example is not part of it. */
const LEFT_OUT = new Set(['node_modules', 'dist']);

/** Commits the example in a folder of its own and pushes it over HTTP; answers the commit's id. */
export async function pushExample(env: CliTools['env'], example: string, cloneUrl: string, login: GitLogin): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'pipewright-example-'));
  try {
    cpSync(example, folder, { recursive: true, filter: (path) => !LEFT_OUT.has(basename(path)) });
    const url = new URL(cloneUrl);
    url.username = encodeURIComponent(login.username);
    url.password = encodeURIComponent(login.password);
    const author = ['-c', 'user.name=Pipewright', '-c', 'user.email=quickstart@localhost'];
    await git(env, folder, ['init', '--quiet', '--initial-branch', 'main']);
    await git(env, folder, ['add', '--all']);
    await git(env, folder, [...author, 'commit', '--quiet', '--message', 'Start the site']);
    await git(env, folder, ['push', '--quiet', url.href, 'main']);
    return await git(env, folder, ['rev-parse', 'HEAD']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
