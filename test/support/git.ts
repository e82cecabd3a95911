import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const author = ['-c', 'user.name=Test', '-c', 'user.email=test@localhost', '-c', 'init.defaultBranch=main'];

/** Runs git without anybody's configuration; resolves with its output, rejects with what it complains of. */
export function git(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  const clean = {
    PATH: process.env['PATH'] ?? '',
    HOME: '/nonexistent',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    ...env,
  };
  return new Promise((resolve, reject) => {
    execFile('git', ['-C', cwd, ...author, ...args], { env: clean }, (error, stdout, stderr) => {
      if (error) reject(new Error(`git ${args.join(' ')}: ${stderr.trim() || error.message}`));
      else resolve(stdout.trim());
    });
  });
}

/** Writes the files and commits them, in a new repository or in the one that is there; resolves with the commit's id. */
export async function commit(folder: string, files: Readonly<Record<string, string>>, message: string): Promise<string> {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  await git(folder, ['init', '--quiet']);
  await git(folder, ['add', '--all']);
  await git(folder, ['commit', '--quiet', '--message', message]);
  return git(folder, ['rev-parse', 'HEAD']);
}

/** The URL with a user name and a password in it. */
export function withLogin(url: string, username: string, password: string): string {
  const login = new URL(url);
  login.username = encodeURIComponent(username);
  login.password = encodeURIComponent(password);
  return login.href;
}
