import type { JsonObject } from '../../../kernel/json.ts';
import type { PipelineEvent } from './events.ts';
import type { Transition } from './history.ts';
import { conditionOf } from './conditions.ts';
import { declarationOf, type ActionRun, type Execution, type PipelineState } from './state.ts';

/** An event as EventBridge will show it, without the frame (id, account, region, resources). */
export interface PublicEvent {
  readonly detailType: string;
  readonly at: number;
  readonly detail: JsonObject;
}

const PIPELINE = 'CodePipeline Pipeline Execution State Change';
const STAGE = 'CodePipeline Stage Execution State Change';
const ACTION = 'CodePipeline Action Execution State Change';

const EXECUTION_STATES: Partial<Record<PipelineEvent['type'], string>> = {
  executionStarted: 'STARTED',
  executionStopping: 'STOPPING',
  executionStopped: 'STOPPED',
  executionSucceeded: 'SUCCEEDED',
  executionFailed: 'FAILED',
  executionSuperseded: 'SUPERSEDED',
};
const STAGE_STATES: Partial<Record<PipelineEvent['type'], string>> = {
  stageSucceeded: 'SUCCEEDED',
  stageFailed: 'FAILED',
  stageStopped: 'STOPPED',
};
const ACTION_STATES: Partial<Record<PipelineEvent['type'], string>> = {
  actionStarted: 'STARTED',
  actionSucceeded: 'SUCCEEDED',
  actionFailed: 'FAILED',
  actionAbandoned: 'ABANDONED',
};

/**
 * AWS's three detail types and their fields. The state before knows executions that the event has removed.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/detect-state-changes-cloudwatch-events.html
 */
export function publicEvents({ event, before, after }: Transition): readonly PublicEvent[] {
  if (!('executionId' in event)) return [];
  const execution = after.executions[event.executionId] ?? before.executions[event.executionId];
  if (!execution) return [];
  const common = {
    pipeline: after.name,
    'execution-id': execution.id,
    'start-time': new Date(execution.startedAt).toISOString(),
    version: execution.version,
    'pipeline-execution-attempt': execution.attempt,
  };
  const at = event.type === 'actionStarted' ? event.run.startedAt : event.at;
  const resumed =
    event.type === 'stageRetried' || (event.type === 'conditionOverridden' && before.executions[execution.id]?.phase === 'ended');
  const pipelineState = resumed ? 'RESUMED' : EXECUTION_STATES[event.type];
  const stageState = resumed ? 'RESUMED' : stageStateOf(event, execution, after);
  const actionState = ACTION_STATES[event.type];
  const events: PublicEvent[] = [];
  if (pipelineState)
    events.push({ detailType: PIPELINE, at, detail: { ...common, state: pipelineState, ...pipelineFields(event, execution) } });
  if (stageState) events.push({ detailType: STAGE, at, detail: { ...common, stage: execution.stage, state: stageState } });
  if (actionState)
    events.push({ detailType: ACTION, at, detail: { ...common, state: actionState, ...actionFields(event, execution, after) } });
  return events;
}

function stageStateOf(event: PipelineEvent, execution: Execution, after: PipelineState): string | undefined {
  if (begins(event, execution, after)) return 'STARTED';
  // It stops what it is in: not a stage that it waits for, nor one whose entry condition has not let it in yet.
  if (event.type === 'executionStopping') return execution.phase === 'running' && isIn(execution) ? 'STOPPING' : undefined;
  return STAGE_STATES[event.type];
}

function isIn({ attempt, passage }: Execution): boolean {
  return attempt > 1 || passage.conditions.BEFORE_ENTRY?.status !== 'InProgress';
}

/**
 * A stage with an entry condition has started once that has let the execution in, has failed the stage, or was stopped; a skipped
 * one never has. One that is retried has started before.
 */
function begins(event: PipelineEvent, execution: Execution, after: PipelineState): boolean {
  if (event.type !== 'stageEntered' && event.type !== 'conditionEnded' && event.type !== 'conditionOverridden') return false;
  if (execution.attempt > 1) return false;
  const stage = declarationOf(after, execution.version).stages.find(({ name }) => name === event.stage);
  const entry = stage && execution.only?.action === undefined ? conditionOf(stage, 'BEFORE_ENTRY') : undefined;
  if (event.type === 'stageEntered') return !entry;
  if (event.condition !== 'BEFORE_ENTRY') return false;
  const skips = event.type === 'conditionEnded' && (event.status === 'Failed' || event.status === 'Errored') && entry?.result === 'SKIP';
  return !skips;
}

function pipelineFields(event: PipelineEvent, execution: Execution): JsonObject {
  if (event.type === 'executionStopping') return { 'stop-execution-comments': event.reason };
  if (event.type !== 'executionStarted') return {};
  const { type, detail, git } = execution.trigger;
  return { 'execution-trigger': { 'trigger-type': type, 'trigger-detail': detail, ...git } };
}

function actionFields(event: PipelineEvent, execution: Execution, after: PipelineState): JsonObject {
  if (!('stage' in event)) return {};
  const name = event.type === 'actionStarted' ? event.run.action : 'action' in event ? event.action : undefined;
  const run =
    name === undefined ? undefined : (after.executions[execution.id]?.passage.runs[name] ?? after.stages[event.stage]?.runs[name]);
  if (!run) return {};
  const stage = declarationOf(after, execution.version).stages.find((candidate) => candidate.name === event.stage);
  const declared = stage?.actions.find((action) => action.name === run.action);
  return {
    stage: event.stage,
    action: run.action,
    'action-execution-id': run.id,
    region: declared?.region ?? after.region,
    ...(declared && { type: { ...declared.actionTypeId } }),
    'input-artifacts': run.inputs.map(artifact),
    ...(run.status === 'Succeeded' && { 'output-artifacts': run.outputs.map(artifact) }),
    ...executionResult(run),
  };
}

function artifact({ name, bucket, key }: { name: string; bucket: string; key: string }): JsonObject {
  return { name, s3location: { bucket, key } };
}

function executionResult(run: ActionRun): JsonObject {
  if (run.status === 'InProgress') return {};
  const summary = run.error?.message ?? run.summary;
  return {
    'execution-result': {
      ...(run.ref?.url !== undefined && { 'external-execution-url': run.ref.url }),
      ...(run.ref && { 'external-execution-id': run.ref.id }),
      ...(summary !== undefined && { 'external-execution-summary': summary }),
      ...(run.error && { 'error-code': run.error.code }),
    },
  };
}
