import { expect, test } from 'vitest';
import { ask, ruleJob } from '../../../test/support/rule-job.ts';
import { deploymentWindow } from './index.ts';

/** A Monday. */
const MONDAY = Date.parse('2026-01-05T00:00:00Z');
const hour = (hours: number) => MONDAY + hours * 3_600_000;
const OFFICE = { Cron: '* * 9-16 ? * MON-FRI *', TimeZone: 'Europe/Berlin' };

test('an open window holds at once', async () => {
  expect(await ask(deploymentWindow, ruleJob(OFFICE, hour(9.5)), hour(9.5))).toEqual({
    kind: 'succeeded',
    variables: {},
    summary: "The deployment window '* * 9-16 ? * MON-FRI *' (Europe/Berlin) is open.",
  });
});

test('a closed one is waited for, and holds when it opens', async () => {
  const job = ruleJob(OFFICE, hour(0), 24 * 60);
  const waiting = {
    kind: 'running',
    ref: { id: 'run-1' },
    wakeOn: [],
    wakeAt: hour(8),
    summary: "The deployment window '* * 9-16 ? * MON-FRI *' (Europe/Berlin) is closed. It opens at 2026-01-05T08:00:00.000Z.",
  };
  expect(await ask(deploymentWindow, job, hour(0))).toEqual(waiting);
  expect(await ask(deploymentWindow, job, hour(8) - 1)).toEqual(waiting);
  expect(await ask(deploymentWindow, job, hour(8))).toMatchObject({ kind: 'succeeded' });
});

test('whoever wakes up late, after it has closed again, waits for the next', async () => {
  const job = ruleJob({ Cron: '* 0 9 * * ?' }, hour(0), 3 * 24 * 60);
  expect(await ask(deploymentWindow, job, hour(0))).toMatchObject({ kind: 'running', wakeAt: hour(9) });
  expect(await ask(deploymentWindow, job, hour(9.1))).toMatchObject({ kind: 'running', wakeAt: hour(33) });
});

test('one that does not open in time fails at once', async () => {
  expect(await ask(deploymentWindow, ruleJob(OFFICE, hour(0), 60), hour(0))).toEqual({
    kind: 'failed',
    reason: 'JobFailed',
    message: "The deployment window '* * 9-16 ? * MON-FRI *' (Europe/Berlin) is closed, and does not open before the rule times out.",
  });
});

test.each([
  [{ Cron: 'every day' }, /^'every day' is no cron expression/],
  [{ Cron: '* * * ? * MON *', TimeZone: 'Mars' }, /^'Mars' is no time zone/],
])('%j, which a variable may have brought, is an error of the configuration', async (configuration, message) => {
  const found = await ask(deploymentWindow, ruleJob(configuration, 0), 0);
  expect(found).toEqual({ kind: 'failed', reason: 'ConfigurationError', message: expect.stringMatching(message) });
});
