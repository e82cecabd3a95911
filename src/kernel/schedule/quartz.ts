import { parseDays } from './cron-days.ts';
import { parseField, SECONDS } from './cron-fields.ts';
import { cronOf, MINUTE, nextCron, type Cron } from './cron.ts';
import { changeAfter, type TimeZone } from './time-zone.ts';

/**
 * Quartz's cron expressions: seconds, minutes, hours, day of month, month, day of week, and a year that may be left out; undefined for
 * what is none. A window opens for whole minutes: seconds may be named (AWS's table has `*` alone, its example `0`) and change nothing.
 * https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-DeploymentWindow.html
 */
export function parseQuartz(expression: string): Cron | undefined {
  const parts = expression.trim().split(/\s+/);
  if (parts.length !== 6 && parts.length !== 7) return undefined;
  const [second, minute, hour, dayOfMonth, month, dayOfWeek, year = '*'] = parts as [
    string,
    string,
    string,
    string,
    string,
    string,
    string?,
  ];
  if (!parseField(second, SECONDS)) return undefined;
  return cronOf({ minute, hour, days: parseDays(dayOfMonth, dayOfWeek, 'quartz'), month, year });
}

/**
 * The first time from `from` to `until` (epoch ms, both included) at which a clock of the zone shows a minute that the expression names;
 * `from` itself where it does already. A minute that the zone leaves out in spring never comes, one that it repeats in autumn comes twice.
 */
export function nextOpening(cron: Cron, zone: TimeZone, from: number, until: number): number | undefined {
  for (let at = from; at <= until;) {
    const offset = zone(at);
    const change = changeAfter(zone, at, until);
    const minute = Math.floor((at + offset) / MINUTE) * MINUTE;
    const shown = nextCron(cron, minute - 1);
    if (shown === undefined) return undefined;
    const opens = Math.max(at, shown - offset);
    if (opens < change) return opens <= until ? opens : undefined;
    at = change;
  }
  return undefined;
}
