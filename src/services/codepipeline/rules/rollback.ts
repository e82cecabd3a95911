import type { PipelineEvent } from './events.ts';
import type { Situation } from './situation.ts';
import type { RollbackTarget, Trigger } from './state.ts';

/** The start of an execution that puts a stage back to what an earlier one had brought there: that stage alone. */
export function rollbackStart(
  target: RollbackTarget,
  start: { readonly executionId: string; readonly stage: string; readonly trigger: Trigger; readonly at: number },
): PipelineEvent {
  const { executionId: rollbackOf, version, variables, artifacts, outputs, revisions } = target;
  const carried = { artifacts, outputs, revisions };
  return { type: 'executionStarted', ...start, version, variables, overrides: [], carried, rollbackOf, only: {} };
}

/**
 * To the stage's last success, where it ran the same structure; else there is nothing to go back to and the failure stands.
 * A rollback that fails is not rolled back again. https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback-auto.html
 */
export function automaticRollback({ state, execution, stage, step }: Situation): readonly PipelineEvent[] {
  const target = state.stages[stage.name]?.lastSuccess;
  if (!target || target.version !== execution.version || target.executionId === execution.id || execution.only) return [];
  const trigger = { type: 'AutomatedRollback', detail: execution.id } as const;
  return [rollbackStart(target, { executionId: step.id(), stage: stage.name, trigger, at: step.now })];
}
