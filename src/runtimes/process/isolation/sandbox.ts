import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { PipewrightError } from '../../../kernel/errors.ts';
import { signalPid } from '../process-table.ts';
import type { Making, Method } from './method.ts';

const ENV = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LANG: 'C.UTF-8' };

/** Namespaces with a process 1 that waits for nothing but its end. */
export class Sandbox {
  /** The id of process 1 as we see it. */
  readonly init: number;
  readonly #child: ChildProcess;
  readonly #gone: Promise<void>;

  private constructor(child: ChildProcess, init: number, gone: Promise<void>) {
    this.#child = child;
    this.init = init;
    this.#gone = gone;
  }

  /** `mark`: in the environment of all its processes. Rejects (SandboxFailed) with what the program said where it cannot be made. */
  static start(method: Method, making: Making, mark: Readonly<Record<string, string>>): Promise<Sandbox> {
    const { command, args } = method.command(making);
    const child = spawn(command, [...args], {
      cwd: '/',
      env: { ...ENV, ...mark },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    // It ends when its input does: an error there is that end.
    child.stdin.on('error', () => undefined);
    const gone = new Promise<void>((resolve) => child.once('close', () => resolve()));
    let [output, errors, info] = ['', '', ''];
    return new Promise((resolve, reject) => {
      const failed = (why: string): void => reject(new PipewrightError('SandboxFailed', `${method.name}: ${why}`));
      child.once('error', (error) => failed(error.message));
      child.once('close', (code, signal) => failed(errors.trim().split('\n')[0] || `ended with ${code ?? signal}`));
      child.stderr.on('data', (chunk: Buffer) => void (errors += chunk.toString()));
      (child.stdio[3] as Readable).on('data', (chunk: Buffer) => void (info += chunk.toString()));
      child.stdout.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        if (!output.endsWith('\n')) return;
        // Written before; but on a channel of its own, which may be read after this one.
        setImmediate(() => {
          const init = method.init({ output, info });
          if (init > 1) resolve(new Sandbox(child, init, gone));
          else failed(`did not tell its process: ${output}${info}`);
        });
      });
    });
  }

  get alive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Ends every process in it, whatever it did to escape; resolves when none is left. */
  async end(): Promise<void> {
    if (this.alive) signalPid(this.init, 'SIGKILL');
    await this.#gone;
  }
}
