import { unreachable } from '../../../kernel/errors.ts';
import type { PipelineEvent } from './events.ts';
import { declarationOf, type ActionRun, type Execution, type PipelineState, type StageState, type StageStatus } from './state.ts';

type Of<T extends PipelineEvent['type']> = Extract<PipelineEvent, { type: T }>;

function withExecution(state: PipelineState, id: string, change: Partial<Execution>): PipelineState {
  const execution = state.executions[id];
  return execution ? { ...state, executions: { ...state.executions, [id]: { ...execution, ...change } } } : state;
}

function withoutExecution(state: PipelineState, id: string): PipelineState {
  const { [id]: gone, ...executions } = state.executions;
  return gone ? withoutOldDeclarations({ ...state, executions }) : state;
}

function withStage(state: PipelineState, name: string, change: Partial<StageState>): PipelineState {
  const stage = state.stages[name] ?? { runs: {} };
  return { ...state, stages: { ...state.stages, [name]: { ...stage, ...change } } };
}

function withRun(state: PipelineState, stage: string, action: string, change: Partial<ActionRun>): PipelineState {
  const runs = state.stages[stage]?.runs ?? {};
  const run = runs[action];
  return run ? withStage(state, stage, { runs: { ...runs, [action]: { ...run, ...change } } }) : state;
}

function withoutOldDeclarations(state: PipelineState): PipelineState {
  const used = new Set([state.version, ...Object.values(state.executions).map((execution) => execution.version)]);
  const kept = Object.entries(state.declarations).filter(([version]) => used.has(Number(version)));
  return kept.length === Object.keys(state.declarations).length ? state : { ...state, declarations: Object.fromEntries(kept) };
}

function stageEnded(state: PipelineState, event: { executionId: string; stage: string }, status: StageStatus): PipelineState {
  return withStage(state, event.stage, { latest: { executionId: event.executionId, status } });
}

/** A newer execution in the stage takes the retry from the one before it, and the say from its runs. */
function stageEntered(state: PipelineState, event: Of<'stageEntered'>): PipelineState {
  const stage = state.stages[event.stage];
  const previous = stage?.latest?.executionId;
  let next = state;
  if (previous !== undefined && previous !== event.executionId && state.executions[previous]?.phase === 'ended')
    next = withoutExecution(next, previous);
  const runs = Object.fromEntries(Object.entries(stage?.runs ?? {}).map(([name, run]) => [name, { ...run, current: false }]));
  next = withStage(next, event.stage, { latest: { executionId: event.executionId, status: 'InProgress' }, runs });
  return withExecution(next, event.executionId, { phase: 'running', stage: event.stage });
}

function stageRetried(state: PipelineState, event: Of<'stageRetried'>): PipelineState {
  const runs = Object.entries(state.stages[event.stage]?.runs ?? {}).map(([name, run]) => {
    const again = event.mode === 'ALL_ACTIONS' || (run.status !== 'Succeeded' && run.status !== 'InProgress');
    return [name, again ? { ...run, current: false } : run] as const;
  });
  const next = withStage(state, event.stage, {
    latest: { executionId: event.executionId, status: 'InProgress' },
    runs: Object.fromEntries(runs),
  });
  const attempt = (state.executions[event.executionId]?.attempt ?? 0) + 1;
  return withExecution(next, event.executionId, { status: 'InProgress', phase: 'running', attempt, stop: undefined });
}

function executionStarted(state: PipelineState, event: Of<'executionStarted'>): PipelineState {
  const { executionId: id, version, at: startedAt, trigger, variables, overrides, stage } = event;
  const fresh = { status: 'InProgress', phase: 'waiting', attempt: 1, artifacts: {}, outputs: {}, revisions: {} } as const;
  const execution: Execution = { id, version, startedAt, trigger, variables, overrides, stage, ...fresh };
  const seen = { ...state.seen, ...Object.fromEntries(overrides.map(({ action, revision }) => [action, revision])) };
  return { ...state, seen, executions: { ...state.executions, [id]: execution } };
}

function actionSucceeded(state: PipelineState, event: Of<'actionSucceeded'>): PipelineState {
  const { stage, action, at, variables, ref, revision, summary, by } = event;
  const execution = state.executions[event.executionId];
  const run = state.stages[stage]?.runs[action];
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
  const seen = revision ? { ...state.seen, [action]: revision.revisionId } : state.seen;
  const next = withRun({ ...state, seen }, stage, action, {
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
  const { stage, action, at, code, message, ref, summary, by } = event;
  const known = { ...(ref && { ref }), ...(summary !== undefined && { summary }), ...(by && { changedBy: by }) };
  return withRun(state, stage, action, {
    status: 'Failed',
    changedAt: at,
    error: { code, message },
    wakeOn: undefined,
    wakeAt: undefined,
    ...known,
  });
}

function actionProgressed(state: PipelineState, event: Of<'actionProgressed'>): PipelineState {
  const { stage, action, at, ref, wakeOn, wakeAt, summary } = event;
  return withRun(state, stage, action, { changedAt: at, ref, wakeOn, wakeAt, ...(summary !== undefined && { summary }) });
}

/** Ended in a stage: kept, because the stage may be retried. Ended at an entrance: over for good. */
function executionEnded(state: PipelineState, id: string, status: 'Failed' | 'Stopped'): PipelineState {
  const execution = state.executions[id];
  if (execution?.phase === 'running') return withExecution(state, id, { status, phase: 'ended' });
  return withoutExecution(state, id);
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
      return withStage(state, event.stage, { inbound: { enabled, by, at, ...(reason !== undefined && { reason }) } });
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
      return withExecution(state, event.executionId, { phase: 'waiting', stage: event.stage, attempt: 1 });
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
    case 'actionStarted': {
      const runs = { ...state.stages[event.stage]?.runs, [event.run.action]: event.run };
      return withStage(state, event.stage, { runs });
    }
    case 'actionProgressed':
      return actionProgressed(state, event);
    case 'actionSucceeded':
      return actionSucceeded(state, event);
    case 'actionFailed':
      return actionFailed(state, event);
    case 'actionAbandoned':
      return withRun(state, event.stage, event.action, { status: 'Abandoned', changedAt: event.at, wakeOn: undefined, wakeAt: undefined });
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
