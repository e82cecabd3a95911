import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gitEnvironment, gitIn, type GitLogin } from '../quickstart-git.ts';
import type { CliTools } from '../tools.ts';

const run = promisify(execFile);
const NOBODY: GitLogin = { username: '', password: '' };

interface Repository {
  /** Of git's objects. */
  readonly objects: string;
  readonly head: string;
}

/** The repository whose top the folder is, as long as it has a commit. */
async function repositoryAt(folder: string): Promise<Repository | undefined> {
  const git = async (...args: string[]): Promise<string> => (await run('git', ['-C', folder, ...args])).stdout.trim();
  try {
    const [prefix, objects, shallow] = await Promise.all([
      git('rev-parse', '--show-prefix'),
      git('rev-parse', '--path-format=absolute', '--git-path', 'objects'),
      git('rev-parse', '--is-shallow-repository'),
    ]);
    if (prefix !== '' || shallow === 'true') return undefined;
    return { objects, head: await git('rev-parse', '--verify', 'HEAD') };
  } catch {
    // No repository, or one without a commit.
    return undefined;
  }
}

/**
 * A commit of a folder as it is now, uncommitted changes and all, without what git ignores; on top of its history where it has one. It is
 * made in a repository of its own: nothing of the user's is touched.
 */
export class WorkTreeCommit {
  readonly #gitDir: string;
  readonly #env: CliTools['env'];
  readonly id: string;

  private constructor(gitDir: string, env: CliTools['env'], id: string) {
    this.#gitDir = gitDir;
    this.#env = env;
    this.id = id;
  }

  static async make(folder: string, env: CliTools['env']): Promise<WorkTreeCommit> {
    const gitDir = mkdtempSync(join(tmpdir(), 'pipewright-source-'));
    try {
      const repository = await repositoryAt(folder);
      const git = gitIn(folder, { ...gitEnvironment(env, NOBODY), GIT_DIR: gitDir, GIT_WORK_TREE: folder });
      await git('init', '--quiet');
      if (repository) {
        writeFileSync(join(gitDir, 'objects/info/alternates'), `${repository.objects}\n`);
        await git('update-ref', 'HEAD', repository.head);
        await git('read-tree', 'HEAD');
      }
      await git('add', '--all', '.');
      const changed = !repository || (await git('diff', '--cached', '--name-only', 'HEAD')) !== '';
      if (changed) await git('commit', '--quiet', '--allow-empty', '--no-verify', '--message', 'The work tree as it is');
      return new WorkTreeCommit(gitDir, env, await git('rev-parse', 'HEAD'));
    } catch (error) {
      rmSync(gitDir, { recursive: true, force: true });
      throw error;
    }
  }

  async push(url: string, branch: string, login: GitLogin): Promise<void> {
    const git = gitIn(this.#gitDir, { ...gitEnvironment(this.#env, login), GIT_DIR: this.#gitDir });
    await git('push', '--quiet', '--', url, `${this.id}:refs/heads/${branch}`);
  }

  /** A zip of all files. */
  zip(): Buffer {
    const env = { ...gitEnvironment(this.#env, NOBODY), GIT_DIR: this.#gitDir };
    return execFileSync('git', ['archive', '--format=zip', this.id], { env, maxBuffer: 2 ** 31 - 1 });
  }

  remove(): void {
    rmSync(this.#gitDir, { recursive: true, force: true });
  }
}
