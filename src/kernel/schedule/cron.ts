import { lastDay, type DaysOf } from './cron-days.ts';
import { HOURS, MINUTES, MONTHS, parseField, YEARS } from './cron-fields.ts';

/** The minutes that a cron expression names, whatever dialect it was written in. */
export interface Cron {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  readonly days: DaysOf;
  readonly months: readonly number[];
  readonly years: readonly number[];
}

export const MINUTE = 60_000;

interface Fields {
  readonly minute: string;
  readonly hour: string;
  readonly days: DaysOf | undefined;
  readonly month: string;
  readonly year: string;
}

/** Undefined where a field is not valid. */
export function cronOf({ minute, hour, days, month, year }: Fields): Cron | undefined {
  const minutes = parseField(minute, MINUTES);
  const hours = parseField(hour, HOURS);
  const months = parseField(month, MONTHS);
  const years = parseField(year, YEARS);
  return minutes && hours && days && months && years ? { minutes, hours, days, months, years } : undefined;
}

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

/** The first whole minute after `after` that the expression names, read as UTC (epoch ms); undefined when none is left. */
export function nextCron(cron: Cron, after: number): number | undefined {
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
