import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { FRAME, FrameReader, frameHeader, jsonFrame } from '../kernel/frames.ts';
import { messageOf, PipewrightError } from '../kernel/errors.ts';
import type { SpawnedProcess, Spawner, SpawnRequest } from '../ports/spawn.ts';

const STDERR_KEPT = 64 * 1024;
const PIECE = 1024 * 1024;

interface Exit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** One program, run by the spawner at the other end. */
class RemoteProcess implements SpawnedProcess {
  readonly stdout: Readable;
  readonly exit: Promise<Exit>;
  #stderr = Buffer.alloc(0);
  #socket: Socket | undefined;
  #settled = false;
  #resolve!: (exit: Exit) => void;
  #reject!: (error: Error) => void;

  constructor(path: Promise<string>, request: SpawnRequest) {
    this.exit = new Promise((resolve, reject) => ([this.#resolve, this.#reject] = [resolve, reject]));
    // Whoever only reads the output must not be ended by an exit that he never looks at.
    this.exit.catch(() => undefined);
    this.stdout = new Readable({ read: () => void this.#socket?.resume(), destroy: (error, done) => (this.#abandon(), done(error)) });
    this.stdout.on('error', () => undefined);
    path
      .then((found) => this.#start(found, request))
      .catch((error: unknown) => this.#fail(`cannot reach the spawner: ${messageOf(error)}`));
  }

  stderr(): string {
    return this.#stderr.toString();
  }

  #start(path: string, request: SpawnRequest): void {
    const { command, args, env, cwd, stdin, signal } = request;
    if (signal?.aborted) return this.#settle({ code: null, signal: 'SIGKILL' });
    const socket = (this.#socket = connect(path));
    const onAbort = () => {
      socket.destroy();
      this.#settle({ code: null, signal: 'SIGKILL' });
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    const reader = new FrameReader((kind, payload) => this.#frame(kind, payload, command));
    socket.on('data', (chunk: Buffer) => reader.push(chunk));
    socket.on('error', (error) => this.#fail(`the spawner failed: ${error.message}`));
    socket.on('close', () => {
      signal?.removeEventListener('abort', onAbort);
      this.#fail('the spawner has gone');
    });
    socket.write(jsonFrame(FRAME.spawn, { command, args, env, cwd }));
    this.#feed(socket, stdin).catch((error: unknown) => {
      // The caller's own stream broke: the program must not take what came so far for all.
      socket.destroy();
      this.#fail(messageOf(error));
    });
  }

  async #feed(socket: Socket, input: SpawnRequest['stdin']): Promise<void> {
    const chunks = input instanceof Uint8Array ? [input] : (input ?? []);
    for await (const chunk of chunks) {
      for (let from = 0; from < chunk.length; from += PIECE) {
        const piece = chunk.subarray(from, from + PIECE);
        socket.write(frameHeader(FRAME.stdin, piece.length));
        if (!socket.write(piece) && !this.#settled) await drained(socket);
      }
      if (this.#settled) return;
    }
    if (socket.writable) socket.write(frameHeader(FRAME.stdinEnd, 0));
  }

  #frame(kind: number, payload: Buffer, command: string): void {
    if (kind === FRAME.stdout) {
      if (!this.stdout.push(payload)) this.#socket?.pause();
    } else if (kind === FRAME.stderr) {
      this.#stderr = Buffer.concat([this.#stderr, payload]).subarray(-STDERR_KEPT);
    } else if (kind === FRAME.exit) {
      this.#settle(JSON.parse(payload.toString()) as Exit);
    } else if (kind === FRAME.failed) {
      this.#fail(`cannot start ${command}: ${(JSON.parse(payload.toString()) as { message: string }).message}`);
    }
  }

  #settle(exit: Exit): void {
    if (this.#settled) return;
    this.#settled = true;
    this.stdout.push(null);
    this.#resolve(exit);
    this.#socket?.end();
  }

  #fail(message: string): void {
    if (this.#settled) return;
    this.#settled = true;
    const error = new PipewrightError('SpawnFailed', message);
    this.#reject(error);
    this.stdout.destroy(error);
  }

  /** The reader has had enough: nobody needs the program any more. */
  #abandon(): void {
    if (!this.#settled) this.#socket?.destroy();
  }
}

/** Resolves once the socket takes more, or has ended. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      socket.off('drain', done).off('close', done);
      resolve();
    };
    socket.on('drain', done).on('close', done);
  });
}

/**
 * Starts programs through the runner child, a connection each: forking costs it a millisecond or two, and the server ten times that
 * once its memory has grown. `path` answers the socket as soon as somebody listens there.
 */
export function socketSpawner(path: () => Promise<string>): Spawner {
  return { spawn: (request) => new RemoteProcess(path(), request) };
}
