import { join } from 'node:path';
import { PipewrightError } from '../../kernel/errors.ts';
import type { ByteStream } from '../../ports/blobs.ts';
import type { SpawnedProcess, Spawner } from '../../ports/spawn.ts';

/** What every call of git needs to know. */
export interface GitProgram {
  readonly spawner: Spawner;
  /** The folder of all repositories. */
  readonly folder: string;
  /** Transports for foreign URLs, as GIT_ALLOW_PROTOCOL takes them. */
  readonly protocols: string;
  /** Where programs are looked for. */
  readonly path: string;
}

export interface RunOptions {
  readonly stdin?: ByteStream | Uint8Array;
  readonly env?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** The folder that stands in for the home folder: empty, so that nobody's ~/.gitconfig has a say. */
export function homeOf(folder: string): string {
  return join(folder, '.home');
}

function environment({ folder, protocols, path }: GitProgram): Record<string, string> {
  return {
    PATH: path,
    HOME: homeOf(folder),
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: protocols,
  };
}

/** Starts git with an environment built from nothing. */
export function startGit(program: GitProgram, args: readonly string[], options: RunOptions = {}): SpawnedProcess {
  const { stdin, env, signal } = options;
  return program.spawner.spawn({
    command: 'git',
    args,
    env: { ...environment(program), ...env },
    cwd: program.folder,
    ...(stdin && { stdin }),
    ...(signal && { signal }),
  });
}

export interface GitResult {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

export async function collect(stream: ByteStream): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Runs git to its end, whatever that is. */
export async function tryGit(program: GitProgram, args: readonly string[], options: RunOptions = {}): Promise<GitResult> {
  const child = startGit(program, args, options);
  const [stdout, { code }] = await Promise.all([collect(child.stdout), child.exit]);
  return { code, stdout, stderr: child.stderr() };
}

/** Runs git; rejects with code GitFailed unless it succeeds. */
export async function runGit(program: GitProgram, args: readonly string[], options: RunOptions = {}): Promise<Buffer> {
  const { code, stdout, stderr } = await tryGit(program, args, options);
  if (code !== 0)
    throw new PipewrightError('GitFailed', `git ${args.find((arg) => !arg.startsWith('-'))} ended with ${code}: ${stderr.trim()}`);
  return stdout;
}
