import type { Command } from 'commander';
import type { PipewrightClient } from '../client/client.ts';
import type { GetPipelineStateOutput } from '../services/codepipeline/api.gen.ts';
import { clientCommand, withClient } from './client-command.ts';
import { Failure } from './failure.ts';
import { shortRevision } from './snapshot.ts';
import type { CliTools } from './tools.ts';

interface Given {
  readonly reject?: boolean;
  readonly summary?: string;
  readonly stage?: string;
  readonly action?: string;
}

/** An approval that waits, and the execution that waits for it. */
export interface Waiting {
  readonly stageName: string;
  readonly actionName: string;
  readonly token: string;
  readonly executionId: string;
}

export function waitingApprovals(state: GetPipelineStateOutput): readonly Waiting[] {
  return (state.stageStates ?? []).flatMap(({ stageName = '', latestExecution: stage, actionStates = [] }) =>
    actionStates.flatMap(({ actionName = '', latestExecution }) => {
      const { status, token } = latestExecution ?? {};
      if (status !== 'InProgress' || token === undefined) return [];
      return [{ stageName, actionName, token, executionId: stage?.pipelineExecutionId ?? '' }];
    }),
  );
}

/** The one approval that is meant; fails where there is none, or where it could be one of several. */
export function chooseApproval(pipeline: string, waiting: readonly Waiting[], { stage, action }: Given): Waiting {
  const fitting = waiting.filter(
    ({ stageName, actionName }) => (stage === undefined || stageName === stage) && (action === undefined || actionName === action),
  );
  if (fitting.length === 1) return fitting[0]!;
  const list = waiting.map(({ stageName, actionName }) => `${stageName}/${actionName}`).join(', ');
  if (waiting.length === 0) throw new Failure(`No approval waits in ${pipeline}. To see how it stands: pipewright watch ${pipeline}`);
  if (fitting.length === 0) throw new Failure(`No approval waits in ${pipeline} that fits; these wait: ${list}.`);
  throw new Failure(`Several approvals wait in ${pipeline}: ${list}. Choose one with --stage and --action.`);
}

async function decide(tools: CliTools, client: PipewrightClient, pipelineName: string, given: Given): Promise<void> {
  const state = await client.codepipeline.getPipelineState({ name: pipelineName });
  const { stageName, actionName, token, executionId } = chooseApproval(pipelineName, waitingApprovals(state), given);
  const { pipelineExecution } = await client.codepipeline.getPipelineExecution({ pipelineName, pipelineExecutionId: executionId });
  for (const { revisionId = '', revisionSummary = '' } of pipelineExecution?.artifactRevisions ?? []) {
    tools.stdout.write(`${shortRevision(revisionId)} ${revisionSummary.split('\n', 1)[0]}\n`);
  }
  const result = { status: given.reject ? 'Rejected' : 'Approved', summary: given.summary ?? '' } as const;
  await client.codepipeline.putApprovalResult({ pipelineName, stageName, actionName, token, result });
  tools.stdout.write(`${result.status} ${stageName}/${actionName} of ${executionId}\n`);
}

export function approveCommand(program: Command, tools: CliTools): void {
  clientCommand(program, 'approve <pipeline>', 'Give the approval that an execution waits for, or reject it.')
    .option('--reject', 'Reject it.')
    .option('--summary <text>', 'Why; kept in the history.')
    .option('--stage <name>', 'The stage, where several approvals wait.')
    .option('--action <name>', 'The action, where several approvals wait.')
    .addHelpText(
      'after',
      '\nExamples:\n  $ pipewright approve my-pipeline\n  $ pipewright approve my-pipeline --reject --summary "not before Monday"',
    )
    .action((pipeline: string, given: Given, command: Command) =>
      withClient(tools, command, (client) => decide(tools, client, pipeline, given)),
    );
}
