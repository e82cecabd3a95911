import type { Command } from 'commander';
import { clientCommand, withClient } from './client-command.ts';
import type { CliTools } from './tools.ts';
import { watch } from './watch.ts';

interface Given {
  readonly stage?: string;
  readonly watch?: boolean;
}

export function replayCommand(program: Command, tools: CliTools): void {
  clientCommand(
    program,
    'replay <pipeline> <execution>',
    'Run an execution again on the revisions and artifacts it had; prints the new id.',
  )
    .option('--stage <name>', 'Where to begin; the stage after the sources where not given.')
    .option('--watch', 'Follow it until it ends.')
    .addHelpText(
      'after',
      `
It runs the structure of then, with the variables of then, and takes nothing new from the sources.

Examples:
  $ pipewright replay my-pipeline 01a1fce9-0f44-7000-930d-2df49f19d06b --watch
  $ pipewright replay my-pipeline 01a1fce9-0f44-7000-930d-2df49f19d06b --stage Deploy`,
    )
    .action((pipelineName: string, execution: string, given: Given, command: Command) =>
      withClient(tools, command, async (client, suggest) => {
        const stage = given.stage !== undefined && { stageName: given.stage };
        const replay = { pipelineName, pipelineExecutionId: execution, ...stage };
        const { pipelineExecutionId: executionId } = await client.pipewright.replayPipelineExecution(replay);
        if (given.watch) await watch(tools, client, { pipeline: pipelineName, executionId, logs: true, suggest });
        else tools.stdout.write(`${executionId}\n`);
      }),
    );
}
