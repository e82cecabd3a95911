import { existsSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Runtime, Workload } from '../../runtimes/runtime.ts';
import { driver, type ShellKind } from './driver.ts';

export interface ShellOptions {
  readonly runtime: Runtime;
  /** The workload's id, whose workspace must exist. */
  readonly id: string;
  readonly image: string;
  readonly kind: ShellKind;
  /** Where it starts. */
  readonly cwd: string;
  /** A folder of ours inside the workspace, for the script and the state. */
  readonly scratch: string;
  readonly env: Readonly<Record<string, string>>;
  onOutput(chunk: Uint8Array): void;
}

interface Running {
  readonly workload: Workload;
  /** Answers to come, oldest first; more than one never. */
  answer?: (status: number) => void;
}

/**
 * A shell that runs one command after the other and keeps its state between them, also across an `exit`.
 * Only one `run` at a time.
 */
export class Shell {
  readonly #options: ShellOptions;
  readonly #script: string;
  #running: Promise<Running> | undefined;
  #cwd: string;

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#script = join(options.scratch, 'script.sh');
    this.#cwd = options.cwd;
  }

  /** Starts the shell before the first command is known. */
  async start(): Promise<void> {
    await this.#shell();
  }

  /**
   * Runs the command and answers its exit status; 128 + n where signal n ended the shell.
   * What the command wrote has reached `onOutput` by then, save for what its background processes still write.
   */
  async run(command: string): Promise<number> {
    this.#write(command);
    const running = await this.#shell();
    return new Promise((resolve) => {
      running.answer = resolve;
      running.workload.control.write('run\n');
    });
  }

  /** Ends the shell and all it started; a `run` under way answers. */
  async stop(graceMs: number): Promise<void> {
    const running = this.#running;
    if (running) await (await running).workload.stop(graceMs);
  }

  /** Lets the shell end by itself; the next `run` starts afresh. What it left in the background goes on. */
  async close(): Promise<void> {
    const running = await this.#running;
    if (!running) return;
    running.workload.control.end();
    await running.workload.exit;
    this.#cwd = this.#options.cwd;
  }

  #write(command: string): void {
    // A new file each time: the one before may still be open in a subshell that runs in the background.
    try {
      unlinkSync(this.#script);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    writeFileSync(this.#script, command.endsWith('\n') ? command : `${command}\n`, { mode: 0o600 });
  }

  #shell(): Promise<Running> {
    return (this.#running ??= this.#spawn());
  }

  async #spawn(): Promise<Running> {
    const { runtime, id, image, kind, scratch, env } = this.#options;
    const args = ['-c', driver(kind, this.#script, join(scratch, 'state'))];
    // The folder in which the last shell ended may be gone.
    const cwd = existsSync(this.#cwd) ? this.#cwd : this.#options.cwd;
    const workload = await runtime.start({
      id,
      image,
      command: kind,
      args,
      env,
      cwd,
      onOutput: (chunk) => this.#options.onOutput(chunk),
    });
    const running: Running = { workload };
    let line = '';
    workload.control.on('data', (chunk: Buffer) => {
      line += chunk.toString('utf8');
      if (line.endsWith('\n')) this.#answered(running, line.slice(0, -1));
      if (line.endsWith('\n')) line = '';
    });
    const gone = (status: number) => {
      this.#running = undefined;
      running.answer?.(status);
    };
    workload.exit.then(
      ({ code, signal }) => gone(code ?? 128 + signalNumber(signal)),
      () => gone(127),
    );
    return running;
  }

  #answered(running: Running, line: string): void {
    const tab = line.indexOf('\t');
    this.#cwd = line.slice(tab + 1);
    const { answer } = running;
    delete running.answer;
    // The output was written before the answer, so that this turn of the loop reads it too.
    setImmediate(() => answer?.(Number(line.slice(0, tab))));
  }
}

const SIGNALS: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};

function signalNumber(signal: string | null): number {
  return SIGNALS[signal ?? ''] ?? 0;
}
