import { readFileSync } from 'node:fs';
import { Option as Flag, type Command } from 'commander';
import { clientCommand, withClient } from './client-command.ts';
import { EXIT, Failure } from './failure.ts';
import { followBuild } from './logs.ts';
import type { CliTools } from './tools.ts';

interface Variable {
  readonly name: string;
  readonly value: string;
}

interface Given {
  readonly env?: readonly Variable[];
  readonly sourceVersion?: string;
  readonly buildspec?: string;
  readonly debug?: boolean;
  readonly follow: boolean;
}

function variable(text: string, before: readonly Variable[] = []): readonly Variable[] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new Failure(`--env takes NAME=VALUE, not '${text}'.`, EXIT.usage);
  return [...before, { name: text.slice(0, equals), value: text.slice(equals + 1) }];
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Failure(`--buildspec: ${(error as Error).message}`, EXIT.usage);
  }
}

export function buildCommand(program: Command, tools: CliTools): void {
  clientCommand(program, 'build <project>', 'Start a build of a project and print its output until it has ended.')
    .option('--env <name=value>', 'An environment variable of the build; may be given again.', variable)
    .option('--source-version <version>', 'The branch, tag or commit to build.')
    .option('--buildspec <file>', 'A buildspec here, in place of the project’s.')
    .option('--debug', 'Pause where a command fails, and at codebuild-breakpoint, for `pipewright debug`.')
    .addOption(new Flag('--no-follow', 'Print the build’s id and leave.'))
    .addHelpText(
      'after',
      '\nExits with 0 when the build succeeded and 1 when it did not.\n\nExamples:\n  $ pipewright build my-project --env STAGE=dev\n  $ pipewright build my-project --debug',
    )
    .action((projectName: string, { env = [], sourceVersion, buildspec, debug, follow }: Given, command: Command) =>
      withClient(tools, command, async (client, suggest) => {
        const variables = [...env, ...(debug ? [{ name: 'PIPEWRIGHT_BREAK_ON', value: 'failure' }] : [])];
        const { build } = await client.codebuild.startBuild({
          projectName,
          environmentVariablesOverride: variables.map((one) => ({ ...one, type: 'PLAINTEXT' as const })),
          ...(sourceVersion !== undefined && { sourceVersion }),
          ...(buildspec !== undefined && { buildspecOverride: textOf(buildspec) }),
          ...(debug && { debugSessionEnabled: true }),
        });
        const id = build!.id!;
        if (!follow) return void tools.stdout.write(`${id}\n`);
        await followBuild(tools, client, { id, more: suggest(`reports ${id}`) });
      }),
    );
}
