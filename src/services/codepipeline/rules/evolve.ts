import { unreachable } from '../../../kernel/errors.ts';
import type { PipelineEvent } from './events.ts';
import {
  actionStarted,
  conditionEnded,
  conditionOverridden,
  executionEnded,
  FRESH,
  stageArrived,
  stageEnded,
  stageEntered,
  stageRetried,
  withClosedTimes,
  withCondition,
  withExecution,
  withoutExecution,
  withoutOldDeclarations,
  withRule,
  withRun,
  withStage,
} from './evolve-stage.ts';
import { declarationOf, type Execution, type PipelineState } from './state.ts';

type Of<T extends PipelineEvent['type']> = Extract<PipelineEvent, { type: T }>;

/** Starts whose revisions are the newest of their sources; what somebody asks for may be any. */
const BY_REVISION = new Set(['PollForSourceChanges', 'CreatePipeline', 'PutActionRevision']);
const NOTHING = { artifacts: {}, outputs: {}, revisions: {} };

function executionStarted(state: PipelineState, event: Of<'executionStarted'>): PipelineState {
  const { executionId: id, version, at: startedAt, trigger, variables, overrides, stage, carried = NOTHING } = event;
  const { rollbackOf, replayOf, only, declaration } = event;
  const fresh = { status: 'InProgress', phase: 'waiting', attempt: 1, passage: FRESH, marks: [{ stage, arrived: startedAt }] } as const;
  const begun = { ...(rollbackOf !== undefined && { rollbackOf }), ...(replayOf !== undefined && { replayOf }), ...(only && { only }) };
  const execution: Execution = { id, version, startedAt, trigger, variables, overrides, stage, ...fresh, ...carried, ...begun };
  const newest = BY_REVISION.has(trigger.type) ? overrides.map(({ action, revision }) => [action, revision] as const) : [];
  const seen = { ...state.seen, ...Object.fromEntries(newest) };
  const declarations = declaration ? { ...state.declarations, [version]: declaration } : state.declarations;
  return { ...state, seen, declarations, executions: { ...state.executions, [id]: execution } };
}

function actionSucceeded(state: PipelineState, event: Of<'actionSucceeded'>): PipelineState {
  const { stage, action, at, variables, ref, revision, summary, by } = event;
  const execution = state.executions[event.executionId];
  const run = execution?.passage.runs[action];
  if (!execution || !run) return state;
  const declared = declarationOf(state, execution.version)
    .stages.find(({ name }) => name === stage)
    ?.actions.find(({ name }) => name === action);
  const known = {
    ...(ref && { ref }),
    ...(revision && { revision }),
    ...(summary !== undefined && { summary }),
    ...(by && { changedBy: by }),
  };
  const asked = execution.overrides.some((override) => override.action === action);
  // One action again is no news of its source.
  const seen = revision && !asked && !execution.only ? { ...state.seen, [action]: revision.revisionId } : state.seen;
  const next = withRun({ ...state, seen }, event, {
    status: 'Succeeded',
    changedAt: at,
    variables,
    wakeOn: undefined,
    wakeAt: undefined,
    ...known,
  });
  return withExecution(next, execution.id, {
    artifacts: { ...execution.artifacts, ...Object.fromEntries(run.outputs.map((output) => [output.name, output])) },
    ...(declared?.namespace && { outputs: { ...execution.outputs, [declared.namespace]: variables } }),
    ...(revision && { revisions: { ...execution.revisions, [action]: { ...revision, artifact: run.outputs[0]?.name } } }),
  });
}

function actionFailed(state: PipelineState, event: Of<'actionFailed'>): PipelineState {
  const { at, code, message, ref, summary, by } = event;
  const known = { ...(ref && { ref }), ...(summary !== undefined && { summary }), ...(by && { changedBy: by }) };
  return withRun(state, event, {
    status: 'Failed',
    changedAt: at,
    error: { code, message },
    wakeOn: undefined,
    wakeAt: undefined,
    ...known,
  });
}

function actionProgressed(state: PipelineState, event: Of<'actionProgressed'>): PipelineState {
  const { at, ref, wakeOn, wakeAt, summary, percent } = event;
  const told = { ...(summary !== undefined && { summary }), ...(percent !== undefined && { percent }) };
  return withRun(state, event, { changedAt: at, ref, wakeOn, wakeAt, ...told });
}

function pipelineEvent(
  state: PipelineState,
  event: Of<'pipelineCreated' | 'pipelineUpdated' | 'pipelineDeleted' | 'transitionChanged'>,
): PipelineState {
  switch (event.type) {
    case 'pipelineCreated':
      return { ...state, exists: true, declarations: { 1: event.declaration }, version: 1, createdAt: event.at, updatedAt: event.at };
    case 'pipelineUpdated': {
      const declarations = { ...state.declarations, [event.version]: event.declaration };
      return withoutOldDeclarations({ ...state, declarations, version: event.version, updatedAt: event.at });
    }
    case 'pipelineDeleted':
      return { ...state, exists: false };
    case 'transitionChanged': {
      const { enabled, reason, by, at } = event;
      return withStage(withClosedTimes(state, event.stage, at), event.stage, {
        inbound: { enabled, by, at, ...(reason !== undefined && { reason }) },
      });
    }
    default:
      return unreachable(event);
  }
}

function conditionEvent(
  state: PipelineState,
  event: Of<'conditionStarted' | 'conditionEnded' | 'conditionOverridden' | 'ruleProgressed' | 'ruleEnded'>,
): PipelineState {
  switch (event.type) {
    case 'conditionStarted': {
      const rules = Object.fromEntries(event.rules.map((run) => [run.rule, run]));
      return withCondition(state, event, () => ({ status: 'InProgress', changedAt: event.at, rules }));
    }
    case 'conditionEnded':
      return withCondition(state, event, (condition) => conditionEnded(condition!, event));
    case 'conditionOverridden':
      return conditionOverridden(state, event);
    case 'ruleProgressed': {
      const { ref, wakeOn, wakeAt, summary } = event;
      return withRule(state, event, { ref, wakeOn, wakeAt, ...(summary !== undefined && { summary }) });
    }
    case 'ruleEnded': {
      const { status, error, ref, summary } = event;
      const known = { ...(error && { error }), ...(ref && { ref }), ...(summary !== undefined && { summary }) };
      return withRule(state, event, { status, wakeOn: undefined, wakeAt: undefined, ...known });
    }
    default:
      return unreachable(event);
  }
}

/** What each event makes of the state. Total and pure; an event that meets no such execution changes nothing. */
export function evolve(state: PipelineState, event: PipelineEvent): PipelineState {
  switch (event.type) {
    case 'pipelineCreated':
    case 'pipelineUpdated':
    case 'pipelineDeleted':
    case 'transitionChanged':
      return pipelineEvent(state, event);
    case 'executionStarted':
      return executionStarted(state, event);
    case 'stageArrived':
      return stageArrived(state, event);
    case 'stageEntered':
      return stageEntered(state, event);
    case 'stageSucceeded':
      return stageEnded(state, event, 'Succeeded');
    case 'stageFailed':
      return stageEnded(state, event, 'Failed');
    case 'stageStopped':
      return stageEnded(state, event, 'Stopped');
    case 'stageRetried':
      return stageRetried(state, event);
    case 'stageSkipped':
      return stageEnded(state, event, 'Skipped');
    case 'conditionStarted':
    case 'conditionEnded':
    case 'conditionOverridden':
    case 'ruleProgressed':
    case 'ruleEnded':
      return conditionEvent(state, event);
    case 'actionStarted':
      return actionStarted(state, event);
    case 'actionProgressed':
      return actionProgressed(state, event);
    case 'actionSucceeded':
      return actionSucceeded(state, event);
    case 'actionFailed':
      return actionFailed(state, event);
    case 'actionAbandoned':
      return withRun(state, event, { status: 'Abandoned', changedAt: event.at, wakeOn: undefined, wakeAt: undefined });
    case 'executionStopping': {
      const { abandon, reason } = event;
      return withExecution(state, event.executionId, { status: 'Stopping', stop: { abandon, reason } });
    }
    case 'executionStopped':
      return executionEnded(state, event.executionId, 'Stopped');
    case 'executionFailed':
      return executionEnded(state, event.executionId, 'Failed');
    case 'executionSucceeded':
    case 'executionSuperseded':
      return withoutExecution(state, event.executionId);
    default:
      return unreachable(event);
  }
}
