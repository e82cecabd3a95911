import { PipewrightError } from '../errors.ts';
import { parseDays } from './cron-days.ts';
import { cronOf, MINUTE, nextCron, type Cron } from './cron.ts';

/**
 * Schedules as EventBridge rules have them: `rate(5 minutes)` and `cron(0 12 * * ? *)`, in UTC, to the minute.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 */
export type Schedule = { readonly kind: 'rate'; /** Milliseconds. */ readonly every: number } | ({ readonly kind: 'cron' } & Cron);

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
  const cron = cronOf({ minute, hour, days: parseDays(dayOfMonth, dayOfWeek), month, year });
  return cron && { kind: 'cron', ...cron };
}

/** Throws with AWS's sentence for what is no schedule. */
export function parseSchedule(expression: string): Schedule {
  const match = /^(rate|cron)\((.*)\)$/.exec(expression);
  const schedule = match && (match[1] === 'rate' ? parseRate(match[2]!) : parseCron(match[2]!));
  if (!schedule) throw new PipewrightError('InvalidSchedule', 'Parameter ScheduleExpression is not valid.');
  return schedule;
}

/** The next time (epoch ms) a schedule is due after `after`; a rate counts from it. Undefined when it never is again. Throws as `parseSchedule`. */
export function nextAfter(expression: string, after: number): number | undefined {
  const schedule = parseSchedule(expression);
  return schedule.kind === 'rate' ? after + schedule.every : nextCron(schedule, after);
}
