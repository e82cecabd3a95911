import type { Step } from '../../../kernel/step.ts';
import type { ActionDeclaration, StageDeclaration } from '../api.gen.ts';
import type { Catalogue } from './catalogue.ts';
import type { PipelineEvent } from './events.ts';
import { startAction } from './start-action.ts';
import { currentRuns, declarationOf, inFlight, type ActionRun, type Execution, type PipelineState } from './state.ts';

/**
 * What follows by itself: the first thing that can happen to any execution, oldest first. The engine applies it and asks
 * again, until nothing is left to do. https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
 */
export function decide(state: PipelineState, step: Step, catalogue: Catalogue): readonly PipelineEvent[] {
  if (!state.exists) return [];
  for (const execution of inFlight(state)) {
    const events = execution.phase === 'waiting' ? atEntrance(state, execution, step.now) : inStage(state, execution, step, catalogue);
    if (events.length > 0) return events;
  }
  return [];
}

/** Superseding happens here and only here: the newest execution at an entrance is the one that waits. */
function atEntrance(state: PipelineState, execution: Execution, at: number): readonly PipelineEvent[] {
  const { id: executionId, stage } = execution;
  if (execution.status === 'Stopping') return [{ type: 'executionStopped', executionId, at }];
  const waiting = inFlight(state).filter((other) => other.phase === 'waiting' && other.stage === stage && other.status === 'InProgress');
  const newest = waiting.at(-1);
  if (newest && newest.id !== executionId) return [{ type: 'executionSuperseded', executionId, by: newest.id, at }];
  const entrance = state.stages[stage];
  const locked = inFlight(state).some((other) => other.phase === 'running' && other.stage === stage);
  if (locked || entrance?.inbound?.enabled === false) return [];
  return [{ type: 'stageEntered', executionId, stage, at }];
}

function inStage(state: PipelineState, execution: Execution, step: Step, catalogue: Catalogue): readonly PipelineEvent[] {
  const declaration = declarationOf(state, execution.version);
  const index = declaration.stages.findIndex((stage) => stage.name === execution.stage);
  const stage = declaration.stages[index]!;
  const runs = currentRuns(state, stage.name);
  const place = { executionId: execution.id, stage: stage.name, at: step.now };
  const late = runs.filter((run) => run.status === 'InProgress' && run.deadline <= step.now);
  if (late.length > 0) return late.map((run) => timedOut(place, run));
  if (execution.status === 'Stopping') return stopping(execution, runs, place);
  const busy = runs.some((run) => run.status === 'InProgress');
  if (runs.some((run) => run.status === 'Failed' || run.status === 'Abandoned')) {
    return busy
      ? []
      : [
          { type: 'stageFailed', ...place },
          { type: 'executionFailed', executionId: execution.id, at: step.now },
        ];
  }
  const due = dueActions(stage, runs);
  if (due.length > 0) return due.flatMap((action) => startAction({ state, execution, declaration, stage, action, step, catalogue }));
  return busy ? [] : leave(declaration.stages[index + 1], place);
}

function leave(next: StageDeclaration | undefined, place: { executionId: string; stage: string; at: number }): readonly PipelineEvent[] {
  const { executionId, at } = place;
  const done = { type: 'stageSucceeded', ...place } as const;
  return next
    ? [done, { type: 'stageArrived', executionId, stage: next.name, at }]
    : [done, { type: 'executionSucceeded', executionId, at }];
}

/** Stop and wait lets running actions end; stop and abandon gives them up, while the provider's work goes on. */
function stopping(
  execution: Execution,
  runs: readonly ActionRun[],
  place: { executionId: string; stage: string; at: number },
): readonly PipelineEvent[] {
  const running = runs.filter((run) => run.status === 'InProgress');
  if (running.length === 0)
    return [
      { type: 'stageStopped', ...place },
      { type: 'executionStopped', executionId: execution.id, at: place.at },
    ];
  if (!execution.stop?.abandon) return [];
  return running.map((run) => ({ type: 'actionAbandoned', ...place, action: run.action }));
}

function timedOut(place: { executionId: string; stage: string; at: number }, run: ActionRun): PipelineEvent {
  const minutes = Math.round((run.deadline - run.startedAt) / 60_000);
  return {
    type: 'actionFailed',
    ...place,
    action: run.action,
    code: 'TimedOut',
    message: `The action did not end within ${minutes} minutes.`,
  };
}

/** The actions of the lowest run order that is not done, unless they are under way. */
function dueActions(stage: StageDeclaration, runs: readonly ActionRun[]): readonly ActionDeclaration[] {
  const started = new Map(runs.map((run) => [run.action, run]));
  const open = stage.actions.filter((action) => started.get(action.name)?.status !== 'Succeeded');
  const order = Math.min(...open.map((action) => action.runOrder ?? 1));
  return open.filter((action) => (action.runOrder ?? 1) === order && !started.has(action.name));
}

/** When time alone changes something: the earliest deadline of a running action. */
export function wakeAt(state: PipelineState): number | undefined {
  let earliest: number | undefined;
  for (const execution of inFlight(state)) {
    if (execution.phase !== 'running') continue;
    for (const run of currentRuns(state, execution.stage)) {
      if (run.status === 'InProgress' && (earliest === undefined || run.deadline < earliest)) earliest = run.deadline;
    }
  }
  return earliest;
}
