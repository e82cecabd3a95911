import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ManualClock } from '../../kernel/clock.ts';
import type { LogEvent } from '../../ports/logs.ts';
import { openFileLogs } from './index.ts';
import type { FileLogs } from './index.ts';

let dir: string;
let clock: ManualClock;
let logs: FileLogs;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pipewright-logs-'));
  clock = new ManualClock();
  logs = openFileLogs({ dir, clock });
});
afterEach(async () => {
  await logs.close();
  rmSync(dir, { recursive: true });
});

const lines = (count: number, from = 0): LogEvent[] =>
  Array.from({ length: count }, (_, i) => ({ timestamp: 1000 + (from + i) * 10, message: `line ${from + i}` }));
const reopen = (): void => {
  logs = openFileLogs({ dir, clock });
};

test('what is appended is read, from any sequence, over a restart', async () => {
  expect(await logs.append('s', lines(5))).toEqual({ next: 5 });
  clock.advance(1);
  expect(await logs.append('s', lines(5, 5))).toEqual({ next: 10 });
  for (let round = 0; round < 2; round++) {
    expect(await logs.read('s', 0, 3)).toEqual(
      [0, 1, 2].map((i) => ({ sequence: i, timestamp: 1000 + i * 10, message: `line ${i}`, ingested: clock.now() - 1 })),
    );
    expect((await logs.read('s', 7, 100)).map(({ sequence }) => sequence)).toEqual([7, 8, 9]);
    expect(await logs.read('s', 10, 100)).toEqual([]);
    expect(await logs.info('s')).toEqual({ next: 10, bytes: 60, first: 1000, last: 1090, ingested: clock.now() });
    reopen();
  }
});

test('a stream that nobody wrote is empty', async () => {
  expect(await logs.info('none')).toEqual({ next: 0, bytes: 0 });
  expect(await logs.read('none', 0, 10)).toEqual([]);
  expect(await logs.seek('none', 5)).toBe(0);
  expect(await logs.append('none', [])).toEqual({ next: 0 });
  expect(readdirSync(dir)).toEqual([]);
});

test('ids that could be paths are refused', async () => {
  for (const id of ['../x', 'a/b', '', '.']) await expect(logs.append(id, lines(1))).rejects.toMatchObject({ code: 'BadStreamId' });
});

test('appends of many writers at once keep their order, without holes', async () => {
  await Promise.all(Array.from({ length: 200 }, (_, i) => logs.append(`s${i % 7}`, [{ timestamp: i, message: String(i) }])));
  for (let s = 0; s < 7; s++) {
    const events = await logs.read(`s${s}`, 0, 1000);
    expect(events.map(({ sequence }) => sequence)).toEqual(events.map((_, i) => i));
    expect(events.map(({ message }) => Number(message))).toEqual(Array.from({ length: 200 }, (_, i) => i).filter((i) => i % 7 === s));
  }
});

test('listeners hear of what is durable, until they leave', async () => {
  let heard = 0;
  const leave = logs.onAppend('s', () => heard++);
  await logs.append('other', lines(1));
  expect(heard).toBe(0);
  await logs.append('s', lines(1));
  expect(heard).toBe(1);
  leave();
  await logs.append('s', lines(1));
  expect(heard).toBe(1);
});

test('seek finds the first event at or after a time, whatever the order of times', async () => {
  const times = fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1, maxLength: 60 });
  let stream = 0;
  await fc.assert(
    fc.asyncProperty(times, fc.integer({ min: -1, max: 51 }), async (given, wanted) => {
      const id = `s${++stream}`;
      // Long messages, so that the index has several entries.
      await logs.append(
        id,
        given.map((timestamp) => ({ timestamp, message: 'x'.repeat(20_000) })),
      );
      const index = given.findIndex((timestamp) => timestamp >= wanted);
      expect(await logs.seek(id, wanted)).toBe(index === -1 ? given.length : index);
    }),
    { numRuns: 40 },
  );
});

describe('a stream of many segments', () => {
  const big = (count: number, from: number): LogEvent[] =>
    lines(count, from).map(({ timestamp, message }) => ({ timestamp, message: message.padEnd(100_000, '.') }));

  test('is read and sought across them, also after a restart, also without the summaries', async () => {
    for (let from = 0; from < 300; from += 20) await logs.append('s', big(20, from));
    const files = readdirSync(join(dir, 's'));
    expect(files.filter((name) => name.endsWith('.log')).length).toBeGreaterThan(2);
    for (const damage of [
      () => undefined,
      () => undefined,
      () => files.forEach((name) => name.endsWith('.json') && writeFileSync(join(dir, 's', name), '{"half')),
    ]) {
      damage();
      expect(await logs.info('s')).toMatchObject({ next: 300, bytes: 30_000_000, first: 1000, last: 3990 });
      expect((await logs.read('s', 150, 3)).map(({ message }) => message.replace(/\.+$/, ''))).toEqual([
        'line 150',
        'line 151',
        'line 152',
      ]);
      expect(await logs.seek('s', 1000 + 2222)).toBe(223);
      let at = 0;
      while (at < 300) {
        const events = await logs.read('s', at, 1000);
        expect(events[0]!.sequence).toBe(at);
        at = events.at(-1)!.sequence + 1;
      }
      reopen();
    }
  });
});

describe('after a crash', () => {
  const segment = (): string => join(dir, 's', '0000000000000000.log');

  test.each(['cut in the header', 'cut in the message', 'a wrong byte', 'garbage'])(
    '%s: the torn tail goes, the rest stays',
    async (kind) => {
      await logs.append('s', lines(3));
      const whole = statSync(segment()).size;
      await logs.append('s', lines(1, 3));
      if (kind === 'cut in the header') truncateSync(segment(), whole + 9);
      else if (kind === 'cut in the message') truncateSync(segment(), whole + 35);
      else if (kind === 'a wrong byte') {
        truncateSync(segment(), whole + 36);
        appendFileSync(segment(), 'XX');
      } else appendFileSync(segment(), Buffer.alloc(500, 0xff));
      reopen();
      const kept = kind === 'garbage' ? 4 : 3;
      expect(await logs.info('s')).toMatchObject({ next: kept });
      await logs.append('s', [{ timestamp: 1, message: 'after' }]);
      reopen();
      expect((await logs.read('s', 0, 10)).map(({ message }) => message)).toEqual([...lines(kept).map(({ message }) => message), 'after']);
    },
  );

  test('kill -9 loses nothing acknowledged', async () => {
    const script = join(resolve('node_modules'), `.logs-${process.pid}.mjs`);
    const contents = `import { openFileLogs } from '${resolve('src/store/logs/index.ts')}';
      const logs = openFileLogs({ dir: ${JSON.stringify(dir)}, clock: { now: () => Date.now() } });
      const write = async (stream) => {
        for (let i = 0; ; i++) {
          await logs.append(stream, [{ timestamp: i, message: stream + ' ' + i + ' ' + 'x'.repeat(i % 3000) }]);
          process.stdout.write(stream + ' ' + i + '\\n');
        }
      };
      write('a'); write('b'); write('c');`;
    await build({ stdin: { contents, resolveDir: '.' }, outfile: script, bundle: true, platform: 'node', format: 'esm' });
    const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const acknowledged: Record<string, number> = {};
    for await (const line of createInterface({ input: child.stdout })) {
      const [stream, i] = line.split(' ');
      acknowledged[stream!] = Number(i);
      if (Number(i) === 60) child.kill('SIGKILL');
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    rmSync(script);
    reopen();
    for (const stream of ['a', 'b', 'c']) {
      const events = await logs.read(stream, 0, 10_000);
      expect(events.length).toBeGreaterThan(acknowledged[stream]!);
      events.forEach(({ message }, i) => expect(message.startsWith(`${stream} ${i} `)).toBe(true));
    }
  });
});

test('delete removes one stream, clear all', async () => {
  await logs.append('a', lines(1));
  await logs.append('b', lines(1));
  await logs.delete('a');
  expect(await logs.info('a')).toMatchObject({ next: 0 });
  expect(await logs.info('b')).toMatchObject({ next: 1 });
  await logs.clear();
  expect(await logs.info('b')).toMatchObject({ next: 0 });
  expect(await logs.append('b', lines(1))).toEqual({ next: 1 });
});
