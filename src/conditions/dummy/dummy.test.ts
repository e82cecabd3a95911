import { expect, test } from 'vitest';
import { ask, ruleJob } from '../../../test/support/rule-job.ts';
import { dummyRule } from './index.ts';

const rule = dummyRule();

test.each([
  [{}, { kind: 'succeeded', variables: {}, summary: 'dummy' }],
  [
    { Result: 'Succeeded', Message: 'fine' },
    { kind: 'succeeded', variables: {}, summary: 'fine' },
  ],
  [
    { Result: 'Failed', Message: 'no' },
    { kind: 'failed', reason: 'JobFailed', message: 'no' },
  ],
] as const)('%j', async (configuration, expected) => {
  expect(await ask(rule, ruleJob(configuration, 5), 5)).toEqual(expected);
});

test('an error is thrown', async () => {
  await expect(ask(rule, ruleJob({ Result: 'Errored', Message: 'lost' }, 0), 0)).rejects.toThrow('lost');
});

test('it takes as long as it is told, counted from its beginning', async () => {
  const job = ruleJob({ Seconds: '10', Result: 'Failed' }, 1_000);
  expect(await ask(rule, job, 1_000)).toEqual({ kind: 'running', ref: { id: 'dummy-1000' }, wakeOn: [], wakeAt: 11_000 });
  expect(await ask(rule, job, 10_999)).toMatchObject({ kind: 'running', wakeAt: 11_000 });
  expect(await ask(rule, job, 11_000)).toMatchObject({ kind: 'failed' });
});
