import type { Effect, ProcessType } from '../../engine/process.ts';
import type { Bus } from '../../ports/bus.ts';
import { project } from './projection.ts';
import type { Catalogues } from './rules/catalogue.ts';
import type { PipelineCommand } from './rules/commands.ts';
import { decide, wakeAt } from './rules/decide.ts';
import type { PipelineEvent } from './rules/events.ts';
import { evolve } from './rules/evolve.ts';
import { receive } from './rules/receive.ts';
import {
  emptyPipeline,
  inFlight,
  ruleRunsOf,
  runsOf,
  type ActionRun,
  type ConditionType,
  type PipelineState,
  type RuleRun,
  type Run,
} from './rules/state.ts';
import { upcast } from './rules/upcast.ts';

/** What the performers need to find the run in the state. */
export interface RunAddress {
  readonly runId: string;
  /** Absent in what an older program wrote. */
  readonly executionId?: string;
}

/** The pipeline aggregate, for the engine. */
export function pipelineProcess(catalogues: Catalogues, bus: Bus): ProcessType<PipelineState, PipelineEvent, PipelineCommand> {
  return {
    name: 'pipeline',
    version: 2,
    initial: emptyPipeline,
    evolve,
    receive,
    decide: (state, step) => decide(state, step, catalogues),
    effects,
    cancels,
    gaveUp(effect, message) {
      const { runId, executionId } = effect.payload as RunAddress;
      return { type: 'errored', runId, message, ...(executionId !== undefined && { executionId }) };
    },
    project: (projection) => project(projection, bus),
    wakeAt,
    isOpen: (state) => state.exists && inFlight(state).length > 0,
    isGone: (state) => !state.exists,
    upcast: (snapshot, version) => upcast(snapshot, version),
  };
}

function effects(event: PipelineEvent, state: PipelineState): readonly Effect[] {
  if (event.type === 'actionStarted') return [startEffect('start-action', event.run)];
  if (event.type === 'conditionStarted') return event.rules.map((run) => startEffect('start-rule', run));
  // These the engine decided while the provider's run may still go on: the provider is told to stop.
  if (event.type === 'actionFailed' && event.code === 'TimedOut')
    return runsOfAction(event, state).map((run) => stopEffect('stop-action', run));
  if (event.type === 'ruleEnded' && event.error?.code === 'TimedOut')
    return runsOfRule(event, state).map((run) => stopEffect('stop-rule', run));
  if (event.type === 'conditionEnded' || event.type === 'conditionOverridden') {
    return rulesOf(event, state)
      .filter((run) => run.status === 'Abandoned')
      .map((run) => stopEffect('stop-rule', run));
  }
  return [];
}

function runsOfAction(event: { executionId: string; action: string }, state: PipelineState): readonly ActionRun[] {
  const run = state.executions[event.executionId]?.passage.runs[event.action];
  return run ? [run] : [];
}

function rulesOf(event: { executionId: string; condition: ConditionType }, state: PipelineState): readonly RuleRun[] {
  return Object.values(state.executions[event.executionId]?.passage.conditions[event.condition]?.rules ?? {});
}

function runsOfRule(event: { executionId: string; condition: ConditionType; rule: string }, state: PipelineState): readonly RuleRun[] {
  return rulesOf(event, state).filter((run) => run.rule === event.rule);
}

function startEffect(kind: string, { id: runId, executionId }: Run): Effect {
  const payload: RunAddress = { runId, executionId };
  return { id: runId, kind, honest: 'keyed', payload };
}

function stopEffect(kind: string, { id: runId, executionId }: Run): Effect {
  const payload: RunAddress = { runId, executionId };
  return { id: `${runId}/stop`, kind, honest: 'repeatable', payload };
}

/** What is over needs no starting any more. */
function cancels(event: PipelineEvent, state: PipelineState): readonly string[] {
  return over(event, state).map(({ id }) => id);
}

function over(event: PipelineEvent, state: PipelineState): readonly Run[] {
  if (event.type === 'pipelineDeleted')
    return Object.values(state.executions).flatMap((execution) => [...runsOf(execution), ...ruleRunsOf(execution)]);
  if (event.type === 'actionFailed' || event.type === 'actionAbandoned' || event.type === 'actionSucceeded')
    return runsOfAction(event, state);
  if (event.type === 'ruleEnded') return runsOfRule(event, state);
  if (event.type === 'conditionEnded' || event.type === 'conditionOverridden') return rulesOf(event, state);
  return [];
}
