import { spawn, type ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';
import { messageOf, PipewrightError } from '../kernel/errors.ts';
import type { ByteStream } from '../ports/blobs.ts';
import type { SpawnedProcess, Spawner, SpawnRequest } from '../ports/spawn.ts';

const STDERR_KEPT = 64 * 1024;

/** A child that closes its input early has said enough; how it ended tells the rest. */
const CLOSED_EARLY = new Set(['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED']);

/** Resolves once the child has taken what was written, or has closed its input. */
function drained(stdin: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      stdin.off('drain', done).off('close', done);
      resolve();
    };
    stdin.on('drain', done).on('close', done);
  });
}

async function feed(child: ChildProcess, input: ByteStream | Uint8Array | undefined): Promise<void> {
  const stdin = child.stdin!;
  let closed = false;
  stdin.on('close', () => (closed = true));
  if (input instanceof Uint8Array) stdin.write(input);
  else if (input) {
    for await (const chunk of input) {
      if (closed) break;
      if (!stdin.write(chunk)) await drained(stdin);
    }
  }
  stdin.end();
}

function keepTail(child: ChildProcess): () => string {
  let kept = Buffer.alloc(0);
  child.stderr!.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]);
    if (kept.length > STDERR_KEPT) kept = kept.subarray(kept.length - STDERR_KEPT);
  });
  return () => kept.toString();
}

function kill(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function start({ command, args, env, cwd, stdin, signal }: SpawnRequest): SpawnedProcess {
  // A process group of its own, so that killing it takes its children along.
  const child = spawn(command, args, { env: { ...env }, cwd, stdio: 'pipe', detached: true });
  const stderr = keepTail(child);
  const onAbort = () => kill(child);
  const exit = new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    let broken: Error | undefined;
    child.stdin.on('error', (error: NodeJS.ErrnoException) => {
      if (!CLOSED_EARLY.has(error.code ?? '')) broken ??= error;
    });
    child.once('error', (error) => reject(new PipewrightError('SpawnFailed', `cannot start ${command}: ${messageOf(error)}`)));
    child.once('close', (code, ended) => {
      signal?.removeEventListener('abort', onAbort);
      if (broken) reject(broken);
      else resolve({ code, signal: ended });
    });
    feed(child, stdin).catch((error: unknown) => {
      broken ??= error instanceof Error ? error : new Error(String(error));
      kill(child);
    });
  });
  // Whoever only reads the output must not be ended by an exit that he never looks at.
  exit.catch(() => undefined);
  if (signal?.aborted) kill(child);
  else signal?.addEventListener('abort', onAbort, { once: true });
  return { stdout: child.stdout, stderr, exit };
}

/** Starts programs from this very process: for the runner, the command line and tests. The server has its small spawner process. */
export function localSpawner(): Spawner {
  return { spawn: start };
}
