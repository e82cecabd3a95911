import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import { CommandFileError, parseCommandFile, parsePathFile } from './command-file.ts';
import { githubVariables } from './facts.ts';
import { readText } from './inside.ts';
import { launchScript, OUT_OF_TIME } from './launch.ts';
import type { ListScope } from './scope.ts';
import type { Session } from './session.ts';
import { StepError } from './step-error.ts';
import { StepOutput } from './step-output.ts';

type Env = Readonly<Record<string, string>>;

/** A program of a step. */
export interface Program {
  readonly argv: readonly string[];
  /** The step's own variables, INPUT_* and the like. */
  readonly env: Env;
  readonly cwd: string;
}

/** What the program told its runner. */
export interface Told {
  readonly outputs: Env;
  readonly state: Env;
}

/** The files in which a program leaves what it tells, and the variables that name them. */
export const FILES = {
  env: 'GITHUB_ENV',
  output: 'GITHUB_OUTPUT',
  path: 'GITHUB_PATH',
  state: 'GITHUB_STATE',
  summary: 'GITHUB_STEP_SUMMARY',
};
type FileName = keyof typeof FILES;

/** All that the program is to be given: what the steps have set, its own, and on top what nobody redefines. */
export function environmentOf(session: Session, scope: ListScope, env: Env): Record<string, string> {
  return {
    CI: 'true',
    ...session.additions,
    ...scope.env,
    ...env,
    GITHUB_ACTIONS: 'true',
    ...githubVariables({ ...session.facts, ...scope.action }),
    ...Object.fromEntries(Object.entries(session.runner).map(([name, value]) => [`RUNNER_${name.toUpperCase()}`, value])),
  };
}

async function secondsLeft(session: Session, { deadline }: ListScope): Promise<number | undefined> {
  if (deadline === undefined) return undefined;
  const left = Math.ceil((deadline - performance.now()) / 1000);
  if (left <= 0) throw new StepError('it ran out of its timeout-minutes');
  if ((await session.build.execute('command -v setsid >/dev/null 2>&1')) !== 0)
    throw new StepError('timeout-minutes needs the program setsid, which is not on the PATH of the build');
  return left;
}

/** Runs a program of a step and does what it asks for. Throws StepError where it fails. */
export async function invoke(session: Session, scope: ListScope, { argv, env, cwd }: Program): Promise<Told> {
  const { log, execute } = session.build;
  const folder = session.places.made();
  const files = Object.fromEntries(Object.entries(FILES).map(([name, variable]) => [variable, join(folder, name)]));
  const output = new StepOutput(log, session.debugging);
  const timeout = await secondsLeft(session, scope);
  const all = { ...environmentOf(session, scope, env), ...files };
  log.divert((chunk) => output.write(chunk));
  const status = await execute(
    launchScript({ argv, env: all, cwd, files: Object.values(files), ...(timeout !== undefined && { timeout }) }),
  ).finally(() => {
    output.end();
    log.divert(undefined);
    log.flush();
  });
  const told = await new FileReader(session, folder, output).read();
  if (timeout !== undefined && status === OUT_OF_TIME && performance.now() >= scope.deadline! - 1000)
    throw new StepError('it ran out of its timeout-minutes');
  if (status !== 0) throw new FailedProgram(`exit status ${status}`, told);
  if (output.failure !== undefined) throw new FailedProgram(output.failure, told);
  return told;
}

/** A program failed; what it had told until then counts. */
export class FailedProgram extends StepError {
  readonly told: Told;
  constructor(message: string, told: Told) {
    super(message);
    this.told = told;
  }
}

class FileReader {
  readonly #session: Session;
  readonly #folder: string;
  readonly #output: StepOutput;

  constructor(session: Session, folder: string, output: StepOutput) {
    this.#session = session;
    this.#folder = folder;
    this.#output = output;
  }

  async read(): Promise<Told> {
    await this.#session.export(this.#pairs('env'));
    await this.#session.addPaths(parsePathFile(this.#text('path')));
    const { outputs, state } = this.#output;
    this.#showSummary();
    return {
      outputs: { ...outputs, ...Object.fromEntries(this.#pairs('output')) },
      state: { ...state, ...Object.fromEntries(this.#pairs('state')) },
    };
  }

  #text(name: FileName): string {
    return readText(join(this.#folder, name), this.#session.build.workspace.temporary) ?? '';
  }

  #pairs(name: FileName): readonly (readonly [string, string])[] {
    try {
      return parseCommandFile(this.#text(name));
    } catch (error) {
      if (error instanceof CommandFileError) throw new StepError(`${FILES[name]}: ${error.message}`);
      throw error;
    }
  }

  /** There is no page it could be shown on. */
  #showSummary(): void {
    const text = this.#text('summary');
    if (text === '') return;
    const { log } = this.#session.build;
    log.agent('Summary of the step:');
    log.show(Buffer.from(text.endsWith('\n') ? text : `${text}\n`));
    log.flush();
  }
}
