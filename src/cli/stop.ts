import type { Command } from 'commander';
import { clientCommand, newestExecution, withClient } from './client-command.ts';
import type { CliTools } from './tools.ts';

interface Given {
  readonly execution?: string;
  readonly abandon?: boolean;
  readonly reason?: string;
}

export function stopCommand(program: Command, tools: CliTools): void {
  clientCommand(program, 'stop <pipeline>', 'Stop an execution: running actions end first, unless --abandon.')
    .option('--execution <id>', 'The execution; the newest where not given.')
    .option('--abandon', 'Give running actions up at once.')
    .option('--reason <text>', 'Why; kept in the history.')
    .addHelpText('after', '\nExamples:\n  $ pipewright stop my-pipeline\n  $ pipewright stop my-pipeline --abandon --reason "wrong branch"')
    .action((pipelineName: string, { execution, abandon = false, reason }: Given, command: Command) =>
      withClient(tools, command, async (client) => {
        const pipelineExecutionId = execution ?? (await newestExecution(client, pipelineName));
        const because = reason !== undefined && { reason };
        await client.codepipeline.stopPipelineExecution({ pipelineName, pipelineExecutionId, abandon, ...because });
        tools.stdout.write(`Stopping ${pipelineExecutionId}\n`);
      }),
    );
}
