import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Runtime, Workload, Workspace } from '../../runtimes/runtime.ts';
import { driver, type ShellKind } from './driver.ts';

export interface ShellOptions {
  readonly runtime: Runtime;
  /** The workload's id. */
  readonly id: string;
  /** It starts in the source folder; script and state are in the temporary one. */
  readonly workspace: Workspace;
  readonly kind: ShellKind;
  readonly env: Readonly<Record<string, string>>;
  /** A folder that its commands find programs in, after all others. */
  readonly programs?: string;
  onOutput(chunk: Uint8Array): void;
}

/** What a shell knew at one moment: it can start anew from there, as often as is needed. */
export interface Checkpoint {
  /** The file of its variables and functions. Written by the shell itself, whose user may be another. */
  readonly file: string;
  readonly cwd: string;
}

interface Awaited {
  answer(status: number): void;
  lost(error: Error): void;
}

interface Running {
  readonly workload: Workload;
  /** Who waits for the command's end. */
  waiting?: Awaited;
}

/**
 * A shell that runs one command after the other and keeps its state between them, also across an `exit`.
 * Only one `run` at a time.
 */
export class Shell {
  readonly #options: ShellOptions;
  readonly #script: string;
  readonly #state: string;
  #running: Promise<Running> | undefined;
  #cwd: string;

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#script = join(options.workspace.temporary, 'script.sh');
    this.#state = join(options.workspace.temporary, 'state');
    this.#cwd = options.workspace.source;
  }

  /** Starts the shell before the first command is known. */
  async start(): Promise<void> {
    await this.#shell();
  }

  /**
   * Runs the command and answers its exit status; 128 + n where signal n ended the shell.
   * What the command wrote has reached `onOutput` by then, save for what its background processes still write.
   * Rejects (code WorkloadLost) where nobody can tell how the command ended.
   */
  async run(command: string): Promise<number> {
    this.#write(command);
    const running = await this.#shell();
    return new Promise((answer, lost) => {
      running.waiting = { answer, lost };
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
    this.#cwd = this.#options.workspace.source;
  }

  /** Variables, functions and working directory as they are between two commands. The last one of a name counts. */
  async checkpoint(name: string): Promise<Checkpoint> {
    await this.run('__pipewright_save');
    const file = `${this.#state}.${name}`;
    renameSync(this.#state, file);
    return { file, cwd: this.#cwd };
  }

  /** The next `run` finds what was so at the checkpoint. What runs in the background goes on. */
  async restore({ file, cwd }: Checkpoint): Promise<void> {
    await this.close();
    rmSync(this.#state, { force: true });
    linkSync(file, this.#state);
    this.#cwd = cwd;
  }

  #write(command: string): void {
    // A new file each time: the one before may still be open in a subshell that runs in the background.
    rmSync(this.#script, { force: true });
    writeFileSync(this.#script, command.endsWith('\n') ? command : `${command}\n`, { mode: 0o600 });
  }

  #shell(): Promise<Running> {
    return (this.#running ??= this.#spawn());
  }

  async #spawn(): Promise<Running> {
    const { runtime, id, workspace, kind, env } = this.#options;
    const files = { script: this.#script, state: this.#state, answerMark: workspace.answerMark, programs: this.#options.programs };
    const onOutput = (chunk: Uint8Array): void => this.#options.onOutput(chunk);
    const args = ['-c', driver(kind, files)];
    const workload = await runtime.start({ id, command: kind, args, env, cwd: this.#cwd, onOutput });
    const running: Running = { workload };
    let line = '';
    workload.control.on('data', (chunk: Buffer) => {
      line += chunk.toString('utf8');
      if (line.endsWith('\n')) this.#answered(running, line.slice(0, -1));
      if (line.endsWith('\n')) line = '';
    });
    void this.#ended(running);
    return running;
  }

  async #ended(running: Running): Promise<void> {
    try {
      const { code, signal } = await running.workload.exit;
      this.#running = undefined;
      running.waiting?.answer(code ?? 128 + signalNumber(signal));
    } catch (error) {
      this.#running = undefined;
      if ((error as { code?: string }).code === 'SpawnFailed') running.waiting?.answer(127);
      else running.waiting?.lost(error as Error);
    }
  }

  #answered(running: Running, line: string): void {
    const tab = line.indexOf('\t');
    this.#cwd = line.slice(tab + 1);
    const { waiting } = running;
    delete running.waiting;
    // The output was written before the answer, so that this turn of the loop reads it too.
    setImmediate(() => waiting?.answer(Number(line.slice(0, tab))));
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
