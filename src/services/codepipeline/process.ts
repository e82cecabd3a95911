import type { Effect, ProcessType } from '../../engine/process.ts';
import type { Bus } from '../../ports/bus.ts';
import { project } from './projection.ts';
import type { Catalogue } from './rules/catalogue.ts';
import type { PipelineCommand } from './rules/commands.ts';
import { decide, wakeAt } from './rules/decide.ts';
import type { PipelineEvent } from './rules/events.ts';
import { evolve } from './rules/evolve.ts';
import { receive } from './rules/receive.ts';
import { emptyPipeline, inFlight, type PipelineState } from './rules/state.ts';

/** What the performers need to find the run in the state. */
export interface RunAddress {
  readonly runId: string;
  readonly stage: string;
  readonly action: string;
}

/** Action failures that the engine decided while the provider's run may still go on: the provider is told to stop. */
const STOPS_PROVIDER = new Set(['TimedOut']);

/** The pipeline aggregate, for the engine. */
export function pipelineProcess(catalogue: Catalogue, bus: Bus): ProcessType<PipelineState, PipelineEvent, PipelineCommand> {
  return {
    name: 'pipeline',
    version: 1,
    initial: emptyPipeline,
    evolve,
    receive,
    decide: (state, step) => decide(state, step, catalogue),
    effects: (event, state) => effects(event, state),
    cancels: (event, state) => cancels(event, state),
    gaveUp(effect, message) {
      const address = effect.payload as RunAddress;
      return { type: 'errored', ...address, message };
    },
    project: (projection) => project(projection, bus),
    wakeAt,
    isOpen: (state) => state.exists && inFlight(state).length > 0,
    isGone: (state) => !state.exists,
  };
}

function effects(event: PipelineEvent, state: PipelineState): readonly Effect[] {
  if (event.type === 'actionStarted') {
    const payload: RunAddress = { runId: event.run.id, stage: event.stage, action: event.run.action };
    return [{ id: event.run.id, kind: 'start-action', honest: 'keyed', payload }];
  }
  if (event.type === 'actionFailed' && STOPS_PROVIDER.has(event.code)) {
    const run = state.stages[event.stage]?.runs[event.action];
    if (!run) return [];
    const payload: RunAddress = { runId: run.id, stage: event.stage, action: event.action };
    return [{ id: `${run.id}/stop`, kind: 'stop-action', honest: 'repeatable', payload }];
  }
  return [];
}

/** An action that is over needs no starting any more. */
function cancels(event: PipelineEvent, state: PipelineState): readonly string[] {
  if (event.type === 'pipelineDeleted') {
    return Object.values(state.stages).flatMap((stage) => Object.values(stage.runs).map((run) => run.id));
  }
  if (event.type !== 'actionFailed' && event.type !== 'actionAbandoned' && event.type !== 'actionSucceeded') return [];
  const run = state.stages[event.stage]?.runs[event.action];
  return run ? [run.id] : [];
}
