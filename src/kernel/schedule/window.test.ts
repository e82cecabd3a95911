import fc from 'fast-check';
import { expect, test } from 'vitest';
import { look, parseWindow } from './window.ts';

const at = (text: string): number => Date.parse(`${text}Z`);
const openAt = (cron: string, time: string, zone = 'UTC'): boolean => look(parseWindow(cron, zone)!, at(time)).open;

// Expected by hand. 2026-11-20 is a Friday.
test.each([
  ['* * 9-17 ? * MON-FRI', '2026-11-20T09:00', 'UTC', true],
  ['* * 9-17 ? * MON-FRI', '2026-11-20T17:59', 'UTC', true],
  ['* * 9-17 ? * MON-FRI', '2026-11-20T18:00', 'UTC', false],
  ['* * 9-17 ? * MON-FRI *', '2026-11-21T12:00', 'UTC', false],
  ['* * 9-17 * * MON-FRI', '2026-11-20T12:00', 'UTC', true],
  ['* 0/15 * * * ?', '2026-11-20T12:30', 'UTC', true],
  ['* 0/15 * * * ?', '2026-11-20T12:31', 'UTC', false],
  ['* * * L * ?', '2026-11-30T00:00', 'UTC', true],
  ['* * * L-3 * ?', '2026-11-27T23:59', 'UTC', true],
  ['* * * L-3 * ?', '2026-11-28T00:00', 'UTC', false],
  ['* * * ? * 6#3', '2026-11-20T00:00', 'UTC', true],
  ['* * * ? * 6L', '2026-11-20T00:00', 'UTC', false],
  ['* * * 1W 11 ?', '2026-11-02T00:00', 'UTC', true],
  ['* * * * * ? 2027', '2026-11-20T00:00', 'UTC', false],
  ['* * 9 ? * *', '2026-11-20T08:30', 'Europe/Berlin', true],
  ['* * 9 ? * *', '2026-07-20T07:30', 'Europe/Berlin', true],
  ['* * 0 ? * SAT', '2026-11-20T15:10', 'Asia/Tokyo', true],
])('%s at %s %s: open is %s', (cron, time, zone, open) => {
  expect(openAt(cron, time, zone)).toBe(open);
});

test.each(['0 * * * * ?', '* * * * *', '* 60 * * * ?', '* * * ? * ?', '* * * * * ? 1969', ''])('%s is no window', (cron) => {
  expect(parseWindow(cron, 'UTC')).toBeUndefined();
});

test('a time zone must exist', () => {
  expect(parseWindow('* * * * * ?', 'Mars/Olympus')).toBeUndefined();
});

test('one that never opens again says so', () => {
  expect(look(parseWindow('* * * * * ? 2020', 'UTC')!, at('2026-01-01T00:00'))).toEqual({ open: false });
});

test('waiting finds the opening, also over a night in which the clocks change', () => {
  for (const start of ['2026-03-28T20:07:31', '2026-10-24T20:07:31']) {
    const window = parseWindow('* * 9 ? * *', 'Europe/Berlin')!;
    let now = at(start);
    let waited = look(window, now);
    while (!waited.open) {
      expect(waited.lookAgainAt).toBeGreaterThan(now);
      now = waited.lookAgainAt!;
      waited = look(window, now);
    }
    expect(new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', timeStyle: 'short' }).format(now)).toBe('09:00');
  }
});

test('never sleeps past an opening', () => {
  const hour = fc.integer({ min: 0, max: 23 });
  const time = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2027, 0) });
  fc.assert(
    fc.property(hour, fc.constantFrom('UTC', 'America/New_York', 'Asia/Kathmandu'), time, (h, zone, now) => {
      const window = parseWindow(`* * ${h} ? * *`, zone)!;
      const { open, lookAgainAt } = look(window, now);
      if (open) return;
      for (let minute = now + 60_000; minute < lookAgainAt! - 60_000; minute += 60_000) expect(look(window, minute).open).toBe(false);
    }),
    { numRuns: 50 },
  );
});
