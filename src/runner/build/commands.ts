import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../kernel/errors.ts';
import { readInside } from '../../kernel/open-inside.ts';
import { quote } from '../../kernel/shell-quote.ts';
import type { Buildspec, Phase } from '../../services/codebuild/rules/buildspec/types.ts';
import type { EnvironmentVariable } from '../../services/pipewright/api.gen.ts';
import type { DebugHost } from '../debug/host.ts';
import type { BuildLog } from '../output/build-log.ts';
import type { Tail } from '../output/tail.ts';
import { Shell, type Checkpoint, type ShellOptions } from '../shell/shell.ts';
import { clientError, PhaseFailure } from './failure.ts';
import type { Captured } from './sandbox.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

export interface CommandOptions {
  readonly options: ShellOptions;
  /** Where somebody may debug the build. */
  readonly debug: DebugHost | undefined;
  /** The shell's output goes there, too. */
  readonly tail: Tail;
}

/** What a phase does in place of its commands. */
export type Instead = () => Promise<PhaseFailure | undefined>;

interface Failed {
  readonly status: number;
  readonly message: string;
}

/** Runs the commands of a build: all in one shell, or (version 0.1) each in its own. */
export class Commands {
  readonly #options: ShellOptions;
  readonly #log: BuildLog;
  readonly #separate: boolean;
  readonly #shell: Shell;
  #asked = 0;
  #succeeding = true;
  readonly #tail: Tail;
  readonly #debug: DebugHost | undefined;

  /** `shell`: one that runs already under these options. */
  constructor({ options, tail, debug }: CommandOptions, version: Buildspec['version'], log: BuildLog, shell = new Shell(options)) {
    this.#options = options;
    this.#separate = version === '0.1';
    this.#log = log;
    this.#shell = shell;
    this.#tail = tail;
    this.#debug = debug;
  }

  /** A phase's commands (or what is to be done in their place), then its `finally`; fails with the first that failed. */
  async run(phase: Pick<Phase, 'commands' | 'finally'>, instead?: Instead): Promise<void> {
    const failure = await (instead ? this.#instead(instead) : this.#sequence(phase.commands));
    if (failure && phase.finally.length > 0) await this.succeeding(false);
    const last = await this.#sequence(phase.finally);
    if (failure ?? last) throw (failure ?? last)!;
  }

  async #sequence(commands: readonly string[]): Promise<PhaseFailure | undefined> {
    for (const command of commands) {
      const failure = await this.#command(command);
      if (failure) return failure;
    }
    return undefined;
  }

  /**
   * Whom the commands to come run as: a buildspec's run-as, which names a user of the image or machine, and grants reading and running
   * (https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html#build-spec.run-as). Undefined: as whom the build runs.
   */
  async as(user: string | undefined): Promise<void> {
    if (user !== undefined && (await this.#shell.run(`id -u -- ${quote(user)} >/dev/null 2>&1`)) !== 0)
      throw clientError(`run-as: there is no user ${user}`);
    if (this.#separate) await this.#shell.forget();
    try {
      await this.#shell.as(user);
    } catch (error) {
      throw (error as { code?: string }).code === 'UserUnavailable' ? clientError(messageOf(error)) : error;
    }
  }

  /** Runs one command whose output goes to the files that are answered, within `folder`; what it changes in the shell stays. */
  async captured(command: string): Promise<Captured> {
    const { temporary: folder, root } = this.#options.workspace;
    const [output, error] = ['stdout', 'stderr'].map((name) => join(folder, `${name}-${++this.#asked}`)) as [string, string];
    const script = join(root, `command-${this.#asked}.sh`);
    writeFileSync(script, command.endsWith('\n') ? command : `${command}\n`, { mode: 0o644, flag: 'wx' });
    const status = await this.#shell.run(`. ${quote(script)} >|${quote(output)} 2>|${quote(error)}`);
    return { status, output, error, folder };
  }

  #command(command: string): Promise<PhaseFailure | undefined> {
    const text = command.trimEnd();
    return this.#held(text, async () => {
      const status = await this.#once(command, text);
      if (status === 0) return undefined;
      return { status, message: `Error while executing command: ${text}. Reason: exit status ${status}` };
    });
  }

  #instead(instead: Instead): Promise<PhaseFailure | undefined> {
    return this.#held('steps', async () => {
      this.#tail.clear();
      const failure = await instead();
      return failure && { status: 1, message: failure.message };
    });
  }

  /** Does the work; where failures are held, again until it succeeds or somebody lets the build go on. */
  async #held(text: string, work: () => Promise<Failed | undefined>): Promise<PhaseFailure | undefined> {
    const debug = this.#debug;
    for (;;) {
      const before = debug?.holdsFailures ? await this.checkpoint('command') : undefined;
      const failed = await work();
      if (!failed) return undefined;
      const failure = new PhaseFailure('COMMAND_EXECUTION_ERROR', failed.message, this.#tail.text());
      if (!debug?.holdsFailures) return failure;
      const how = await debug.failed(text, failed.status, await this.checkpoint('failure'));
      if (how === 'SKIP') return undefined;
      if (how === 'RESUME') return failure;
      await this.restore(before);
    }
  }

  async #once(command: string, text: string): Promise<number> {
    this.#log.agent(`Running command ${text}`);
    this.#tail.clear();
    const status = await this.#shell.run(command);
    this.#log.flush();
    if (this.#separate) await this.#shell.forget();
    if (status !== 0) this.#log.agent(`Command did not exit successfully ${text} exit status ${status}`);
    return status;
  }

  /** Runs a command of ours, which the log does not tell, in the shell itself; its exit status. */
  async inShell(command: string): Promise<number> {
    const status = await this.#shell.run(command);
    if (this.#separate) await this.#shell.forget();
    return status;
  }

  /** Where a phase can be taken up again; a shell of its own for each command keeps nothing. */
  async checkpoint(name: string): Promise<Checkpoint | undefined> {
    return this.#separate ? undefined : this.#shell.checkpoint(name);
  }

  async restore(checkpoint: Checkpoint | undefined): Promise<void> {
    if (checkpoint) await this.#shell.restore(checkpoint);
  }

  /** Tells the commands to come how the build goes. */
  async succeeding(value: boolean): Promise<void> {
    this.#succeeding = value;
    const text = value ? '1' : '0';
    // The shell may be lost, and in version 0.1 there is one for each command.
    this.#shell.set('CODEBUILD_BUILD_SUCCEEDING', text);
    if (!this.#separate) await this.#shell.run(`export CODEBUILD_BUILD_SUCCEEDING=${text}`);
  }

  get isSucceeding(): boolean {
    return this.#succeeding;
  }

  /** The values that the variables have in the shell now; those that are not set are left out. */
  async variables(names: readonly string[]): Promise<readonly EnvironmentVariable[]> {
    const wanted = names.filter((name) => NAME.test(name));
    if (wanted.length === 0) return [];
    const found = await this.#values(wanted.map((name) => `"\${${name}-}" "\${${name}+set}"`));
    return wanted.flatMap((name, i) => (found[2 * i + 1] === 'set' ? [{ name, value: found[2 * i]! }] : []));
  }

  /** Texts with their `$VARIABLES` and `$(commands)` put in, as the build's shell sees them. */
  async expand(texts: readonly string[]): Promise<readonly string[]> {
    const open = texts.filter((text) => text.includes('$') || text.includes('`'));
    if (open.length === 0) return texts;
    const found = await this.#values(open.map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`));
    const values = new Map(open.map((text, i) => [text, found[i] ?? '']));
    return texts.map((text) => values.get(text) ?? text);
  }

  /** Runs something of ours, of which the log shows nothing. */
  async quietly(script: string): Promise<void> {
    const status = await this.#shell.run(`(set +eux; ${script}) >/dev/null 2>&1`);
    if (status !== 0) throw new Error(`a command of the build's shell ended with ${status}`);
  }

  async #values(words: readonly string[]): Promise<readonly string[]> {
    return (await this.capture(`printf '%s\\0' ${words.join(' ')}`)).text.split('\0');
  }

  /** What a command of ours prints, in the build's environment, of which nothing is changed; its standard error is dropped. */
  async capture(command: string): Promise<{ readonly status: number; readonly text: string }> {
    const { temporary } = this.#options.workspace;
    // Each its own: those of another user could not be written again.
    const file = join(temporary, `values-${++this.#asked}`);
    const status = await this.inShell(`(set +eux; ${command}\n) >|${quote(file)} 2>/dev/null`);
    const text = readInside(file, temporary).toString('utf8');
    rmSync(file, { force: true });
    return { status, text };
  }

  stop(graceMs: number): Promise<void> {
    return this.#shell.stop(graceMs);
  }
}
