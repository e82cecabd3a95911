import { lastDay, parseDays, type DaysOf } from './cron-days.ts';
import { HOURS, MINUTES, MONTHS, parseField, YEARS } from './cron-fields.ts';
import { nextTime } from './schedule.ts';

/** A window in which something is allowed, to the minute: `* * 9-17 ? * MON-FRI`, as Quartz writes it, read in a time zone. */
export interface Window {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: DaysOf;
  readonly months: readonly number[];
  readonly years: readonly number[];
  readonly timeZone: string;
}

const MINUTE = 60_000;
/** The clocks of a zone may be put forward or back while one waits: nobody sleeps longer than this. */
const LONGEST_MS = 60 * MINUTE;

/** `L-3`: so many days before the month's last. Only Quartz has it. */
function fromTheEnd(text: string): DaysOf | undefined {
  const before = /^L-(\d{1,2})$/i.exec(text)?.[1];
  return before === undefined ? undefined : (year, month) => [lastDay(year, month) - Number(before)].filter((day) => day > 0);
}

/** Quartz wants `?` in one of the two; `*` beside a real value means the same, and people write it. */
function daysOf(dayOfMonth: string, dayOfWeek: string): DaysOf | undefined {
  if (dayOfWeek === '*' && dayOfMonth !== '?') return daysOf(dayOfMonth, '?');
  if (dayOfMonth === '*' && dayOfWeek !== '?') return daysOf('?', dayOfWeek);
  return dayOfWeek === '?' ? (fromTheEnd(dayOfMonth) ?? parseDays(dayOfMonth, '?')) : parseDays(dayOfMonth, dayOfWeek);
}

function isTimeZone(name: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat('en-US', { timeZone: name }));
  } catch {
    return false;
  }
}

/** Six fields, seconds `*`, and the year where there is a seventh. Undefined where it is no such expression, or no such time zone. */
export function parseWindow(expression: string, timeZone: string): Window | undefined {
  const parts = expression.trim().split(/\s+/);
  if (parts.length < 6 || parts.length > 7 || parts[0] !== '*' || !isTimeZone(timeZone)) return undefined;
  const [, minute = '', hour = '', dayOfMonth = '', month = '', dayOfWeek = '', year = '*'] = parts;
  const minutes = parseField(minute, MINUTES);
  const hours = parseField(hour, HOURS);
  const days = daysOf(dayOfMonth, dayOfWeek);
  const months = parseField(month, MONTHS);
  const years = parseField(year, YEARS);
  return minutes && hours && days && months && years ? { minutes, hours, days, months, years, timeZone } : undefined;
}

/** What the clocks of the zone show, as if it were UTC. */
function local(time: number, timeZone: string): Date {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  });
  const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, Number(value)]));
  return new Date(Date.UTC(parts.year!, parts.month! - 1, parts.day, parts.hour, parts.minute));
}

/** Whether `now` (epoch ms) is inside; else when to look again: never after it has opened. Undefined when it never opens again. */
export function look(window: Window, now: number): { readonly open: boolean; readonly lookAgainAt?: number } {
  const shown = local(now, window.timeZone);
  const [year, month] = [shown.getUTCFullYear(), shown.getUTCMonth() + 1];
  const open =
    window.years.includes(year) &&
    window.months.includes(month) &&
    window.days(year, month).includes(shown.getUTCDate()) &&
    window.hours.includes(shown.getUTCHours()) &&
    window.minutes.includes(shown.getUTCMinutes());
  if (open) return { open };
  const opens = nextTime(window, shown.getTime());
  if (opens === undefined) return { open };
  const minute = Math.floor(now / MINUTE) * MINUTE;
  return { open, lookAgainAt: minute + Math.min(opens - shown.getTime(), LONGEST_MS) };
}
