import { Command, CommanderError } from 'commander';
import type { Catalogues } from '../services/codepipeline/rules/catalogue.ts';
import { approveCommand } from './approve.ts';
import { buildCommand } from './build.ts';
import { connectCommand } from './connect.ts';
import { debugCommand } from './debug.ts';
import { envCommand } from './env.ts';
import { asFailure, EXIT } from './failure.ts';
import { figuresCommand } from './figures.ts';
import { gitCredentialCommand } from './git-credential.ts';
import { lintCommand } from './lint.ts';
import { logsCommand } from './logs.ts';
import { quickstartCommand } from './quickstart.ts';
import { reportsCommand } from './reports.ts';
import { runCommand } from './run.ts';
import { runnerCommand } from './runner.ts';
import { replayCommand } from './replay.ts';
import { rerunCommand } from './rerun.ts';
import { startCommand } from './start.ts';
import { stopCommand } from './stop.ts';
import { timingCommand } from './timing.ts';
import type { CliTools } from './tools.ts';
import { upCommand } from './up.ts';
import { watchCommand } from './watch.ts';
import { whyCommand } from './why.ts';

export interface ProgramOptions {
  readonly version: string;
  /** The action types there are, for `lint`. */
  readonly catalogue: () => Promise<Catalogues>;
  /** The folder of the project that `quickstart` deploys. */
  readonly example: string;
}

function build(tools: CliTools, options: ProgramOptions): Command {
  const program = new Command('pipewright')
    .description('Continuous delivery that speaks AWS, on your own machine.')
    .version(options.version)
    .showSuggestionAfterError()
    .showHelpAfterError('(--help shows what there is)')
    .exitOverride()
    .configureOutput({ writeOut: (text) => void tools.stdout.write(text), writeErr: (text) => void tools.stderr.write(text) });
  quickstartCommand(program, tools, options.example);
  upCommand(program, tools);
  envCommand(program, tools);
  startCommand(program, tools);
  watchCommand(program, tools);
  approveCommand(program, tools);
  whyCommand(program, tools);
  stopCommand(program, tools);
  replayCommand(program, tools);
  rerunCommand(program, tools);
  timingCommand(program, tools);
  figuresCommand(program, tools);
  buildCommand(program, tools);
  debugCommand(program, tools);
  logsCommand(program, tools);
  reportsCommand(program, tools);
  lintCommand(program, tools, options.catalogue);
  runCommand(program, tools);
  runnerCommand(program, tools);
  connectCommand(program, tools);
  gitCredentialCommand(program, tools);
  return program;
}

/** Runs one command; resolves with the exit code. */
export async function run(args: readonly string[], tools: CliTools, options: ProgramOptions): Promise<number> {
  try {
    await build(tools, options).parseAsync([...args], { from: 'user' });
    return EXIT.ok;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    const failure = asFailure(error);
    tools.stderr.write(`${failure.message}\n`);
    if (tools.env.PIPEWRIGHT_DEBUG && error instanceof Error) tools.stderr.write(`${error.stack}\n`);
    return failure.exit;
  }
}
