import { afterEach, beforeEach, expect, it } from 'vitest';
import { dummyProviders } from '../../../actions/dummy/index.ts';
import type { ActionProvider } from '../provider.ts';
import { firstIdAt } from './figures.ts';
import { START, World } from './testing/world.ts';

const dummy = dummyProviders()[0]!;
/** The dummy source, whose commits are always a minute older than the pipeline. */
const dated: ActionProvider = {
  ...dummy,
  async start(job, tools) {
    const progress = await dummy.start(job, tools);
    if (progress.kind !== 'succeeded' || !progress.revision) return progress;
    return { ...progress, revision: { ...progress.revision, at: START - 60_000 } };
  },
};

let world: World;
afterEach(() => world.end());
beforeEach(async () => {
  world = new World([dated]);
  await world.start();
});

it('counts what happened within the range, per pipeline and over all', async () => {
  await world.create({ stages: { Source: { actions: { Src: {} } }, Build: { actions: { Make: { with: { FailAttempts: '1' } } } } } });
  await world.run('r1');
  await world.pass(30);
  await world.run('r2');
  const { overall, pipelines, days } = await world.own.getDeliveryFigures({ days: 10 });
  expect(days).toBe(10);
  expect(pipelines).toEqual([{ pipelineName: 'demo', figures: overall }]);
  const spread = (ms: number) => ({ count: 1, medianMillis: ms, p90Millis: ms });
  expect(overall).toEqual({
    executions: 2,
    succeeded: 1,
    failed: 1,
    superseded: 0,
    stopped: 0,
    rollbacks: 0,
    deploymentsPerDay: 0.1,
    leadTime: spread(90_000),
    leadTimesFromStart: 0,
    changeFailureRate: 0.5,
    timeToRestore: spread(30_000),
  });
  world.clock.advance(11 * 86_400_000);
  const later = await world.own.getDeliveryFigures({ days: 10 });
  expect(later).toMatchObject({ overall: { executions: 0 }, pipelines: [] });
  expect((await world.own.getDeliveryFigures({ pipelineName: 'demo', days: 12 })).overall.executions).toBe(2);
});

it('finds the ids of a time', () => {
  const id = '01a1fce9-0f44-7000-930d-2df49f19d06b';
  const at = Number.parseInt('01a1fce90f44', 16);
  expect([firstIdAt(at - 1) < id, firstIdAt(at) < id, firstIdAt(at + 1) > id]).toEqual([true, true, true]);
});
