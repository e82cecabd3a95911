import type { Step } from '../../../kernel/step.ts';
import type { Catalogues } from './catalogue.ts';
import type { PipelineEvent } from './events.ts';
import { inStage } from './in-stage.ts';
import { inFlight, modeOf, ruleRunsOf, runsOf, type Execution, type PipelineState } from './state.ts';

/**
 * What follows by itself: the first thing that can happen to any execution, oldest first. The engine applies it and asks
 * again, until nothing is left to do. https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works.html
 */
export function decide(state: PipelineState, step: Step, catalogues: Catalogues): readonly PipelineEvent[] {
  if (!state.exists) return [];
  const executions = inFlight(state);
  for (const execution of executions) {
    const events =
      execution.phase === 'waiting' ? atEntrance(state, execution, executions, step.now) : inStage(state, execution, step, catalogues);
    if (events.length > 0) return events;
  }
  return [];
}

/**
 * Superseding happens here and only here: of executions in SUPERSEDED mode the newest at an entrance waits. QUEUED ones keep
 * their order, PARALLEL ones mind nobody. A rollback goes first and supersedes nobody: what waits is newer than what it restores.
 */
function atEntrance(state: PipelineState, execution: Execution, all: readonly Execution[], at: number): readonly PipelineEvent[] {
  const { id: executionId, stage } = execution;
  if (execution.status === 'Stopping') return [{ type: 'executionStopped', executionId, at }];
  const mode = modeOf(state, execution);
  const here = all.filter((other) => other.stage === stage && modeOf(state, other) !== 'PARALLEL');
  const waiting = here.filter((other) => other.phase === 'waiting' && other.status === 'InProgress');
  if (mode === 'SUPERSEDED' && !execution.only) {
    const newest = waiting.filter((other) => !other.only && modeOf(state, other) === 'SUPERSEDED').at(-1);
    if (newest && newest.id !== executionId) return [{ type: 'executionSuperseded', executionId, by: newest.id, at }];
  }
  if (!execution.only && state.stages[stage]?.inbound?.enabled === false) return [];
  if (mode !== 'PARALLEL') {
    const first = waiting.find((other) => other.only) ?? waiting[0];
    if (first?.id !== executionId || here.some((other) => other.phase === 'running')) return [];
  }
  return [{ type: 'stageEntered', executionId, stage, at }];
}

/** When time alone changes something: the earliest deadline of what runs. */
export function wakeAt(state: PipelineState): number | undefined {
  let earliest: number | undefined;
  for (const execution of inFlight(state)) {
    if (execution.phase !== 'running') continue;
    for (const run of [...runsOf(execution), ...ruleRunsOf(execution)]) {
      if (run.status === 'InProgress' && (earliest === undefined || run.deadline < earliest)) earliest = run.deadline;
    }
  }
  return earliest;
}
