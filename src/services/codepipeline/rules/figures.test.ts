import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PipelineHistory, Tally } from './figures.ts';
import type { ExecutionRecord } from './history.ts';
import { Spread } from './spread.ts';

interface Short extends Partial<ExecutionRecord> {
  readonly from: number;
  readonly to: number;
  readonly commit?: string;
  readonly at?: number;
}

let next = 0;
function record({ from, to, commit = `c${next}`, at, ...more }: Short): ExecutionRecord {
  const status = more.status ?? 'Succeeded';
  return {
    id: `e${next++}`,
    status,
    version: 1,
    startedAt: from,
    updatedAt: to,
    trigger: { type: 'StartPipelineExecution', detail: 'x' },
    variables: {},
    overrides: [],
    stage: 'Deploy',
    phase: 'ended',
    attempt: 1,
    marks: [{ stage: 'Deploy', arrived: from, entered: from, ended: to, status: status === 'Succeeded' ? 'Succeeded' : 'Failed' }],
    artifacts: {},
    outputs: {},
    revisions: { Src: { revisionId: commit, ...(at !== undefined && { at }) } },
    mode: 'SUPERSEDED',
    pipelineType: 'V1',
    ...more,
  };
}

function figures(...records: readonly ExecutionRecord[]) {
  const tally = new Tally();
  const history = new PipelineHistory([tally]);
  for (const one of records) history.add(one);
  return tally.figures(10, history.brokenSince);
}

const failed = (from: number, to: number, more: Partial<ExecutionRecord> = {}) => record({ from, to, status: 'Failed', ...more });
const rollback = (of: string, by: 'ManualRollback' | 'AutomatedRollback', from: number, to: number) =>
  record({ from, to, rollbackOf: of, only: {}, trigger: { type: by, detail: 'x' } });

describe('delivery figures', () => {
  it('count the frequency of successes, and lead time from the commit, or from the start where that is not known', () => {
    const found = figures(record({ from: 100, to: 200, at: 50 }), record({ from: 300, to: 330 }));
    expect(found).toMatchObject({
      succeeded: 2,
      deploymentsPerDay: 0.2,
      leadTime: { count: 2, medianMillis: 30, p90Millis: 150 },
      leadTimesFromStart: 1,
    });
    expect(found.changeFailureRate).toBe(0);
    expect(found).not.toHaveProperty('timeToRestore');
  });

  it('count a change’s lead time once, however often it is run again or replayed', () => {
    const runs = [record({ from: 0, to: 10, commit: 'c', at: 0 }), record({ from: 1000, to: 1010, commit: 'c', at: 0 })];
    const replay = record({ from: 2000, to: 2010, commit: 'old', at: 0, replayOf: 'e' });
    expect(figures(...runs, replay)).toMatchObject({ succeeded: 3, leadTime: { count: 1, medianMillis: 10 } });
  });

  it('take the first of several failures for the beginning of an outage', () => {
    const found = figures(record({ from: 0, to: 10 }), failed(20, 30), failed(40, 50), record({ from: 60, to: 70 }));
    expect(found).toMatchObject({ changeFailureRate: 0.5, timeToRestore: { count: 1, medianMillis: 40 } });
    expect(found).not.toHaveProperty('brokenSince');
    expect(figures(failed(20, 30), failed(40, 50))).toMatchObject({ changeFailureRate: 1, brokenSince: 30 });
  });

  it('count a rollback by hand as the failure of the change that it took back, and as its remedy', () => {
    const good = record({ from: 0, to: 10 });
    const bad = record({ from: 20, to: 30 });
    const found = figures(good, bad, rollback(good.id, 'ManualRollback', 100, 130), rollback(good.id, 'ManualRollback', 140, 150));
    expect(found).toMatchObject({
      rollbacks: 2,
      succeeded: 2,
      failed: 0,
      changeFailureRate: 0.5,
      timeToRestore: { count: 1, medianMillis: 30 },
    });
  });

  it('count a failure that was rolled back by itself once', () => {
    const good = record({ from: 0, to: 10 });
    const found = figures(good, failed(20, 30), rollback(good.id, 'AutomatedRollback', 30, 45));
    expect(found).toMatchObject({ rollbacks: 1, failed: 1, changeFailureRate: 0.5, timeToRestore: { medianMillis: 15 } });
  });

  it('leave out one action again, and count what was stopped or superseded as no change', () => {
    const again = record({ from: 0, to: 1, only: { action: 'Make' } });
    const found = figures(again, record({ from: 0, to: 1, status: 'Superseded' }), record({ from: 0, to: 1, status: 'Stopped' }));
    expect(found).toMatchObject({ executions: 2, superseded: 1, stopped: 1 });
    expect(found).not.toHaveProperty('changeFailureRate');
  });

  it('never exceed what they are shares of', () => {
    const kinds = fc.constantFrom('ok', 'bad', 'manual', 'automatic');
    fc.assert(
      fc.property(fc.array(kinds), (list) => {
        const all = list.map((kind, index) => {
          if (kind === 'ok') return record({ from: index * 10, to: index * 10 + 5 });
          if (kind === 'bad') return failed(index * 10, index * 10 + 5);
          return rollback('e-target', kind === 'manual' ? 'ManualRollback' : 'AutomatedRollback', index * 10, index * 10 + 5);
        });
        const { changeFailureRate = 0 } = figures(...all);
        expect(changeFailureRate).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('a spread', () => {
  it('is exact for few values and close for many', () => {
    const few = new Spread();
    for (const value of [5, 1, 9]) few.add(value);
    expect([few.quantile(0.5), few.quantile(0.9), few.quantile(0), few.count]).toEqual([5, 9, 1, 3]);
    const many = new Spread();
    for (let value = 1; value <= 100_000; value++) many.add(value);
    expect(Math.abs(many.quantile(0.5) / 50_000 - 1)).toBeLessThan(0.005);
    expect(Math.abs(many.quantile(0.9) / 90_000 - 1)).toBeLessThan(0.005);
    expect(new Spread().quantile(0.5)).toBe(0);
  });
});
