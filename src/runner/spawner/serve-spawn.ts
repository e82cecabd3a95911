import { spawn, type ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { FRAME, frameHeader, jsonFrame, type FrameKind } from '../../kernel/frames.ts';

export interface SpawnOrder {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A child's output to the socket; the child waits while the socket is full. */
function forward(output: Readable, kind: FrameKind, socket: Socket): void {
  output.on('data', (chunk: Buffer) => {
    socket.cork();
    socket.write(frameHeader(kind, chunk.length));
    const flowing = socket.write(chunk);
    socket.uncork();
    if (flowing) return;
    output.pause();
    socket.once('drain', () => output.resume());
  });
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

export interface ServedSpawn {
  frame(kind: number, payload: Buffer): void;
  /** The client has gone: so has its process group. */
  disconnected(): void;
}

/** Runs one program for the client at the other end of the socket. */
export function serveSpawn(order: SpawnOrder, socket: Socket): ServedSpawn {
  const { command, args, env, cwd } = order;
  const child = spawn(command, [...args], {
    env: { ...env },
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
  });
  let ended = false;
  const finish = (frame: Buffer) => {
    if (!ended) socket.end(frame);
    ended = true;
  };
  forward(child.stdout, FRAME.stdout, socket);
  forward(child.stderr, FRAME.stderr, socket);
  // The program need not read all its input.
  child.stdin.on('error', () => socket.resume());
  child.stdin.on('drain', () => socket.resume());
  child.on('error', (error) => finish(jsonFrame(FRAME.failed, { message: error.message })));
  child.on('close', (code, signal) => finish(jsonFrame(FRAME.exit, { code, signal })));
  return {
    frame(kind, payload) {
      if (kind === FRAME.stdinEnd) child.stdin.end();
      else if (kind === FRAME.stdin && child.stdin.writable && !child.stdin.write(payload)) socket.pause();
    },
    disconnected() {
      if (!ended) killGroup(child);
      ended = true;
    },
  };
}
