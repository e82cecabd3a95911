import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { timing, totals, type Timed, type TimedRun } from './timing.ts';

const run = (name: string, from: number, to: number, more: Partial<TimedRun> = {}): TimedRun => {
  return { kind: 'ACTION', stage: 'Build', name, status: 'Succeeded', from, to, ...more };
};
const sum = (timed: Timed) => timing(timed).reduce((whole, { millis }) => whole + millis, 0);
const said = (timed: Timed) => timing(timed).map(({ kind, name, stage, millis }) => `${stage}/${name} ${kind} ${millis}`);

describe('where the time went', () => {
  it('tells waiting at the entrance, actions, and what is left to the engine', () => {
    const marks = [
      { stage: 'Source', arrived: 0, entered: 1, ended: 10, status: 'Succeeded' as const },
      { stage: 'Build', arrived: 10, entered: 40, ended: 100, closed: [{ from: 15, to: 30 }], status: 'Succeeded' as const },
    ];
    const timed = { from: 0, to: 100, marks, runs: [run('Src', 2, 10, { kind: 'SOURCE', stage: 'Source' }), run('Go', 40, 98)] };
    expect(said(timed)).toEqual([
      'Source/stage lock LOCK 1',
      'Source/engine ENGINE 1',
      'Source/Src SOURCE 8',
      'Build/stage lock LOCK 15',
      'Build/disabled transition TRANSITION 15',
      'Build/engine ENGINE 2',
      'Build/Go ACTION 58',
    ]);
    expect(totals(timing(timed))[0]).toEqual({ kind: 'ACTION', millis: 58 });
  });

  it('gives the time of actions side by side to the one that ends last', () => {
    const timed = { from: 0, to: 100, marks: [], runs: [run('Short', 0, 60), run('Long', 20, 100)] };
    expect(said(timed)).toEqual(['Build/Short ACTION 20', 'Build/Long ACTION 80']);
  });

  it('takes a build apart into its phases, also where it runs beside another', () => {
    const phases = [
      { type: 'SUBMITTED', from: 1, to: 1 },
      { type: 'QUEUED', from: 1, to: 5 },
      { type: 'PROVISIONING', from: 5, to: 20 },
      { type: 'BUILD', from: 20, to: 90 },
    ];
    const timed = { from: 0, to: 100, marks: [], runs: [run('Other', 0, 50), run('Compile', 0, 95, { phases })] };
    expect(said(timed)).toEqual([
      '/engine ENGINE 5',
      'Build/Other ACTION 0',
      'Build/around the build ENGINE 6',
      'Build/QUEUED QUEUE 4',
      'Build/PROVISIONING PROVISIONING 15',
      'Build/BUILD BUILD_PHASE 70',
    ]);
  });

  it('counts the time between a failure and its retry as such', () => {
    const marks = [
      { stage: 'Build', arrived: 0, entered: 0, ended: 10, status: 'Failed' as const },
      { stage: 'Build', arrived: 60, entered: 60 },
    ];
    const timed = { from: 0, to: 80, marks, runs: [run('Go', 0, 10), { ...run('Go', 60, 0), to: undefined! }] };
    expect(said(timed)).toEqual(['Build/Go ACTION 10', 'Build/until it was retried RETRY 50', 'Build/Go ACTION 20']);
  });

  it('accounts for every moment exactly once', () => {
    const moment = fc.integer({ min: -50, max: 300 });
    const aRun = fc.record({
      from: moment,
      to: moment,
      phases: fc.array(fc.record({ type: fc.constantFrom('QUEUED', 'BUILD'), from: moment, to: moment })),
    });
    const aMark = fc.record({ arrived: moment, entered: moment, ended: moment, closed: fc.array(fc.record({ from: moment, to: moment })) });
    fc.assert(
      fc.property(fc.nat(250), fc.array(aRun), fc.array(aMark), (length, runs, marks) => {
        const timed = {
          from: 0,
          to: length,
          marks: marks.map((mark) => ({ stage: 'S', ...mark })),
          runs: runs.map(({ from, to, phases }) => run('A', from, to, { phases })),
        };
        expect(sum(timed)).toBe(length);
      }),
    );
  });
});
