import { describe, expect, it } from 'vitest';
import type { Fact, Figures, GetExecutionTimingOutput } from '../services/pipewright/api.gen.ts';
import { figureLines, frequency } from './figures.ts';
import { colours, plain } from './paint.ts';
import { timingTable, waterfall } from './timing.ts';
import { factLines } from './why.ts';
import { long, moment, table } from './words.ts';

const T0 = Date.UTC(2026, 0, 1);

describe('why', () => {
  const facts: readonly Fact[] = [
    { kind: 'APPROVAL_WAITS', time: 'NOW', text: 'It waits.', at: T0, until: T0 + 120_000 },
    { kind: 'EXECUTION_FAILED', time: 'PAST', text: 'It failed:\n  twice', at: T0 },
    { kind: 'SOURCE_WATCHED', time: 'ALWAYS', text: 'It is watched.' },
  ];

  it('is told under headings, with times', () => {
    expect(factLines(facts, T0 + 60_000, plain)).toEqual([
      'Now',
      `  since ${moment(T0)} (1m 00s, times out in 1m 00s)  It waits.`,
      'Before',
      `  ${moment(T0)}  It failed: twice`,
      'What starts it',
      '  It is watched.',
    ]);
    expect(factLines([facts[2]!], T0, plain)).toEqual(['What starts it', '  It is watched.']);
  });
});

describe('timing', () => {
  const span = { stageName: 'Build', startTime: T0, endTime: T0 + 10_000, millis: 10_000 };
  const timing: GetExecutionTimingOutput = {
    pipelineName: 'p',
    pipelineExecutionId: 'e1',
    status: 'Succeeded',
    startTime: T0,
    totalMillis: 40_000,
    spans: [
      { ...span, kind: 'LOCK', name: 'stage lock' },
      { ...span, kind: 'LOCK', name: 'stage lock', stageName: 'Deploy', millis: 0 },
      { ...span, kind: 'BUILD_PHASE', name: 'BUILD', actionName: 'Make', startTime: T0 + 10_000, endTime: T0 + 40_000, millis: 30_000 },
      { ...span, kind: 'ACTION', name: 'Lint', actionName: 'Lint', startTime: T0 + 10_000, endTime: T0 + 20_000, millis: 0 },
    ],
    totals: [],
  };

  it('is a table without a terminal', () => {
    expect(timingTable(timing)).toEqual([
      'WHAT              KIND                    BEGAN   TOOK  SHARE',
      'Build/stage lock  waiting for the stage   +0.0s  10.0s    25%',
      'Build/Make/BUILD  build phases           +10.0s  30.0s    75%',
      'Build/Lint        other actions          +10.0s   0.0s     0%',
    ]);
  });

  it('is a waterfall on one', () => {
    expect(waterfall(timing, 50, plain)).toEqual([
      'Build/stage lock    10.0s  ░░░░░',
      'Build/Make/BUILD    30.0s       ██████████████',
      'Build/Lint           0.0s       █████',
    ]);
    // oxlint-disable-next-line no-control-regex -- what colours add is taken away again
    expect(waterfall(timing, 50, colours).map((line) => line.replace(/\x1b\[\d+m/g, ''))).toEqual(waterfall(timing, 50, plain));
  });
});

describe('figures', () => {
  const figures: Figures = {
    executions: 9,
    succeeded: 6,
    failed: 2,
    superseded: 1,
    stopped: 0,
    rollbacks: 0,
    deploymentsPerDay: 0.2,
    leadTime: { count: 6, medianMillis: 60_000, p90Millis: 90_000 },
    leadTimesFromStart: 2,
    changeFailureRate: 0.25,
    brokenSince: T0 - 3_600_000,
  };
  const answer = {
    fromTime: 0,
    toTime: T0,
    days: 30,
    overall: figures,
    pipelines: [{ pipelineName: 'site', figures }],
    pipelinesLeftOut: 0,
  };

  it('are a table, with what has to be said beside it', () => {
    expect(figureLines(answer)).toEqual([
      'PIPELINE  DEPLOYMENTS   FREQUENCY  LEAD TIME  FAILURES  TIME TO RESTORE',
      'site                6  1.4 a week     1m 00s       25%                -',
      '',
      'site has been failing for 1h 00m.',
      '2 lead times begin with the execution: their commits’ times are not known.',
    ]);
    const two = figureLines({ ...answer, pipelines: [...answer.pipelines, ...answer.pipelines], pipelinesLeftOut: 3 });
    expect(two[3]).toMatch(/^in all /);
    expect(two.at(-1)).toBe('3 more pipelines are counted and not shown.');
  });

  it.each([
    [0, 'none'],
    [2.5, '2.5 a day'],
    [0.5, '3.5 a week'],
    [0.1, '3.0 a month'],
  ])('%d a day are %s', (perDay, text) => {
    expect(frequency(perDay)).toBe(text);
  });
});

it('writes times and long times, and lines columns up', () => {
  expect(moment(T0)).toMatch(/^20\d\d-\d\d-\d\d \d\d:\d\d:\d\d$/);
  expect([long(5_000), long(47 * 3_600_000), long(50 * 3_600_000)]).toEqual(['5.0s', '47h 00m', '2d 2h']);
  expect(
    table(
      [
        ['a', '1'],
        ['bcd', '20'],
      ],
      [1],
    ),
  ).toEqual(['a     1', 'bcd  20']);
});
