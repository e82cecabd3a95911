import { expect, test } from 'vitest';
import { Sleeper } from '../engine/sleeper.ts';
import { ManualClock } from '../kernel/clock.ts';
import { startHousekeeping } from './housekeeping.ts';

test('a chore comes round again, also after it failed', async () => {
  const clock = new ManualClock();
  const sleeper = new Sleeper(clock);
  const failures: unknown[] = [];
  let runs = 0;
  let again = () => {};
  const ran = () => new Promise<void>((resolve) => (again = resolve));
  const run = async () => {
    runs++;
    again();
    if (runs === 1) throw new Error('disk');
  };
  const log = {
    info() {},
    warn() {},
    error: (_message: string, fields?: Record<string, unknown>) => void failures.push(fields?.['error']),
  };
  startHousekeeping([{ name: 'sweep', everyMs: 1000, run }], { sleeper, clock, log });
  for (let round = 1; round <= 2; round++) {
    const next = ran();
    clock.advance(1000);
    sleeper.ring();
    await next;
    while (sleeper.next() === undefined) await new Promise((resolve) => setImmediate(resolve));
  }
  expect(runs).toBe(2);
  expect(failures).toEqual(['disk']);
  sleeper.close();
});
