import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextAfter, parseSchedule } from './schedule.ts';

const at = (text: string): number => Date.parse(`${text}:00Z`);
const next = (expression: string, from: string, count = 1): string[] => {
  const times: string[] = [];
  let time: number | undefined = at(from);
  while (times.length < count && (time = nextAfter(expression, time)) !== undefined) times.push(new Date(time).toISOString().slice(0, 16));
  return times;
};

test.each([
  ['cron(0 12 * * ? *)', '2026-01-01T12:00', ['2026-01-02T12:00']],
  ['cron(0/15 * * * ? *)', '2026-01-01T23:44', ['2026-01-01T23:45', '2026-01-02T00:00']],
  ['cron(5,35 14 * * ? *)', '2026-01-01T14:05', ['2026-01-01T14:35', '2026-01-02T14:05']],
  ['cron(0/5 8-9 ? * MON-FRI *)', '2026-01-02T09:54', ['2026-01-02T09:55', '2026-01-05T08:00']],
  ['cron(10-30/10 0 * * ? *)', '2026-01-01T00:00', ['2026-01-01T00:10', '2026-01-01T00:20', '2026-01-01T00:30', '2026-01-02T00:10']],
  ['cron(0 0 ? * 1 *)', '2026-01-01T00:00', ['2026-01-04T00:00']],
  [
    'cron(0 0 ? * FRI-MON *)',
    '2026-01-01T00:00',
    ['2026-01-02T00:00', '2026-01-03T00:00', '2026-01-04T00:00', '2026-01-05T00:00', '2026-01-09T00:00'],
  ],
  ['cron(0 0 L * ? *)', '2026-01-31T00:00', ['2026-02-28T00:00', '2026-03-31T00:00']],
  ['cron(0 0 LW * ? *)', '2026-01-01T00:00', ['2026-01-30T00:00', '2026-02-27T00:00']],
  ['cron(0 0 1W * ? *)', '2026-07-02T00:00', ['2026-08-03T00:00', '2026-09-01T00:00']],
  ['cron(0 0 31W * ? *)', '2026-04-01T00:00', ['2026-05-29T00:00', '2026-07-31T00:00']],
  ['cron(0 0 ? * 3#2 *)', '2026-01-01T00:00', ['2026-01-13T00:00', '2026-02-10T00:00']],
  ['cron(0 2 ? * SAT#5 *)', '2026-01-01T00:00', ['2026-01-31T02:00', '2026-05-30T02:00']],
  ['cron(15 10 ? * 6L 2026-2027)', '2026-01-01T00:00', ['2026-01-30T10:15', '2026-02-27T10:15']],
  ['cron(0 0 ? * L *)', '2026-01-01T00:00', ['2026-01-03T00:00']],
  ['cron(0 0 29 2 ? *)', '2026-01-01T00:00', ['2028-02-29T00:00', '2032-02-29T00:00']],
  ['cron(0 0 1 JAN,jul ? *)', '2026-01-01T00:00', ['2026-07-01T00:00', '2027-01-01T00:00']],
  ['cron(59 23 31 12 ? 2026)', '2026-06-01T00:00', ['2026-12-31T23:59']],
  ['rate(5 minutes)', '2026-01-01T00:00', ['2026-01-01T00:05', '2026-01-01T00:10']],
  ['rate(1 hour)', '2026-01-01T00:00', ['2026-01-01T01:00']],
  ['rate(7 days)', '2026-01-01T00:00', ['2026-01-08T00:00']],
] as const)('%s after %s', (expression, from, expected) => {
  expect(next(expression, from, expected.length)).toEqual(expected);
});

test.each(['cron(15 10 ? * 6L 2002-2005)', 'cron(0 0 30 2 ? *)', 'cron(0 0 31 11 ? *)'])('%s is never due', (expression) => {
  expect(nextAfter(expression, at('2026-01-01T00:00'))).toBeUndefined();
});

test.each([
  'cron(INVALID)',
  'cron(0 dummy ? * MON-FRI *)',
  'cron(7 20 * * NOT *)',
  'cron(71 8 1 * ? *)',
  'cron(0 1 * * * *)',
  'cron(0 1 ? * ? *)',
  'cron(0 24 * * ? *)',
  'cron(0 0 0 * ? *)',
  'cron(0 0 ? * 8 *)',
  'cron(0 0 ? * 2#6 *)',
  'cron(0 0 32W * ? *)',
  'cron(0/0 0 * * ? *)',
  'cron(0 0 * * ? 1969)',
  'cron(0 0 * * ?)',
  'rate(0 minutes)',
  'rate(1 minutes)',
  'rate(5 minute)',
  'rate(5 seconds)',
  'rate(-1 hours)',
  'rate(5minutes)',
  'every minute',
  '',
])('%s is refused', (expression) => {
  expect(() => parseSchedule(expression)).toThrow('Parameter ScheduleExpression is not valid.');
});

test('the next time is later, on a minute that the fields name', () => {
  const minute = fc.integer({ min: 0, max: 59 });
  const hour = fc.integer({ min: 0, max: 23 });
  const from = fc.integer({ min: 0, max: Date.UTC(2190, 0) });
  fc.assert(
    fc.property(minute, hour, from, (m, h, start) => {
      const time = nextAfter(`cron(${m} ${h} * * ? *)`, start)!;
      const date = new Date(time);
      expect([date.getUTCMinutes(), date.getUTCHours(), date.getUTCSeconds()]).toEqual([m, h, 0]);
      expect(time - start).toBeGreaterThan(0);
      expect(time - start).toBeLessThanOrEqual(24 * 60 * 60_000);
    }),
  );
});

test('no text crashes it', () => {
  const parts = fc.stringMatching(/^[0-9A-Z*?LW#,/-]{1,6}$/);
  fc.assert(
    fc.property(fc.array(parts, { minLength: 6, maxLength: 6 }), (fields) => {
      try {
        nextAfter(`cron(${fields.join(' ')})`, 0);
      } catch (error) {
        expect(error).toHaveProperty('message', 'Parameter ScheduleExpression is not valid.');
      }
    }),
  );
});
