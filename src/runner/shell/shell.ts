import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readInside } from '../../kernel/open-inside.ts';
import type { Runtime, Workload, Workspace } from '../../runtimes/runtime.ts';
import { driver, type Carried, type ShellKind } from './driver.ts';

/** What may end the shell without our trap; a script that is sourced may hold any of it. */
const ENDS_SHELL = /\b(?:trap|exec|kill|source)\b|(?:^|[;&|({])\s*\.\s/m;

export interface ShellOptions {
  readonly runtime: Runtime;
  /** The workload's id. */
  readonly id: string;
  /** It starts in the source folder. The script is where commands of ours alone come from; the shell's state in the temporary folder. */
  readonly workspace: Workspace;
  readonly kind: ShellKind;
  readonly env: Readonly<Record<string, string>>;
  /** A folder that its commands find programs in, after all others. */
  readonly programs?: string;
  onOutput(chunk: Uint8Array): void;
}

/** What a shell knew at one moment: it can start anew from there, as often as is needed. */
export interface Checkpoint {
  /** The file of its variables and functions. */
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
  readonly #env: Record<string, string>;
  #running: Promise<Running> | undefined;
  #cwd: string;
  /** Undefined: the workload's own. */
  #user: string | undefined;
  /** What the next shell goes on from. */
  #carried: Carried | undefined;
  #switches = 0;
  #keeps = false;

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#env = { ...options.env };
    this.#script = join(options.workspace.root, 'script.sh');
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
      running.workload.control.write(`${this.#order(command)}\n`);
    });
  }

  /** The commands to come run as that user (undefined: as the workload's own), and find what those before them left in the shell. Rejects (UserUnavailable). */
  async as(user: string | undefined): Promise<void> {
    if (user === this.#user) return;
    if (this.#running) {
      await this.run('__pipewright_save');
      await this.close();
    }
    if (existsSync(this.#state)) this.#carried = { file: this.#keep(`state-${++this.#switches}`), whose: 'another' };
    const [before, carried] = [this.#user, this.#carried];
    this.#user = user;
    try {
      await this.start();
    } catch (error) {
      [this.#user, this.#carried] = [before, carried];
      throw error;
    }
  }

  /** A variable of the shells to come; the one that runs has to be told by a command. */
  set(name: string, value: string): void {
    this.#env[name] = value;
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

  /** The next `run` finds nothing of what those before it left in the shell, an `exit` of theirs included. */
  async forget(): Promise<void> {
    await this.close();
    rmSync(this.#state, { force: true });
    this.#cwd = this.#options.workspace.source;
  }

  /** Variables, functions and working directory as they are between two commands. The last one of a name counts. */
  async checkpoint(name: string): Promise<Checkpoint> {
    await this.run('__pipewright_save');
    return { file: this.#keep(`checkpoint-${name}`), cwd: this.#cwd };
  }

  /** The next `run` finds what was so at the checkpoint. What runs in the background goes on. */
  async restore({ file, cwd }: Checkpoint): Promise<void> {
    await this.forget();
    this.#carried = { file, whose: 'own' };
    this.#cwd = cwd;
  }

  /** Once there may be a trap of the user's, all commands could end the shell behind the back of ours. */
  #order(command: string): 'run' | 'keep' {
    this.#keeps ||= ENDS_SHELL.test(command);
    return this.#keeps ? 'keep' : 'run';
  }

  get #state(): string {
    const { temporary } = this.#options.workspace;
    return join(temporary, this.#user === undefined ? 'state' : `state-${this.#user.replace(/\W/g, '_')}`);
  }

  /** Takes what the shell has written down to where every user can read it, and no build's command can change it. */
  #keep(name: string): string {
    const { temporary, root } = this.#options.workspace;
    const text = readInside(this.#state, temporary);
    const file = join(root, name);
    rmSync(this.#state, { force: true });
    rmSync(file, { force: true });
    writeFileSync(file, text, { mode: 0o644, flag: 'wx' });
    chmodSync(file, 0o644);
    return file;
  }

  #write(command: string): void {
    // A new file each time: the one before may still be open in a subshell that runs in the background.
    rmSync(this.#script, { force: true });
    // Readable by whoever the commands run as; nobody else is let into the workspaces' folder.
    writeFileSync(this.#script, command.endsWith('\n') ? command : `${command}\n`, { mode: 0o644, flag: 'wx' });
    chmodSync(this.#script, 0o644);
  }

  #shell(): Promise<Running> {
    return (this.#running ??= this.#spawn().catch((error: unknown) => {
      this.#running = undefined;
      throw error;
    }));
  }

  async #spawn(): Promise<Running> {
    const { runtime, id, workspace, kind } = this.#options;
    const env = { ...this.#env };
    // Once: when it ends, its own state is what the next one goes on from.
    const carried = this.#carried;
    this.#carried = undefined;
    const files = { script: this.#script, state: this.#state, carried, answerMark: workspace.answerMark, programs: this.#options.programs };
    const onOutput = (chunk: Uint8Array): void => this.#options.onOutput(chunk);
    const args = ['-c', driver(kind, files)];
    const user = this.#user === undefined ? {} : { user: this.#user };
    const workload = await runtime.start({ id, command: kind, args, env, cwd: this.#cwd, onOutput, ...user });
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
