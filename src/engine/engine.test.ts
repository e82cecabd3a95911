import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../kernel/clock.ts';
import type { Faults } from '../kernel/fault.ts';
import { countingIds } from '../kernel/ids.ts';
import { silentLogger } from '../kernel/log.ts';
import { statement, write, WriteConflict, type Database } from '../ports/database.ts';
import { openSqlite } from '../store/sqlite/index.ts';
import { Committer } from './committer.ts';
import { createEngine } from './engine.ts';
import type { Performer, ProcessType } from './process.ts';
import { engineMigrations } from './tables.ts';

/** A small process: counts to a goal, one effect a step; `limit` fails it after a time. */
interface Count {
  readonly goal: number;
  readonly done: number;
  readonly status: 'none' | 'open' | 'closed' | 'late';
  readonly deadline: number;
}
type CountEvent =
  | { type: 'begun'; goal: number; deadline: number }
  | { type: 'asked'; n: number }
  | { type: 'counted' }
  | { type: 'closed'; late: boolean };
type CountCommand = { type: 'begin'; goal: number } | { type: 'add' } | { type: 'refuse' } | { type: 'gaveUp' };

const insertSum = statement('INSERT INTO sums (id, done) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET done = excluded.done');

const counter: ProcessType<Count, CountEvent, CountCommand> = {
  name: 'count',
  version: 1,
  initial: () => ({ goal: 0, done: 0, status: 'none', deadline: 0 }),
  evolve(state, event) {
    if (event.type === 'begun') return { goal: event.goal, done: 0, status: 'open', deadline: event.deadline };
    if (event.type === 'counted') return { ...state, done: state.done + 1 };
    if (event.type === 'closed') return { ...state, status: event.late ? 'late' : 'closed' };
    return state;
  },
  receive(state, command, { now }) {
    if (command.type === 'begin')
      return [
        { type: 'begun', goal: command.goal, deadline: now + 60_000 },
        { type: 'asked', n: 1 },
      ];
    if (command.type === 'refuse') throw new Error('no');
    if (command.type === 'gaveUp') return [{ type: 'closed', late: true }];
    if (state.status !== 'open') return [];
    const asked = state.done + 1 < state.goal ? [{ type: 'asked', n: state.done + 2 } as const] : [];
    return [{ type: 'counted' }, ...asked];
  },
  decide(state, { now }) {
    if (state.status !== 'open') return [];
    if (state.done >= state.goal) return [{ type: 'closed', late: false }];
    return state.deadline <= now ? [{ type: 'closed', late: true }] : [];
  },
  effects: (event) => (event.type === 'asked' ? [{ id: `ask-${event.n}`, kind: 'ask', honest: 'keyed', payload: event.n }] : []),
  gaveUp: () => ({ type: 'gaveUp' }),
  project: ({ id, after }) => [write(insertSum, [id, after.done])],
  wakeAt: (state) => (state.status === 'open' ? state.deadline : undefined),
  isOpen: (state) => state.status === 'open',
};

let dir: string;
let database: Database;
const clock = new ManualClock();
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'engine-'));
  database = openSqlite({ path: join(dir, 'test.db') });
  await database.migrate([
    { owner: 'engine', migrations: engineMigrations },
    { owner: 'test', migrations: [{ id: '1', sql: ['CREATE TABLE sums (id TEXT PRIMARY KEY, done INTEGER)'] }] },
  ]);
});
afterEach(async () => {
  await database.close();
  rmSync(dir, { recursive: true });
});

function shell(ask: Performer<CountCommand>, faults?: Faults) {
  const commits = new Committer(database, faults);
  const engine = createEngine({ reader: database, commits, clock, ids: countingIds(), log: silentLogger, ...(faults && { faults }) });
  const counts = engine.register(counter, { ask });
  const until = (wanted: (state: Count) => boolean) =>
    new Promise<Count>((resolve) => {
      counts.onStep((_, state) => wanted(state) && resolve(state));
      for (const [, state] of counts.open()) if (wanted(state)) resolve(state);
    });
  return { engine, counts, commits, until };
}

describe('engine', () => {
  test('an aggregate goes from command to rest through its effects', async () => {
    const asked: unknown[] = [];
    const { engine, counts, until } = shell(async (_, effect) => {
      asked.push(effect.payload);
      return { type: 'add' };
    });
    await engine.start();
    const closed = until((state) => state.status === 'closed');
    await counts.send('a', { type: 'begin', goal: 3 });
    expect(await closed).toMatchObject({ done: 3 });
    expect(asked).toEqual([1, 2, 3]);
    expect(await database.get(statement('SELECT done FROM sums WHERE id = ?'), 'a')).toEqual({ done: 3 });
    expect(await database.all(statement('SELECT id FROM effects'))).toEqual([]);
  });

  test('a refused command changes nothing and is told to its sender alone', async () => {
    const { engine, counts } = shell(() => new Promise(() => {}));
    await engine.start();
    const results = await Promise.allSettled([counts.send('a', { type: 'begin', goal: 1 }), counts.send('a', { type: 'refuse' })]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected']);
    expect(await counts.state('a')).toMatchObject({ status: 'open' });
  });

  test('what was committed goes on after a restart, effects included', async () => {
    const first = shell(() => new Promise(() => {}));
    await first.engine.start();
    await first.counts.send('a', { type: 'begin', goal: 2 });
    first.engine.close();
    const asked: string[] = [];
    const second = shell(async (_, effect) => {
      asked.push(effect.id);
      return { type: 'add' };
    });
    const closed = second.until((state) => state.status === 'closed');
    await second.engine.start();
    expect(await closed).toMatchObject({ done: 2 });
    expect(asked).toEqual(['ask-1', 'ask-2']);
  });

  test('an alarm wakes the aggregate when its time has come', async () => {
    const { engine, counts, until } = shell(() => new Promise(() => {}));
    await engine.start();
    await counts.send('a', { type: 'begin', goal: 2 });
    const late = until((state) => state.status === 'late');
    clock.advance(60_000);
    engine.tick();
    expect(await late).toMatchObject({ done: 0 });
  });

  test('an effect that throws is tried again, then given up', async () => {
    let tries = 0;
    const { engine, counts, until } = shell(async () => {
      tries++;
      throw new Error('broken');
    });
    await engine.start();
    const given = until((state) => state.status === 'late');
    await counts.send('a', { type: 'begin', goal: 1 });
    const pump = setInterval(() => {
      clock.advance(5_000);
      engine.tick();
    }, 1);
    await given;
    clearInterval(pump);
    expect(tries).toBeGreaterThan(1);
  });

  test('hundreds of steps leave a snapshot, and load from it', async () => {
    const { engine, counts, until } = shell(async () => ({ type: 'add' }));
    await engine.start();
    const closed = until((state) => state.status === 'closed');
    await counts.send('a', { type: 'begin', goal: 200 });
    await closed;
    const steps = await database.all(statement('SELECT version FROM process_steps'));
    expect(steps.length).toBeLessThan(64);
    const again = shell(async () => undefined);
    await again.engine.start();
    expect(await again.counts.state('a')).toMatchObject({ done: 200, status: 'closed' });
  });
});

describe('committer', () => {
  test('units that wait together share a transaction; a lost one loses alone', async () => {
    const commits = new Committer(database);
    const insert = statement('INSERT INTO sums (id, done) VALUES (?, ?)');
    const unit = (id: string) => commits.commit([write(insert, [id, 1], { label: id })]);
    const results = await Promise.allSettled([unit('x'), unit('x'), unit('y')]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((results[1] as PromiseRejectedResult).reason).toBeInstanceOf(WriteConflict);
  });
});
