import { errors } from '../api.gen.ts';
import type { PipelineCommand } from './commands.ts';
import { conditionOf } from './conditions.ts';
import type { PipelineEvent } from './events.ts';
import { rollbackStart } from './rollback.ts';
import { declarationOf, inFlight, modeOf, runsOf, type Execution, type PipelineState } from './state.ts';
import { requireStage } from './structure.ts';

type Of<T extends PipelineCommand['type']> = Extract<PipelineCommand, { type: T }>;

export function stop(state: PipelineState, command: Of<'stop'>, at: number): readonly PipelineEvent[] {
  const { executionId, abandon, reason } = command;
  const execution = state.executions[executionId];
  if (!execution || execution.phase === 'ended') {
    throw errors.PipelineExecutionNotStoppableException(
      `Pipeline execution with id '${executionId}' in pipeline '${state.name}' is not in progress.`,
    );
  }
  if (execution.stop && (execution.stop.abandon || !abandon)) {
    throw errors.DuplicatedStopRequestException(
      `Pipeline execution with id '${executionId}' in pipeline '${state.name}' is already being stopped.`,
    );
  }
  return [{ type: 'executionStopping', executionId, abandon, reason, at }];
}

/** Only the execution that was last in a stage has a say in it; in PARALLEL mode each has. */
function requireLatest(state: PipelineState, executionId: string, stage: string): void {
  const execution = state.executions[executionId];
  const latest = state.stages[stage]?.latest;
  const parallel = execution && modeOf(state, execution) === 'PARALLEL';
  if (latest && latest.executionId !== executionId && !parallel)
    throw errors.NotLatestPipelineExecutionException(`The execution '${executionId}' is not the latest in the stage '${stage}'.`);
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-retry.html */
export function retry(state: PipelineState, command: Of<'retry'>, at: number): readonly PipelineEvent[] {
  const { executionId, stage, mode } = command;
  requireStage(declarationOf(state), stage);
  requireLatest(state, executionId, stage);
  const execution = state.executions[executionId];
  if (!execution || execution.stage !== stage || !isRetryable(state, execution, mode)) {
    throw errors.StageNotRetryableException(
      `The stage '${stage}' has no failed or stopped actions of the execution '${executionId}' to retry.`,
    );
  }
  if (execution.version !== state.version) {
    throw errors.StageNotRetryableException(`The pipeline has been changed since the execution '${executionId}' started.`);
  }
  return [{ type: 'stageRetried', executionId, stage, mode, at }];
}

/** Failed actions may run again while others still do; all of them only when nothing does. */
function isRetryable(state: PipelineState, execution: Execution, mode: Of<'retry'>['mode']): boolean {
  if (execution.phase === 'ended') {
    const latest = state.stages[execution.stage]?.latest;
    return latest?.executionId !== execution.id || latest.status === 'Failed' || latest.status === 'Stopped';
  }
  const failed = runsOf(execution).some((run) => run.status === 'Failed');
  return mode === 'FAILED_ACTIONS' && execution.phase === 'running' && execution.status === 'InProgress' && failed;
}

/** https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html */
export function rollback(state: PipelineState, command: Of<'rollback'>, at: number): PipelineEvent {
  const { executionId, stage, target, by } = command;
  const declaration = declarationOf(state);
  requireStage(declaration, stage);
  const refuse = (why: string) => errors.UnableToRollbackStageException(`The stage '${stage}' cannot be rolled back: ${why}`);
  if (declaration.stages[0]?.name === stage) throw refuse('a source stage has nothing to go back to.');
  if (declaration.executionMode === 'PARALLEL') throw refuse('the pipeline runs in PARALLEL mode.');
  if (!target) throw errors.PipelineExecutionNotFoundException(`Pipeline '${state.name}' has no execution with the id of the target.`);
  if (target.version !== state.version) {
    throw errors.PipelineExecutionOutdatedException(`The pipeline has been changed since the execution '${target.executionId}' started.`);
  }
  if (target.isRollback) throw refuse(`the execution '${target.executionId}' is a rollback itself.`);
  if (!target.succeededInStage) throw refuse(`the execution '${target.executionId}' did not succeed in it.`);
  const busy = inFlight(state).find((execution) => execution.phase === 'running' && execution.stage === stage);
  if (busy) throw refuse(`the execution '${busy.id}' is in it.`);
  return rollbackStart(target, { executionId, stage, trigger: { type: 'ManualRollback', detail: by }, at });
}

/** Lets an execution go on that a condition holds, or has ended. */
export function override(state: PipelineState, command: Of<'override'>, at: number): readonly PipelineEvent[] {
  const { executionId, stage, condition, by } = command;
  const execution = state.executions[executionId];
  const declaration = requireStage(declarationOf(state, execution?.version), stage);
  requireLatest(state, executionId, stage);
  const refuse = (why: string) =>
    errors.ConditionNotOverridableException(`The ${condition} condition of the stage '${stage}' cannot be overridden: ${why}`);
  if (condition === 'ON_FAILURE' || !conditionOf(declaration, condition)) throw refuse('the stage has none that can be.');
  const run = execution?.stage === stage ? execution.passage.conditions[condition] : undefined;
  if (!execution || !run) throw refuse(`the execution '${executionId}' is not held by it.`);
  if (run.status !== 'InProgress' && run.status !== 'Failed' && run.status !== 'Errored') throw refuse(`it is ${run.status}.`);
  if (execution.status === 'Stopping') throw refuse('the execution is being stopped.');
  if (execution.phase === 'ended' && execution.version !== state.version) throw refuse('the pipeline has been changed since.');
  return [{ type: 'conditionOverridden', executionId, stage, condition, by, at }];
}
