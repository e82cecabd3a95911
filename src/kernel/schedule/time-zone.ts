import { MINUTE } from './cron.ts';

/** How far a zone's clocks are ahead of UTC at a time (epoch ms), ms. */
export type TimeZone = (at: number) => number;

const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/**
 * The three letters that Java takes for time zones, which are those of AWS's page: PST is where the Pacific states' clocks are, summer
 * included. https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/time/ZoneId.html#SHORT_IDS
 */
const ABBREVIATIONS: Readonly<Record<string, string>> = {
  ACT: 'Australia/Darwin',
  AET: 'Australia/Sydney',
  AGT: 'America/Argentina/Buenos_Aires',
  ART: 'Africa/Cairo',
  AST: 'America/Anchorage',
  BET: 'America/Sao_Paulo',
  BST: 'Asia/Dhaka',
  CAT: 'Africa/Harare',
  CNT: 'America/St_Johns',
  CST: 'America/Chicago',
  CTT: 'Asia/Shanghai',
  EAT: 'Africa/Addis_Ababa',
  ECT: 'Europe/Paris',
  EST: 'UTC-05:00',
  HST: 'UTC-10:00',
  IET: 'America/Indiana/Indianapolis',
  IST: 'Asia/Kolkata',
  JST: 'Asia/Tokyo',
  MIT: 'Pacific/Apia',
  MST: 'UTC-07:00',
  NET: 'Asia/Yerevan',
  NST: 'Pacific/Auckland',
  PLT: 'Asia/Karachi',
  PNT: 'America/Phoenix',
  PRT: 'America/Puerto_Rico',
  PST: 'America/Los_Angeles',
  SST: 'Pacific/Guadalcanal',
  VST: 'Asia/Ho_Chi_Minh',
};

/** `Europe/Berlin`, `UTC`, `UTC+05:30`, `PST`; undefined for what is no time zone. */
export function parseTimeZone(text: string): TimeZone | undefined {
  const name = Object.hasOwn(ABBREVIATIONS, text) ? ABBREVIATIONS[text]! : text;
  const fixed = /^UTC(?:([+-])(\d{2}):([0-5]\d))?$/.exec(name);
  if (!fixed) return namedZone(name);
  const [, sign, hours = '0', minutes = '0'] = fixed;
  const ahead = Number(hours) * HOUR + Number(minutes) * MINUTE;
  return ahead > 18 * HOUR ? undefined : () => (sign === '-' ? -ahead : ahead);
}

function namedZone(timeZone: string): TimeZone | undefined {
  // Bare offsets are zones to Intl and not to AWS.
  if (!/^[A-Za-z]/.test(timeZone)) return undefined;
  const format = formatOf(timeZone);
  return format && ((at) => shown(format, at) - Math.floor(at / 1000) * 1000);
}

function formatOf(timeZone: string): Intl.DateTimeFormat | undefined {
  const numeric = 'numeric';
  const parts = { year: numeric, month: numeric, day: numeric, hour: numeric, minute: numeric, second: numeric } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, calendar: 'iso8601', hourCycle: 'h23', ...parts });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** What the zone's clocks show, read as if it were UTC. */
function shown(format: Intl.DateTimeFormat, at: number): number {
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(parts.year!, parts.month! - 1, parts.day, parts.hour, parts.minute, parts.second);
}

/** The first whole minute after `at` and up to `until` from which the zone's clocks differ; Infinity where they never do. */
export function changeAfter(zone: TimeZone, at: number, until: number): number {
  const offset = zone(at);
  for (let before = at; before < until; before += DAY) {
    const day = Math.min(before + DAY, until);
    if (zone(day) !== offset) return bisect(zone, before, day);
  }
  return Infinity;
}

function bisect(zone: TimeZone, before: number, after: number): number {
  const offset = zone(before);
  let [low, high] = [Math.floor(before / MINUTE), Math.ceil(after / MINUTE)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zone(middle * MINUTE) === offset) low = middle;
    else high = middle;
  }
  return high * MINUTE;
}
