import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { testDatabase } from '../../../../test/support/database.ts';
import { Committer } from '../../../engine/committer.ts';
import { createEventLog } from '../../../engine/event-log.ts';
import { Sleeper } from '../../../engine/sleeper.ts';
import { engineMigrations } from '../../../engine/tables.ts';
import { ManualClock } from '../../../kernel/clock.ts';
import { countingIds } from '../../../kernel/ids.ts';
import { silentLogger } from '../../../kernel/log.ts';
import type { ServiceTools } from '../../../protocol/service.ts';
import { migrations } from '../tables.ts';
import { decisionsOf, MOST_DECISIONS, recordDecision } from './trigger-log.ts';
import { insertWork, WorkQueue, type Worker } from './work-queue.ts';

let close: () => Promise<void>;
let tools: ServiceTools & { readonly sleeper: Sleeper };
let clock: ManualClock;
/** What was tried, in order. */
let tried: string[];
let given: string[];
let fails: (text: string) => boolean;
let heard: (() => void)[];
let queue: WorkQueue;

const worker: Worker = {
  patienceMs: 60_000,
  async work(data) {
    const { text } = data as { text: string };
    tried.push(text);
    for (const listener of heard.splice(0)) listener();
    if (fails(text)) throw new Error(`${text} fails`);
    return [];
  },
  gaveUp(data, reason) {
    given.push(`${(data as { text: string }).text}: ${reason}`);
    return [];
  },
};

const add = (id: string, lane: string, seq: number, text = id) =>
  tools.commits.commit([insertWork({ id, lane, seq, kind: 'test', data: { text } }, clock.now())]);
const left = () => tools.db.all<{ id: string; attempt: number }>({ sql: 'SELECT id, attempt FROM codepipeline_work ORDER BY id' });

/** Resolves when so many tries have been made. */
async function tries(count: number): Promise<void> {
  while (tried.length < count) await new Promise<void>((resolve) => heard.push(resolve));
}

beforeEach(async () => {
  const db = await testDatabase([
    { owner: 'engine', migrations: engineMigrations },
    { owner: 'codepipeline', migrations },
  ]);
  const commits = new Committer(db);
  clock = new ManualClock();
  const sleeper = new Sleeper(clock);
  tools = { db, commits, bus: createEventLog(db, commits), clock, ids: countingIds(), log: silentLogger, sleeper };
  [tried, given, heard, fails] = [[], [], [], () => false];
  queue = new WorkQueue(tools, { test: worker });
  close = async () => {
    await queue.stop();
    sleeper.close();
    await commits.drained();
    await db.close();
  };
});
afterEach(() => close());

describe('work', () => {
  it('of one lane is done in its order, of others beside it', async () => {
    for (const [id, lane, seq] of [
      ['a2', 'a', 2],
      ['a1', 'a', 1],
      ['b3', 'b', 3],
    ] as const)
      await add(id, lane, seq);
    queue.wake();
    await tries(3);
    await queue.stop();
    expect(tried.indexOf('a1')).toBeLessThan(tried.indexOf('a2'));
    expect(await left()).toEqual([]);
  });

  it('that fails is tried again, later and later, and holds back what is behind it', async () => {
    fails = (text) => text === 'a1' && tried.length < 3;
    await add('a1', 'a', 1);
    await add('a2', 'a', 2);
    queue.wake();
    await tries(1);
    await queue.stop();
    expect(await left()).toEqual([
      { id: 'a1', attempt: 2 },
      { id: 'a2', attempt: 1 },
    ]);
    // As after a restart.
    queue = new WorkQueue(tools, { test: worker });
    clock.advance(1_000);
    queue.wake();
    await tries(2);
    await queue.stop();
    queue = new WorkQueue(tools, { test: worker });
    clock.advance(2_000);
    queue.wake();
    await tries(4);
    await queue.stop();
    expect(tried).toEqual(['a1', 'a1', 'a1', 'a2']);
    expect(await left()).toEqual([]);
  });

  it('is given up when its time is over', async () => {
    fails = () => true;
    await add('a1', 'a', 1);
    clock.advance(59_500);
    queue.wake();
    await tries(1);
    await queue.stop();
    expect(given).toEqual(['a1: a1 fails']);
    expect(await left()).toEqual([]);
  });

  it('takes the place of older work of its id, and not of newer', async () => {
    await add('s', 's', 5, 'newer');
    await add('s', 's', 4, 'older');
    queue.wake();
    await tries(1);
    await queue.stop();
    expect(tried).toEqual(['newer']);
  });
});

describe('decisions', () => {
  it('are kept up to a number for each pipeline, the newest first', async () => {
    const place = { account: '123456789012', region: 'us-east-1' };
    const decide = (pipeline: string, n: number) =>
      recordDecision(tools.ids, place, pipeline, { at: n, source: 'Source', event: `event ${n}`, verdict: 'FILTERED', reason: 'r' });
    for (let n = 0; n < MOST_DECISIONS + 5; n++) await tools.commits.commit(decide('p', n));
    await tools.commits.commit(decide('other', 0));
    const kept = await decisionsOf(tools.db, place, 'p', 1_000);
    expect(kept).toHaveLength(MOST_DECISIONS);
    expect([kept[0]?.at, kept.at(-1)?.at]).toEqual([MOST_DECISIONS + 4, 5]);
    expect(await decisionsOf(tools.db, place, 'other', 10)).toHaveLength(1);
  });
});
