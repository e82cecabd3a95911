import { expect, it } from 'vitest';
import type { OperationTools } from '../operations/tools.ts';
import type { BuildSpec } from '../rules/build/state.ts';
import { OutputLog, type OutputEvent } from './build-log.ts';

const spec = { account: '000000000000', region: 'us-east-1', project: 'p', uuid: 'u' } as BuildSpec;
const lines = (from: number, to: number): OutputEvent[] =>
  Array.from({ length: to - from }, (_, i) => ({ timestamp: 1, message: `line ${from + i}` }));

/** A log service with one stream. */
function world() {
  const stored: OutputEvent[] = [];
  const logs = {
    createLogGroup: async () => ({}),
    createLogStream: async () => ({}),
    putLogEvents: async ({ logEvents }: { logEvents: OutputEvent[] }) => void stored.push(...logEvents),
    getLogEvents: async ({ limit }: { limit: number }) => ({ events: stored.slice(-limit) }),
  };
  const tools = { aws: { as: () => ({ logs }) } } as unknown as OperationTools;
  return { stored, open: () => new OutputLog(tools) };
}

const numbers = (events: readonly OutputEvent[]) => events.map(({ message }) => Number(message.slice(5)));

it('keeps a batch that comes twice once', async () => {
  const { stored, open } = world();
  const log = open();
  log.open('a', spec);
  expect(await log.append('a', spec, 0, lines(0, 3))).toBe(3);
  expect(await log.append('a', spec, 0, lines(0, 3))).toBe(3);
  expect(await log.append('a', spec, 2, lines(2, 5))).toBe(5);
  expect(numbers(stored)).toEqual([0, 1, 2, 3, 4]);
});

it('finds after a restart how much of the batch under way had arrived: all, a part, nothing', async () => {
  for (const arrived of [5, 4, 3]) {
    const { stored, open } = world();
    stored.push(...lines(0, arrived));
    expect(await open().append('a', spec, 3, lines(3, 5))).toBe(5);
    expect(numbers(stored)).toEqual([0, 1, 2, 3, 4]);
  }
});
