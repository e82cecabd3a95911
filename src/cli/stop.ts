import type { Command } from 'commander';
import type { PipewrightClient } from '../client/client.ts';
import { clientCommand, newestExecution, withClient } from './client-command.ts';
import { Failure } from './failure.ts';
import type { CliTools } from './tools.ts';

interface Given {
  readonly execution?: string;
  readonly abandon?: boolean;
  readonly reason?: string;
}

/** The newest that runs; where each has its own turn or its own way (QUEUED, PARALLEL), never one of several by guess. */
async function meant(client: PipewrightClient, pipelineName: string): Promise<string> {
  const { pipelineExecutionSummaries = [] } = await client.codepipeline.listPipelineExecutions({ pipelineName, maxResults: 100 });
  const running = pipelineExecutionSummaries.filter(({ status }) => status === 'InProgress');
  const [newest] = running;
  if (newest?.pipelineExecutionId === undefined) return newestExecution(client, pipelineName);
  if (running.length > 1 && newest.executionMode !== 'SUPERSEDED') {
    const list = running.map(({ pipelineExecutionId }) => pipelineExecutionId).join(', ');
    throw new Failure(`Several executions of ${pipelineName} run: ${list}. Choose one with --execution.`);
  }
  return newest.pipelineExecutionId;
}

export function stopCommand(program: Command, tools: CliTools): void {
  clientCommand(program, 'stop <pipeline>', 'Stop an execution: running actions end first, unless --abandon.')
    .option('--execution <id>', 'The execution; the newest that runs where not given.')
    .option('--abandon', 'Give running actions up at once.')
    .option('--reason <text>', 'Why; kept in the history.')
    .addHelpText('after', '\nExamples:\n  $ pipewright stop my-pipeline\n  $ pipewright stop my-pipeline --abandon --reason "wrong branch"')
    .action((pipelineName: string, { execution, abandon = false, reason }: Given, command: Command) =>
      withClient(tools, command, async (client) => {
        const pipelineExecutionId = execution ?? (await meant(client, pipelineName));
        const because = reason !== undefined && { reason };
        await client.codepipeline.stopPipelineExecution({ pipelineName, pipelineExecutionId, abandon, ...because });
        tools.stdout.write(`Stopping ${pipelineExecutionId}\n`);
      }),
    );
}
