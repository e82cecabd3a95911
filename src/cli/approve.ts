import type { Command } from 'commander';
import type { PipewrightClient } from '../client/client.ts';
import type { PendingApproval } from '../services/pipewright/api.gen.ts';
import { approvalLines } from './approval-text.ts';
import { askLine } from './ask.ts';
import { clientCommand, withClient } from './client-command.ts';
import { Failure } from './failure.ts';
import { painter } from './paint.ts';
import type { CliTools } from './tools.ts';

interface Given {
  readonly reject?: boolean;
  readonly newest?: boolean;
  readonly show?: boolean;
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly summary?: string;
  readonly stage?: string;
  readonly action?: string;
  readonly execution?: string;
}

type Decision = 'Approved' | 'Rejected' | 'newest';

interface Deciding {
  readonly tools: CliTools;
  readonly client: PipewrightClient;
  readonly pipelineName: string;
  readonly given: Given;
  readonly suggest: (command: string) => string;
}

const nameOf = ({ stageName, actionName }: PendingApproval) => `${stageName}/${actionName}`;

/** The one approval that is meant; fails where there is none, or where it could be one of several. */
export function chooseApproval(pipeline: string, waiting: readonly PendingApproval[], given: Given): PendingApproval {
  const { stage = '', action = '', execution = '' } = given;
  const fits = (wanted: string, is: string) => wanted === '' || wanted === is;
  const fitting = waiting.filter(
    (one) => fits(stage, one.stageName) && fits(action, one.actionName) && fits(execution, one.pipelineExecutionId),
  );
  if (fitting.length === 1) return fitting[0]!;
  if (waiting.length === 0) throw new Failure(`No approval waits in ${pipeline}. To see how it stands: pipewright why ${pipeline}`);
  const several = new Set(waiting.map(({ pipelineExecutionId }) => pipelineExecutionId)).size > 1;
  const list = waiting.map((one) => (several ? `${nameOf(one)} of ${one.pipelineExecutionId}` : nameOf(one))).join(', ');
  if (fitting.length === 0) throw new Failure(`No approval waits in ${pipeline} that fits; these wait: ${list}.`);
  throw new Failure(`Several approvals wait in ${pipeline}: ${list}. Choose one with --stage, --action and --execution.`);
}

/** Why the newest cannot be let in instead; undefined where it can. */
export function newestRefusal({ newest, executionMode, otherActions, stageName }: PendingApproval): string | undefined {
  if (executionMode === 'QUEUED')
    return 'The pipeline is in QUEUED mode, where every execution has its turn: reject this one, and the next is let in.';
  if (!newest) return `No newer execution waits at the entrance of the stage ${stageName}.`;
  if (!newest.transitionEnabled) return `The transition into the stage ${stageName} is disabled: the newer execution would not be let in.`;
  if (otherActions.length > 0) return `The execution still runs ${otherActions.join(', ')} in this stage: what runs would be given up.`;
  return undefined;
}

/** The older execution is stopped, so that the newest is let in and asks for an approval of its own: nothing is approved unseen. */
async function letNewestIn({ tools, client, pipelineName, given, suggest }: Deciding, approval: PendingApproval): Promise<void> {
  const refusal = newestRefusal(approval);
  if (refusal !== undefined || !approval.newest) throw new Failure(refusal ?? '');
  const { pipelineExecutionId: newer } = approval.newest;
  const { pipelineExecutionId } = approval;
  const reason = given.summary ?? `Stopped for the newer execution ${newer}`;
  // An approval does not end by itself: waiting for running actions would be waiting for it.
  await client.codepipeline.stopPipelineExecution({ pipelineName, pipelineExecutionId, abandon: true, reason });
  const next = suggest(`approve ${pipelineName}`);
  tools.stdout.write(`Stopped ${pipelineExecutionId}\n${newer} is let in and asks for its own approval: ${next}\n`);
}

/** Asks until the answer is one of those offered; fails where nothing is decided. */
export async function askDecision(tools: Pick<CliTools, 'stdin' | 'stdout'>, approval: PendingApproval): Promise<Decision> {
  const offersNewest = newestRefusal(approval) === undefined;
  const question = `Approve? [y]es, [r]eject, ${offersNewest ? '[n]ewest instead, ' : ''}[q]uit: `;
  for (;;) {
    const answer = (await askLine(tools, question, new AbortController().signal)) ?? 'q';
    if (/^y(es)?$/i.test(answer)) return 'Approved';
    if (/^r(eject)?$/i.test(answer)) return 'Rejected';
    if (/^n(ewest)?$/i.test(answer) && offersNewest) return 'newest';
    if (/^q(uit)?$/i.test(answer)) throw new Failure('Nothing was decided.');
  }
}

async function decision({ tools, given }: Deciding, approval: PendingApproval): Promise<Decision> {
  if (given.newest) return 'newest';
  if (given.reject) return 'Rejected';
  const asks = tools.stdin.isTTY && tools.stdout.isTTY && !given.yes;
  return asks ? askDecision(tools, approval) : 'Approved';
}

async function decide(deciding: Deciding): Promise<void> {
  const { tools, client, pipelineName, given } = deciding;
  const { approvals } = await client.pipewright.describeApproval({ pipelineName });
  if (given.show && given.json) return void tools.stdout.write(`${JSON.stringify(approvals)}\n`);
  const approval = chooseApproval(pipelineName, approvals, given);
  for (const line of approvalLines(approval, Date.now(), painter(tools))) tools.stdout.write(`${line}\n`);
  if (given.show) return;
  const status = await decision(deciding, approval);
  if (status === 'newest') return letNewestIn(deciding, approval);
  const { stageName, actionName, token, pipelineExecutionId } = approval;
  const result = { status, summary: given.summary ?? '' };
  await client.codepipeline.putApprovalResult({ pipelineName, stageName, actionName, token, result });
  tools.stdout.write(`${status} ${nameOf(approval)} of ${pipelineExecutionId}\n`);
}

export function approveCommand(program: Command, tools: CliTools): void {
  clientCommand(program, 'approve <pipeline>', 'Show what an approval approves, and give it or reject it.')
    .option('--reject', 'Reject it.')
    .option('--newest', 'Stop this execution, so that the newest that waits behind it is let in and asks for its own approval.')
    .option('--show', 'Only show what waits.')
    .option('--json', 'With --show: everything that waits, as data.')
    .option('--yes', 'Do not ask on a terminal.')
    .option('--summary <text>', 'Why; kept in the history.')
    .option('--stage <name>', 'The stage, where several approvals wait.')
    .option('--action <name>', 'The action, where several approvals wait.')
    .option('--execution <id>', 'The execution, where several wait for the same approval (PARALLEL mode).')
    .addHelpText(
      'after',
      `
It shows the commits since the last success of the stage, with their authors and the files they change, and the newest execution that
waits behind it. On a terminal it asks then; elsewhere it decides at once.

Examples:
  $ pipewright approve my-pipeline
  $ pipewright approve my-pipeline --show
  $ pipewright approve my-pipeline --reject --summary "not before Monday"
  $ pipewright approve my-pipeline --newest`,
    )
    .action((pipelineName: string, given: Given, command: Command) =>
      withClient(tools, command, (client, suggest) => decide({ tools, client, pipelineName, given, suggest })),
    );
}
