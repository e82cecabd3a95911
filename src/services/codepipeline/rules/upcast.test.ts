import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countingIds } from '../../../kernel/ids.ts';
import type { PipelineCommand } from './commands.ts';
import { decide } from './decide.ts';
import type { PipelineEvent } from './events.ts';
import { evolve } from './evolve.ts';
import { receive } from './receive.ts';
import { inFlight, type PipelineState } from './state.ts';
import { upcast } from './upcast.ts';
import { pipelineView } from './view.ts';

/**
 * Written by the program that had shape 1, for a pipeline of Source, Build (Compile and Lint), Gate (Ask) and Ship (Put): the first
 * execution is in Ship, the second waits for its approval in Gate, the third at Gate's entrance, and the fourth has failed in Build.
 * The first two run version 1, the others version 2; the transition into Ship is disabled.
 */
const golden = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../../../test/golden/pipeline-shape-1.json'), 'utf8'),
) as PipelineState;
const [first = '', second = '', third = '', fourth = ''] = Object.keys(golden.executions);
const nothing = { find: () => undefined };

/** The events that a command comes to, and the state after them. */
function send(
  state: PipelineState,
  command: PipelineCommand,
): { readonly events: readonly PipelineEvent[]; readonly state: PipelineState } {
  const ids = countingIds();
  const step = { now: golden.updatedAt + 60_000, id: () => `new-${ids.uuid()}` };
  const events = [...receive(state, command, step)];
  let after = events.reduce(evolve, state);
  for (let more = decide(after, step, { actions: nothing, rules: nothing }); more.length > 0;) {
    events.push(...more);
    after = more.reduce(evolve, after);
    more = decide(after, step, { actions: nothing, rules: nothing });
  }
  return { events, state: after };
}

function started(events: readonly PipelineEvent[]): readonly string[] {
  return events.flatMap((event) => (event.type === 'actionStarted' ? [`${event.stage}/${event.run.action} ${event.executionId}`] : []));
}

describe('a snapshot of shape 1', () => {
  const state = upcast(golden, 1);

  it('gives each execution the runs that count for it', () => {
    const runs = Object.values(state.executions).map(({ passage }) =>
      Object.values(passage.runs).map(({ action, status }) => `${action} ${status}`),
    );
    expect(runs).toEqual([['Put InProgress'], ['Ask InProgress'], [], ['Compile Succeeded', 'Lint Failed']]);
    expect(JSON.stringify(state)).not.toContain('"current"');
  });

  it('stands as it did', () => {
    const { stageStates } = pipelineView(state);
    expect(
      stageStates?.map(({ stageName, latestExecution, actionStates, inboundExecution, inboundTransitionState }) => [
        stageName,
        latestExecution?.pipelineExecutionId,
        latestExecution?.status,
        actionStates?.map(({ latestExecution: run }) => run?.status),
        inboundExecution?.pipelineExecutionId,
        inboundTransitionState?.enabled,
      ]),
    ).toEqual([
      ['Source', fourth, 'Succeeded', ['Succeeded'], undefined, true],
      ['Build', fourth, 'Failed', ['Succeeded', 'Failed'], undefined, true],
      ['Gate', second, 'InProgress', ['InProgress'], third, true],
      ['Ship', first, 'InProgress', ['InProgress'], undefined, false],
    ]);
  });

  it('goes on: an action ends, and its execution with it', () => {
    const { id: runId } = state.executions[first]!.passage.runs.Put!;
    const { events, state: after } = send(state, { type: 'progress', runId, progress: { kind: 'succeeded', variables: {} } });
    expect(events.map(({ type }) => type)).toEqual(['actionSucceeded', 'stageSucceeded', 'executionSucceeded']);
    expect(inFlight(after).map(({ id }) => id)).toEqual([second, third]);
  });

  it('goes on: an approval is given with its token, and lets the next execution into its stage', () => {
    const { token = '' } = state.executions[second]!.passage.runs.Ask!;
    const { events, state: after } = send(state, {
      type: 'approve',
      stage: 'Gate',
      action: 'Ask',
      token,
      approved: true,
      summary: '',
      by: 'somebody',
    });
    expect(started(events)).toEqual([`Gate/Ask ${third}`]);
    expect(after.executions[second]).toMatchObject({ stage: 'Ship', phase: 'waiting' });
  });

  it('goes on: a retry runs what had failed, and what had succeeded stands', () => {
    const { events } = send(state, { type: 'retry', executionId: fourth, stage: 'Build', mode: 'FAILED_ACTIONS' });
    expect(started(events)).toEqual([`Build/Lint ${fourth}`]);
  });

  it('of another shape is refused', () => {
    expect(() => upcast(golden, 0)).toThrow('shape 0');
  });
});
