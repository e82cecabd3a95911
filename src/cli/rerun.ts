import type { Command } from 'commander';
import type { PipewrightClient } from '../client/client.ts';
import { clientCommand, withClient } from './client-command.ts';
import { EXIT, Failure } from './failure.ts';
import type { CliTools } from './tools.ts';
import { watch } from './watch.ts';

interface Given {
  readonly execution?: string;
  readonly watch?: boolean;
}

interface Place {
  readonly stage: string;
  readonly action: string;
}

function placeOf(text: string): Place {
  const match = /^([^/]+)\/([^/]+)$/.exec(text);
  if (!match) throw new Failure(`The action is given as STAGE/ACTION, not '${text}'.`, EXIT.usage);
  return { stage: match[1]!, action: match[2]! };
}

/** The newest run of an action that is over, of one execution or of all: listings are newest first. */
async function newestRun(
  client: PipewrightClient,
  pipelineName: string,
  { stage, action }: Place,
  execution: string | undefined,
): Promise<string> {
  const filter = execution !== undefined && { filter: { pipelineExecutionId: execution } };
  let nextToken: string | undefined;
  do {
    const page = await client.codepipeline.listActionExecutions({ pipelineName, ...filter, ...(nextToken !== undefined && { nextToken }) });
    const found = (page.actionExecutionDetails ?? []).find(
      ({ stageName, actionName, status }) => stageName === stage && actionName === action && status !== 'InProgress',
    );
    if (found?.actionExecutionId !== undefined) return found.actionExecutionId;
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  const where = execution === undefined ? pipelineName : `the execution ${execution} of ${pipelineName}`;
  throw new Failure(`The action ${stage}/${action} has not run to its end in ${where}.`);
}

export function rerunCommand(program: Command, tools: CliTools): void {
  clientCommand(
    program,
    'rerun <pipeline> <stage/action>',
    'Run one action again, alone, on exactly the inputs it had; prints the new execution’s id.',
  )
    .option('--execution <id>', 'The execution whose action is meant; the newest run of the action where not given.')
    .option('--watch', 'Follow it until it ends.')
    .addHelpText(
      'after',
      `
Its configuration and its input artifacts are those of then, whether it had succeeded or failed. It waits until its stage is free.

Examples:
  $ pipewright rerun my-pipeline Deploy/Copy
  $ pipewright rerun my-pipeline Build/Test --execution 01a1fce9-0f44-7000-930d-2df49f19d06b --watch`,
    )
    .action((pipelineName: string, action: string, given: Given, command: Command) => {
      const place = placeOf(action);
      return withClient(tools, command, async (client, suggest) => {
        const actionExecutionId = await newestRun(client, pipelineName, place, given.execution);
        const { pipelineExecutionId: executionId } = await client.pipewright.rerunAction({ pipelineName, actionExecutionId });
        if (given.watch) await watch(tools, client, { pipeline: pipelineName, executionId, logs: true, suggest });
        else tools.stdout.write(`${executionId}\n`);
      });
    });
}
