import { PipewrightError } from '../errors.ts';
import { lastDay, parseDays, type DaysOf } from './cron-days.ts';
import { HOURS, MINUTES, MONTHS, parseField, YEARS } from './cron-fields.ts';

/**
 * Schedules as EventBridge rules have them: `rate(5 minutes)` and `cron(0 12 * * ? *)`, in UTC, to the minute.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
export type Schedule =
  | { readonly kind: 'rate'; /** Milliseconds. */ readonly every: number }
  | {
      readonly kind: 'cron';
      readonly minutes: readonly number[];
      readonly hours: readonly number[];
      readonly days: DaysOf;
      readonly months: readonly number[];
      readonly years: readonly number[];
    };

const MINUTE = 60_000;
const UNITS = { minute: MINUTE, hour: 60 * MINUTE, day: 24 * 60 * MINUTE } as const;

function parseRate(text: string): Schedule | undefined {
  const match = /^([1-9]\d{0,8}) (minute|hour|day)(s?)$/.exec(text);
  if (!match) return undefined;
  const [, count, unit, plural] = match;
  // AWS takes `1 minute` and `2 minutes`, and neither `1 minutes` nor `2 minute`.
  if ((count === '1') === (plural === 's')) return undefined;
  return { kind: 'rate', every: Number(count) * UNITS[unit as keyof typeof UNITS] };
}

function parseCron(text: string): Schedule | undefined {
  const parts = text.trim().split(/\s+/);
  if (parts.length !== 6) return undefined;
  const [minute, hour, dayOfMonth, month, dayOfWeek, year] = parts as [string, string, string, string, string, string];
  const minutes = parseField(minute, MINUTES);
  const hours = parseField(hour, HOURS);
  const days = parseDays(dayOfMonth, dayOfWeek);
  const months = parseField(month, MONTHS);
  const years = parseField(year, YEARS);
  return minutes && hours && days && months && years ? { kind: 'cron', minutes, hours, days, months, years } : undefined;
}

/** Throws with AWS's sentence for what is no schedule. */
export function parseSchedule(expression: string): Schedule {
  const match = /^(rate|cron)\((.*)\)$/.exec(expression);
  const schedule = match && (match[1] === 'rate' ? parseRate(match[2]!) : parseCron(match[2]!));
  if (!schedule) throw new PipewrightError('InvalidSchedule', 'Parameter ScheduleExpression is not valid.');
  return schedule;
}

type Cron = Omit<Schedule & { kind: 'cron' }, 'kind'>;

/** The first time of a month at or after `from` (epoch ms). */
function inMonth({ days, hours, minutes }: Cron, year: number, month: number, from: number): number | undefined {
  const last = lastDay(year, month);
  for (const day of [...days(year, month)].toSorted((a, b) => a - b)) {
    if (day > last || Date.UTC(year, month - 1, day + 1) <= from) continue;
    for (const hour of hours) {
      if (Date.UTC(year, month - 1, day, hour + 1) <= from) continue;
      for (const minute of minutes) {
        const time = Date.UTC(year, month - 1, day, hour, minute);
        if (time >= from) return time;
      }
    }
  }
  return undefined;
}

/** The first minute after `after` (epoch ms) that the fields name. */
export function nextTime(cron: Cron, after: number): number | undefined {
  const from = (Math.floor(after / MINUTE) + 1) * MINUTE;
  for (const year of cron.years) {
    if (Date.UTC(year + 1, 0) <= from) continue;
    for (const month of cron.months) {
      if (Date.UTC(year, month) <= from) continue;
      const time = inMonth(cron, year, month, from);
      if (time !== undefined) return time;
    }
  }
  return undefined;
}

/** The next time (epoch ms) a schedule is due after `after`; a rate counts from it. Undefined when it never is again. Throws as `parseSchedule`. */
export function nextAfter(expression: string, after: number): number | undefined {
  const schedule = parseSchedule(expression);
  return schedule.kind === 'rate' ? after + schedule.every : nextTime(schedule, after);
}
