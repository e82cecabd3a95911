import { describe, expect, it } from 'vitest';
import type { ActionExecutionDetail, GetPipelineStateOutput, StageState } from '../services/codepipeline/api.gen.ts';
import { colours, plain } from './paint.ts';
import { changes, duration, lines, type RenderOptions } from './render.ts';
import { snapshotOf, type Snapshot } from './snapshot.ts';

const COMMIT = 'a'.repeat(40);
const T0 = 1_700_000_000_000;

interface Step {
  readonly status?: string;
  readonly from?: number;
  readonly to?: number;
  readonly token?: string;
  readonly provider?: string;
  readonly summary?: string;
  readonly error?: string;
  readonly ask?: string;
}

interface Story {
  readonly status?: 'InProgress' | 'Succeeded' | 'Failed' | 'Superseded';
  readonly stages: Readonly<Record<string, Readonly<Record<string, Step>>>>;
  readonly more?: Readonly<Record<string, Partial<StageState>>>;
  readonly phase?: string;
}

function detail(
  stageName: string,
  actionName: string,
  { status, from = 0, to = from, provider = 'Dummy', error, ask }: Step,
): ActionExecutionDetail {
  return {
    stageName,
    actionName,
    status: status as 'InProgress',
    startTime: T0 + from,
    lastUpdateTime: T0 + to,
    input: {
      actionTypeId: { category: 'Build', owner: 'AWS', provider, version: '1' },
      ...(ask !== undefined && { resolvedConfiguration: { CustomData: ask } }),
    },
    output: {
      executionResult: { externalExecutionId: `${actionName}:1`, ...(error !== undefined && { errorDetails: { message: error } }) },
    },
  };
}

function stageState(stageName: string, actions: Readonly<Record<string, Step>>): StageState {
  const statuses = Object.values(actions).map(({ status }) => status);
  const status = statuses.find((one) => one === 'Failed' || one === 'InProgress') ?? statuses[0];
  return {
    stageName,
    ...(status !== undefined && { latestExecution: { pipelineExecutionId: 'e1', status: status as 'InProgress' } }),
    actionStates: Object.entries(actions).map(([actionName, { status: now, token, summary }]) => ({
      actionName,
      ...(now !== undefined && {
        latestExecution: { status: now as 'InProgress', ...(token !== undefined && { token }), ...(summary !== undefined && { summary }) },
      }),
    })),
  };
}

function snapshot({ status = 'InProgress', stages, more = {}, phase = 'BUILD' }: Story): Snapshot {
  const state: GetPipelineStateOutput = {
    stageStates: Object.entries(stages).map(([name, actions]) => ({ ...stageState(name, actions), ...more[name] })),
  };
  const details = Object.entries(stages).flatMap(([stage, actions]) =>
    Object.entries(actions).flatMap(([name, step]) => (step.status === undefined ? [] : [detail(stage, name, step)])),
  );
  const artifactRevisions = [{ name: 'Source', revisionId: COMMIT, revisionSummary: 'Fix it\n\nat last' }];
  const execution = { pipelineName: 'site', pipelineExecutionId: 'e1', status, artifactRevisions };
  return snapshotOf({ execution, details: details.toReversed(), state, phases: new Map([['Compile:1', phase]]) });
}

const options: RenderOptions = { paint: plain, now: T0 + 5_000, height: 40, approve: '', tail: () => [] };
const SOURCE = { Checkout: { status: 'Succeeded', to: 400, summary: 'Fix it' } };
const building = snapshot({
  stages: { Source: SOURCE, Build: { Compile: { status: 'InProgress', from: 500, provider: 'CodeBuild' } }, Deploy: { Copy: {} } },
});
const waiting = snapshot({
  stages: { Source: SOURCE, Approve: { Ask: { status: 'InProgress', from: 500, token: 't1', ask: 'Ready?' } }, Deploy: { Copy: {} } },
});
const failed = snapshot({
  status: 'Failed',
  stages: {
    Source: SOURCE,
    Build: {
      Compile: { status: 'Failed', from: 500, to: 62_500, provider: 'CodeBuild', error: 'Build terminated with state: FAILED\nmore' },
    },
    Deploy: { Copy: {} },
  },
});

describe('an execution as lines', () => {
  it('shows stages, actions, times, and the last lines of a running build', () => {
    const tail = (id: string) => (id === 'Compile:1' ? ['[Container] 2026/11/21 06:28:11.309075 Entering phase BUILD', 'ok 1'] : []);
    expect(lines(building, { ...options, tail })).toEqual([
      'site e1  5.0s',
      'aaaaaaaa Fix it',
      '',
      '✓ Source',
      '  ✓ Checkout         0.4s  Fix it',
      '⠋ Build',
      '  ⠋ Compile          4.5s  BUILD',
      '    │ Entering phase BUILD',
      '    │ ok 1',
      '· Deploy',
      '  · Copy',
    ]);
  });

  it('says what an approval is asked for, and how to give it', () => {
    const drawn = lines(waiting, { ...options, approve: 'pipewright approve site' });
    expect(drawn).toContain('  ? Ask              4.5s  waits for you: Ready?');
    expect(drawn.at(-1)).toBe('It waits for an approval: pipewright approve site');
    expect(lines(waiting, options).at(-1)).toBe('  · Copy');
  });

  it('says why it failed, in one line', () => {
    const drawn = lines(failed, options);
    expect(drawn).toContain('  ✗ Compile        1m 02s  failed: Build terminated with state: FAILED');
    expect(drawn.at(-1)).toBe('Failed');
    expect(drawn[0]).toBe('site e1  1m 03s');
  });

  it('folds stages where nothing happens, then cuts from above, when there is little room', () => {
    expect(lines(building, { ...options, height: 8 })).toEqual([
      'site e1  5.0s',
      'aaaaaaaa Fix it',
      '',
      '✓ Source',
      '⠋ Build',
      '  ⠋ Compile          4.5s  BUILD',
      '· Deploy',
    ]);
    expect(lines(building, { ...options, height: 4 })).toEqual(['site e1  5.0s', 'aaaaaaaa Fix it', '', '· Deploy']);
  });

  it('paints without changing a letter', () => {
    // oxlint-disable-next-line no-control-regex -- what colours add is taken away again
    const bare = lines(failed, { ...options, paint: colours }).map((line) => line.replace(/\x1b\[\d+m/g, '').trimEnd());
    expect(bare).toEqual(lines(failed, options));
  });

  it('says what an execution waits for that does not get into a stage', () => {
    const inbound = { inboundExecutions: [{ pipelineExecutionId: 'e1', status: 'InProgress' as const }], latestExecution: undefined };
    const closed = { ...inbound, inboundTransitionState: { enabled: false, disabledReason: 'Friday' } };
    const of = (deploy: object) => lines(snapshot({ stages: { Source: SOURCE, Deploy: { Copy: {} } }, more: { Deploy: deploy } }), options);
    expect(of(inbound)).toContain('· Deploy  waits until the execution before it has left the stage');
    expect(of(closed)).toContain('· Deploy  the transition into this stage is disabled: Friday');
  });

  it('does not take what another execution does for its own', () => {
    const other = { latestExecution: { pipelineExecutionId: 'e2', status: 'InProgress' as const } };
    const past = snapshot({
      status: 'Superseded',
      stages: { Source: SOURCE, Build: { Compile: {} } },
      more: { Source: other, Build: other },
    });
    expect(past.stages.map(({ status }) => status)).toEqual(['Succeeded', 'Waiting']);
  });
});

describe('changes', () => {
  it('begins with what there is', () => {
    expect(changes(undefined, building, options.now)).toEqual([
      'site e1',
      'aaaaaaaa Fix it',
      'Source/Checkout: Succeeded in 0.4s - Fix it',
      'Build/Compile: InProgress',
    ]);
  });

  it('tells what is new, once', () => {
    expect(changes(building, failed, options.now)).toEqual([
      'Build/Compile: Failed in 1m 02s - Build terminated with state: FAILED',
      'Failed',
    ]);
    expect(changes(failed, failed, options.now)).toEqual([]);
  });

  it('tells of an approval that begins to wait, and not that it was given before it ended', () => {
    const begun = snapshot({ stages: { Source: SOURCE, Approve: { Ask: { status: 'InProgress', from: 500 } }, Deploy: { Copy: {} } } });
    expect(changes(begun, waiting, options.now)).toEqual(['Approve/Ask: Waits for approval - Ready?']);
    expect(changes(waiting, begun, options.now)).toEqual([]);
  });
});

it.each([
  [0, '0.0s'],
  [-5, '0.0s'],
  [59_949, '59.9s'],
  [59_999, '1m 00s'],
  [125_000, '2m 05s'],
  [3_600_000, '1h 00m'],
  [9_000_000, '2h 30m'],
])('%i ms is %s', (ms, text) => {
  expect(duration(ms)).toBe(text);
});
