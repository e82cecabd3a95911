import { unreachable } from '../../../kernel/errors.ts';
import { errors } from '../api.gen.ts';
import type { PipelineCommand } from './commands.ts';
import type { PipelineEvent } from './events.ts';
import type { Progress } from './progress.ts';
import { findRunById, inFlight, type ActionRun, type FoundRun, type PipelineState } from './state.ts';
import { requireStage, structureWith } from './structure.ts';

type Of<T extends PipelineCommand['type']> = Extract<PipelineCommand, { type: T }>;
type Running = Extract<Progress, { kind: 'running' }>;

export function approve(state: PipelineState, command: Of<'approve'>, at: number): readonly PipelineEvent[] {
  const { stage, action, token, approved, summary, by } = command;
  const run = approvalRun(state, command);
  const declared = requireStage(structureWith(state, stage), stage).actions.some(({ name }) => name === action);
  if (!run && !declared) throw errors.ActionNotFoundException(`The stage '${stage}' has no action '${action}'.`);
  if (!run || run.token !== token)
    throw errors.InvalidApprovalTokenException('The approval token is not that of the approval now waiting.');
  if (run.status !== 'InProgress')
    throw errors.ApprovalAlreadyCompletedException('The approval action has already been approved or rejected.');
  const place = { executionId: run.executionId, stage, action, at, by };
  if (approved) return [{ type: 'actionSucceeded', ...place, variables: {}, summary }];
  const message = summary === '' ? 'The approval was rejected.' : summary;
  return [{ type: 'actionFailed', ...place, code: 'Rejected', message, summary }];
}

/** In PARALLEL mode several executions wait at the same approval: the token says whose it is. */
function approvalRun(state: PipelineState, { stage, action, token }: Of<'approve'>): ActionRun | undefined {
  const runs = inFlight(state).flatMap((execution) => (execution.stage === stage ? (execution.passage.runs[action] ?? []) : []));
  return runs.find((run) => run.token === token) ?? state.stages[stage]?.runs[action];
}

/** A result that comes late (timed out, abandoned, retried meanwhile) changes nothing. */
export function progressed(state: PipelineState, command: Of<'progress'>, at: number): readonly PipelineEvent[] {
  const found = findRunById(state, command.runId, command.executionId);
  if (found?.run.status !== 'InProgress') return [];
  return found.kind === 'action' ? actionProgress(found, command.progress, at) : ruleProgress(found, command.progress, at);
}

function actionProgress({ execution, run }: Extract<FoundRun, { kind: 'action' }>, progress: Progress, at: number): PipelineEvent[] {
  const place = { executionId: execution.id, stage: execution.stage, action: run.action, at };
  switch (progress.kind) {
    case 'running':
      return isNews(run, progress) ? [{ type: 'actionProgressed', ...place, ...running(progress), ...percentOf(progress) }] : [];
    case 'succeeded': {
      const { kind: _, ...result } = progress;
      return [{ type: 'actionSucceeded', ...place, ...result }];
    }
    case 'failed': {
      const { reason: code, message, ref } = progress;
      return [{ type: 'actionFailed', ...place, code, message, ...(ref && { ref }) }];
    }
    default:
      return unreachable(progress);
  }
}

function ruleProgress({ execution, condition, run }: Extract<FoundRun, { kind: 'rule' }>, progress: Progress, at: number): PipelineEvent[] {
  const place = { executionId: execution.id, stage: execution.stage, condition, rule: run.rule, at };
  switch (progress.kind) {
    case 'running':
      return isNews(run, progress) ? [{ type: 'ruleProgressed', ...place, ...running(progress) }] : [];
    case 'succeeded': {
      const { ref, summary } = progress;
      return [{ type: 'ruleEnded', ...place, status: 'Succeeded', ...(ref && { ref }), ...(summary !== undefined && { summary }) }];
    }
    case 'failed': {
      const { reason: code, message, ref } = progress;
      return [{ type: 'ruleEnded', ...place, status: 'Failed', error: { code, message }, ...(ref && { ref }) }];
    }
    default:
      return unreachable(progress);
  }
}

function running({ ref, wakeOn, wakeAt, summary }: Running) {
  return { ref, wakeOn, ...(wakeAt !== undefined && { wakeAt }), ...(summary !== undefined && { summary }) };
}

const percentOf = ({ percent }: Running) => (percent === undefined ? {} : { percent });

function isNews(run: FoundRun['run'], { ref, summary, wakeAt, wakeOn, percent }: Running): boolean {
  if (percent !== undefined && (!('percent' in run) || run.percent !== percent)) return true;
  return run.ref?.id !== ref.id || run.summary !== summary || run.wakeAt !== wakeAt || String(run.wakeOn) !== String(wakeOn);
}

/** The provider could not tell, again and again: an error of ours, not of the user's work. */
export function errored(state: PipelineState, command: Of<'errored'>, at: number): readonly PipelineEvent[] {
  const found = findRunById(state, command.runId, command.executionId);
  if (found?.run.status !== 'InProgress') return [];
  const progress: Progress = { kind: 'failed', reason: 'SystemUnavailable', message: command.message };
  return found.kind === 'action' ? actionProgress(found, progress, at) : ruleProgress(found, progress, at);
}
