import type { Command } from 'commander';
import { clientCommand, withClient } from './client-command.ts';
import { EXIT, Failure } from './failure.ts';
import type { CliTools } from './tools.ts';
import { watch } from './watch.ts';

interface Variable {
  readonly name: string;
  readonly value: string;
}

interface Given {
  readonly variable?: Variable[];
  readonly watch?: boolean;
}

function variable(text: string, before: readonly Variable[] = []): readonly Variable[] {
  const equals = text.indexOf('=');
  if (equals < 1) throw new Failure(`--variable takes NAME=VALUE, not '${text}'.`, EXIT.usage);
  return [...before, { name: text.slice(0, equals), value: text.slice(equals + 1) }];
}

export function startCommand(program: Command, tools: CliTools): void {
  clientCommand(program, 'start <pipeline>', 'Start an execution on the newest revisions; prints its id.')
    .option('--variable <name=value>', 'A pipeline variable; may be given again.', variable)
    .option('--watch', 'Follow it until it ends.')
    .addHelpText(
      'after',
      '\nExamples:\n  $ pipewright start my-pipeline\n  $ pipewright start my-pipeline --variable target=staging --watch',
    )
    .action((name: string, given: Given, command: Command) =>
      withClient(tools, command, async (client, suggest) => {
        const variables = given.variable && { variables: given.variable };
        const { pipelineExecutionId = '' } = await client.codepipeline.startPipelineExecution({ name, ...variables });
        if (given.watch) await watch(tools, client, { pipeline: name, executionId: pipelineExecutionId, logs: true, suggest });
        else tools.stdout.write(`${pipelineExecutionId}\n`);
      }),
    );
}
