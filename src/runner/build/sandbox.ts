import { existsSync, rmSync } from 'node:fs';
import { streamInside } from '../../kernel/open-inside.ts';
import type { Buildspec } from '../../services/codebuild/rules/buildspec/types.ts';
import type { BuildLog } from '../output/build-log.ts';

/** A sandbox reads no buildspec: what is run comes later. */
export const NO_BUILDSPEC: Buildspec = {
  version: '0.2',
  env: { variables: {}, parameterStore: {}, secretsManager: {}, exportedVariables: [], gitCredentialHelper: false },
  proxy: { uploadArtifacts: false, logs: false },
  phases: [],
  secondaryArtifacts: {},
  reports: {},
};

export interface SandboxResult {
  readonly exitCode: number;
  readonly standardOutput: string;
  readonly standardError: string;
}

/** Where a sandbox's commands come from, and where their results go. */
export interface SandboxCalls {
  /** Waits a while for the next one. */
  next(): Promise<{ readonly id: string; readonly command: string } | undefined>;
  complete(id: string, result: SandboxResult): Promise<void>;
}

export interface Captured {
  readonly status: number;
  /** The files, which are the caller's then. */
  readonly output: string;
  readonly error: string;
  /** Where the files are, which the command may have put something else in place of. */
  readonly folder: string;
}

/** A shell that runs a command with its output in files. */
export interface CapturingShell {
  captured(command: string): Promise<Captured>;
}

/** Of what a command writes this many bytes are told as its output; the log has all of it. */
const MOST_BYTES = 256 * 1024;

/** Puts a file into the log; answers its beginning as text. */
async function told(path: string, folder: string, log: BuildLog): Promise<string> {
  // It may have emptied its temporary folder.
  if (!existsSync(path)) return '';
  const kept: Buffer[] = [];
  let size = 0;
  for await (const chunk of streamInside(path, folder) as AsyncIterable<Buffer>) {
    log.output(chunk);
    if (size < MOST_BYTES) kept.push(chunk.subarray(0, MOST_BYTES - size));
    size += chunk.length;
  }
  rmSync(path, { force: true });
  log.flush();
  return log.masked(Buffer.concat(kept).toString('utf8'));
}

/** Runs the commands of a sandbox one after another, until somebody stops it. */
export async function serveCommands(shell: CapturingShell, calls: SandboxCalls, log: BuildLog, signal: AbortSignal): Promise<void> {
  const stopped = new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined), { once: true }));
  while (!signal.aborted) {
    const asked = calls.next();
    // Whoever stops it does not wait for an answer, which may well be that it is gone.
    asked.catch(() => undefined);
    const next = await Promise.race([asked, stopped]);
    if (!next || signal.aborted) continue;
    log.agent(`Running command ${next.command.trimEnd()}`);
    const { status, output, error, folder } = await shell.captured(next.command);
    const result = { exitCode: status, standardOutput: await told(output, folder, log), standardError: await told(error, folder, log) };
    if (!signal.aborted) await calls.complete(next.id, result);
  }
}
