import { DAYS, parseField, parseValue, WEEKDAYS } from './cron-fields.ts';

/** The days of a month (1 = January) on which a field falls, in no order. Some may be beyond the month's end. */
export type DaysOf = (year: number, month: number) => readonly number[];

export const lastDay = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate();
/** 1 = Sunday. */
const weekday = (year: number, month: number, day: number): number => new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1;

/** The Monday to Friday nearest to a day, within its month. */
function nearestWorkday(year: number, month: number, day: number): number {
  const on = weekday(year, month, day);
  if (on === 7) return day === 1 ? 3 : day - 1;
  if (on === 1) return day === lastDay(year, month) ? day - 2 : day + 1;
  return day;
}

function dayItem(text: string): DaysOf | undefined {
  if (text === 'L') return (year, month) => [lastDay(year, month)];
  if (text === 'LW' || text === 'WL') return (year, month) => [nearestWorkday(year, month, lastDay(year, month))];
  if (text.endsWith('W')) {
    const day = parseValue(text.slice(0, -1), DAYS);
    if (day === undefined) return undefined;
    return (year, month) => (day > lastDay(year, month) ? [] : [nearestWorkday(year, month, day)]);
  }
  const days = parseField(text, DAYS);
  return days && (() => days);
}

const daysOn = (year: number, month: number, on: number): number[] =>
  Array.from({ length: lastDay(year, month) }, (_, index) => index + 1).filter((day) => weekday(year, month, day) === on);

function weekdayItem(text: string): DaysOf | undefined {
  const [name = '', nth, ...more] = text.split('#');
  if (nth !== undefined) {
    const on = parseValue(name, WEEKDAYS);
    if (on === undefined || more.length > 0 || !/^[1-5]$/.test(nth)) return undefined;
    return (year, month) => daysOn(year, month, on).slice(Number(nth) - 1, Number(nth));
  }
  if (text !== 'L' && /.L$/.test(text)) {
    const on = parseValue(text.slice(0, -1), WEEKDAYS);
    return on === undefined ? undefined : (year, month) => daysOn(year, month, on).slice(-1);
  }
  // The last day of the week is Saturday.
  const on = text === 'L' ? [7] : parseField(text, WEEKDAYS);
  return on && ((year, month) => on.flatMap((each) => daysOn(year, month, each)));
}

function union(text: string, item: (text: string) => DaysOf | undefined): DaysOf | undefined {
  const items: DaysOf[] = [];
  for (const part of text.toUpperCase().split(',')) {
    const found = item(part);
    if (!found) return undefined;
    items.push(found);
  }
  return (year, month) => items.flatMap((days) => days(year, month));
}

/** So many days before the last one, as Quartz has them: `L-3`, and `L-3W` for the Monday to Friday nearest to it. */
function quartzDayItem(text: string): DaysOf | undefined {
  const [, offset, workday] = /^L-(\d{1,2})(W?)$/.exec(text) ?? [];
  if (offset === undefined) return dayItem(text);
  if (Number(offset) > 30) return undefined;
  return (year, month) => {
    const day = lastDay(year, month) - Number(offset);
    return day < 1 ? [] : [workday ? nearestWorkday(year, month, day) : day];
  };
}

/** Day-of-month and day-of-week: exactly one of them has to be `?`. Undefined where they are not valid. */
export function parseDays(dayOfMonth: string, dayOfWeek: string, dialect: 'aws' | 'quartz' = 'aws'): DaysOf | undefined {
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) return undefined;
  return dayOfWeek === '?' ? union(dayOfMonth, dialect === 'quartz' ? quartzDayItem : dayItem) : union(dayOfWeek, weekdayItem);
}
