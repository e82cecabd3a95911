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
  type ConditionRun,
  type ConditionType,
  type PipelineState,
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
  switch (event.type) {
    case 'actionStarted':
      return [startEffect('start-action', event.run)];
    case 'conditionStarted':
      return event.rules.map((run) => startEffect('start-rule', run));
    case 'actionFailed': {
      // The engine decided this while the provider's run may still go on: the provider is told to stop.
      const run = event.code === 'TimedOut' ? state.executions[event.executionId]?.passage.runs[event.action] : undefined;
      return run ? [stopEffect('stop-action', run)] : [];
    }
    case 'ruleEnded': {
      const run = event.error?.code === 'TimedOut' ? conditionRun(event, state)?.rules[event.rule] : undefined;
      return run ? [stopEffect('stop-rule', run)] : [];
    }
    case 'conditionEnded':
    case 'conditionOverridden':
      return Object.values(conditionRun(event, state)?.rules ?? {})
        .filter((run) => run.status === 'Abandoned')
        .map((run) => stopEffect('stop-rule', run));
    default:
      return [];
  }
}

function conditionRun(event: { executionId: string; condition: ConditionType }, state: PipelineState): ConditionRun | undefined {
  return state.executions[event.executionId]?.passage.conditions[event.condition];
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
  switch (event.type) {
    case 'pipelineDeleted':
      return Object.values(state.executions).flatMap((execution) => [...runsOf(execution), ...ruleRunsOf(execution)].map(({ id }) => id));
    case 'actionFailed':
    case 'actionAbandoned':
    case 'actionSucceeded': {
      const run = state.executions[event.executionId]?.passage.runs[event.action];
      return run ? [run.id] : [];
    }
    case 'ruleEnded': {
      const run = conditionRun(event, state)?.rules[event.rule];
      return run ? [run.id] : [];
    }
    case 'conditionEnded':
    case 'conditionOverridden':
      return Object.values(conditionRun(event, state)?.rules ?? {}).map(({ id }) => id);
    default:
      return [];
  }
}
