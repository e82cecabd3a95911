import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextOpening, parseQuartz } from './quartz.ts';
import { parseTimeZone } from './time-zone.ts';

const at = (text: string): number => Date.parse(text.length === 16 ? `${text}:00Z` : `${text}Z`);
const DAY = 24 * 60 * 60_000;

function opens(expression: string, zone: string, from: string, days = 60): string | undefined {
  const found = nextOpening(parseQuartz(expression)!, parseTimeZone(zone)!, at(from), at(from) + days * DAY);
  return found === undefined ? undefined : new Date(found).toISOString().replace(/(:00)?\.000Z$/, '');
}

test.each([
  // Open already: at once, in the middle of a minute too.
  ['* * 9-17 ? * MON-FRI *', 'UTC', '2026-01-05T09:00', '2026-01-05T09:00'],
  ['* * 9-17 ? * MON-FRI *', 'UTC', '2026-01-05T17:59:59', '2026-01-05T17:59:59'],
  ['* * 9-17 ? * MON-FRI *', 'UTC', '2026-01-05T18:00', '2026-01-06T09:00'],
  ['* * 9-17 ? * MON-FRI', 'UTC', '2026-01-09T18:00', '2026-01-12T09:00'],
  // AWS's own example: the first minute of each hour, whatever it says of seconds.
  ['0 0 9-17 ? * MON-FRI *', 'PST', '2026-01-05T17:00:30', '2026-01-05T17:00:30'],
  ['0 0 9-17 ? * MON-FRI *', 'PST', '2026-01-05T17:01', '2026-01-05T18:00'],
  ['* * 9 ? * 2 *', 'UTC+05:30', '2026-01-05T00:00', '2026-01-05T03:30'],
  ['* * 9 ? * 2 *', 'UTC-03:00', '2026-01-05T00:00', '2026-01-05T12:00'],
  ['* 30 4 L-3 * ?', 'UTC', '2026-02-01T00:00', '2026-02-25T04:30'],
  ['* 30 4 L-1W * ?', 'UTC', '2026-05-01T00:00', '2026-05-29T04:30'],
  ['* 0 0 LW * ?', 'UTC', '2026-05-01T00:00', '2026-05-29T00:00'],
  ['* 0 0 15W * ?', 'UTC', '2026-08-01T00:00', '2026-08-14T00:00'],
  ['* 0 0 ? * 6#3', 'UTC', '2026-01-01T00:00', '2026-01-16T00:00'],
  ['* 0 0 ? * 6L', 'UTC', '2026-01-01T00:00', '2026-01-30T00:00'],
  ['* 0 0 ? * L', 'UTC', '2026-01-01T00:00', '2026-01-03T00:00'],
  ['* */15 * ? jan mon 2026', 'UTC', '2026-01-05T10:16', '2026-01-05T10:30'],
  // Nothing until then, or never again.
  ['* * * ? * MON *', 'UTC', '2026-01-06T00:00', undefined, 5],
  ['* * * ? * MON 2025', 'UTC', '2026-01-01T00:00', undefined],
] as const)('%s in %s from %s opens at %s', (expression, zone, from, expected, days?: number) => {
  expect(opens(expression, zone, from, days)).toBe(expected);
});

test.each([
  // 29 March 2026, 02:00 in Berlin becomes 03:00: 02:30 does not come that day, and 03:00 comes an hour sooner.
  ['* 30 2 * * ?', 'Europe/Berlin', '2026-03-28T12:00', '2026-03-30T00:30'],
  ['* 0 3 * * ?', 'Europe/Berlin', '2026-03-28T12:00', '2026-03-29T01:00'],
  ['* * 2-3 * * ?', 'Europe/Berlin', '2026-03-29T00:30', '2026-03-29T01:00'],
  // 25 October 2026, 03:00 becomes 02:00: 02:30 comes twice, and a window until 02:59 is open for two hours.
  ['* 30 2 * * ?', 'Europe/Berlin', '2026-10-25T00:00', '2026-10-25T00:30'],
  ['* 30 2 * * ?', 'Europe/Berlin', '2026-10-25T00:31', '2026-10-25T01:30'],
  ['* 30 2 * * ?', 'Europe/Berlin', '2026-10-25T01:31', '2026-10-26T01:30'],
  ['* * 2 * * ?', 'Europe/Berlin', '2026-10-25T01:59', '2026-10-25T01:59'],
  // The working day begins an hour later in UTC once summer is over.
  ['* * 9-17 ? * MON-FRI', 'America/New_York', '2026-10-30T22:00', '2026-11-02T14:00'],
  ['* * 9-17 ? * MON-FRI', 'America/New_York', '2026-10-29T22:00', '2026-10-30T13:00'],
  // Half an hour of summer, and midnight that does not come (Santiago, 6 September 2026).
  ['* 15 2 * * ?', 'Australia/Lord_Howe', '2026-10-03T00:00', '2026-10-04T15:15'],
  ['* 45 2 * * ?', 'Australia/Lord_Howe', '2026-10-03T00:00', '2026-10-03T15:45'],
  ['* 0 0 * * ?', 'America/Santiago', '2026-09-05T12:00', '2026-09-07T03:00'],
] as const)('%s in %s from %s opens at %s, where clocks change', (expression, zone, from, expected) => {
  expect(opens(expression, zone, from)).toBe(expected);
});

test.each([
  '* * * * * *',
  '* * * ? * ?',
  '* * * ? *',
  '* * * ? * MON * *',
  '60 * * ? * MON',
  'L * * ? * MON',
  '* 60 * ? * MON',
  '* * 24 ? * MON',
  '* * * L-31 * ?',
  '* * * ? 13 MON',
  '* * * ? * MON 1969',
  '* * * ? * 8',
  'cron(0 12 * * ? *)',
  '',
])('%s is refused', (expression) => {
  expect(parseQuartz(expression)).toBeUndefined();
});

test.each(['UTC', 'UTC+05:30', 'UTC-03:00', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'PST', 'IST', 'EST', 'GMT'])(
  '%s is a zone',
  (zone) => {
    expect(parseTimeZone(zone)).toBeDefined();
  },
);

test.each(['', 'Mars/Olympus', '+02:00', 'UTC+2', 'UTC+19:00', 'UTC+05:60', 'toString'])('%s is none', (zone) => {
  expect(parseTimeZone(zone)).toBeUndefined();
});

test('what opens is the first minute that the zone’s clocks show so', () => {
  const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/Santiago', 'Asia/Kolkata', 'UTC');
  const start = fc.integer({ min: Date.UTC(2020, 0) / 60_000, max: Date.UTC(2035, 0) / 60_000 });
  fc.assert(
    fc.property(zones, start, fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }), (name, minute, hour, wanted) => {
      const zone = parseTimeZone(name)!;
      const from = minute * 60_000;
      const clock = (time: number) => new Date(time + zone(time)).toISOString().slice(11, 16);
      const due = `${String(hour).padStart(2, '0')}:${String(wanted).padStart(2, '0')}`;
      let first = from;
      while (clock(first) !== due) first += 60_000;
      expect(nextOpening(parseQuartz(`* ${wanted} ${hour} * * ?`)!, zone, from, from + 3 * DAY)).toBe(first);
    }),
    { numRuns: 50 },
  );
});
