import { expect, it } from 'vitest';
import type { PipewrightClient } from '../../client/client.ts';
import type { BuildOutput } from '../../services/pipewright/api.gen.ts';
import { OutputCourier } from './courier.ts';

type Answer = (outputs: readonly BuildOutput[]) => Promise<{ rejections: { buildArn: string; code: string; message: string }[] }>;

function courierTo(answer: Answer): OutputCourier {
  const api = { appendOutput: ({ outputs }: { outputs: readonly BuildOutput[] }) => answer(outputs) };
  return new OutputCourier(() => api as unknown as PipewrightClient['pipewright']);
}

const output = (buildArn: string, message = 'x'): BuildOutput => ({ buildArn, epoch: 1, sequence: 0, events: [{ timestamp: 1, message }] });

it('takes what is due at the same time in one call, and tells each what became of it', async () => {
  const calls: string[][] = [];
  const courier = courierTo(async (outputs) => {
    calls.push(outputs.map(({ buildArn }) => buildArn));
    return { rejections: [{ buildArn: 'b', code: 'StaleLeaseException', message: 'gone' }] };
  });
  const told = await Promise.allSettled(['a', 'b', 'c'].map((arn) => courier.deliver(output(arn))));
  expect(calls).toEqual([['a', 'b', 'c']]);
  expect(told.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect((told[1] as PromiseRejectedResult).reason).toMatchObject({ code: 'StaleLeaseException', message: 'gone' });
  await courier.deliver(output('d'));
  expect(calls[1]).toEqual(['d']);
});

it('takes no more than a call may be, and at least one batch', async () => {
  const calls: number[] = [];
  const courier = courierTo(async (outputs) => {
    calls.push(outputs.length);
    return { rejections: [] };
  });
  const [large, small] = ['y'.repeat(5_000_000), 'z'.repeat(1_500_000)];
  await Promise.all([large, small, small, small].map((message, index) => courier.deliver(output(String(index), message))));
  expect(calls).toEqual([1, 2, 1]);
});

it('tells all that the server could not be reached', async () => {
  const courier = courierTo(() => Promise.reject(new Error('socket hang up')));
  const told = await Promise.allSettled([courier.deliver(output('a')), courier.deliver(output('b'))]);
  for (const one of told) expect((one as PromiseRejectedResult).reason).toMatchObject({ message: 'socket hang up' });
});
