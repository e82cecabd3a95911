import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** One pipe for standard output and error together, so that their lines keep their order. */
export interface OutputPipe {
  /** Give it to the child as both its outputs, then call `started`. */
  readonly writeEnd: number;
  started(): void;
  read(onChunk: (chunk: Buffer) => void): void;
  /** Stops reading: somebody may still hold the writing end open. */
  close(): void;
}

function open(path: string): OutputPipe {
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const writeEnd = openSync(path, constants.O_WRONLY);
  unlinkSync(path);
  const socket = new Socket({ fd: readEnd, readable: true, writable: false });
  socket.on('error', () => socket.destroy());
  let given = false;
  return {
    writeEnd,
    started() {
      if (!given) closeSync(writeEnd);
      given = true;
    },
    read: (onChunk) => void socket.on('data', onChunk),
    close() {
      this.started();
      socket.destroy();
    },
  };
}

const AHEAD = 4;

/**
 * Node makes socket pairs for its children, and programs that open /dev/stdout or /dev/stderr (tee, redirections) fail on a socket.
 * So the outputs of builds are named pipes, made a few at a time before they are needed: `mkfifo` costs a process.
 */
export class OutputPipes {
  readonly #folder: string;
  readonly #names: string[] = [];
  #counter = 0;
  #filling: Promise<void> | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Call it ahead of time, so that `take` need not wait. */
  fill(): Promise<void> {
    return (this.#filling ??= this.#make().finally(() => (this.#filling = undefined)));
  }

  async take(): Promise<OutputPipe> {
    while (this.#names.length === 0) await this.fill();
    return open(this.#names.shift()!);
  }

  async #make(): Promise<void> {
    const names = Array.from({ length: AHEAD }, () => join(this.#folder, `output-${process.pid}-${++this.#counter}`));
    await run('mkfifo', ['-m', '600', ...names]);
    this.#names.push(...names);
  }
}
