/** Parses one field of AWS's cron expressions; undefined where it is not valid. */

interface Range {
  readonly min: number;
  readonly max: number;
  /** Three-letter names of the values from `min` on. */
  readonly names?: readonly string[];
}

export const SECONDS: Range = { min: 0, max: 59 };
export const MINUTES: Range = { min: 0, max: 59 };
export const HOURS: Range = { min: 0, max: 23 };
export const DAYS: Range = { min: 1, max: 31 };
export const MONTHS: Range = {
  min: 1,
  max: 12,
  names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
};
/** AWS counts from 1 = SUN. */
export const WEEKDAYS: Range = { min: 1, max: 7, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'] };
export const YEARS: Range = { min: 1970, max: 2199 };

/** A number or a name within the range. */
export function parseValue(text: string, { min, max, names }: Range): number | undefined {
  const named = names?.indexOf(text.toUpperCase()) ?? -1;
  if (named !== -1) return min + named;
  const value = /^\d{1,4}$/.test(text) ? Number(text) : NaN;
  return value >= min && value <= max ? value : undefined;
}

function ends(text: string, range: Range, stepped: boolean): readonly [number, number] | undefined {
  if (text === '*') return [range.min, range.max];
  const parts = text.split('-');
  const [from, to] = parts.map((part) => parseValue(part, range));
  if (parts.length > 2 || from === undefined || (parts.length === 2 && to === undefined)) return undefined;
  // `5/10` starts at 5 and goes on to the end.
  return [from, to ?? (stepped ? range.max : from)];
}

/** `*`, `5`, `1-5`, `FRI-MON`, `0/15`, `10-40/5`. */
function parseItem(text: string, range: Range): readonly number[] | undefined {
  const [span = '', step, ...more] = text.split('/');
  if (more.length > 0 || (step !== undefined && !/^[1-9]\d{0,3}$/.test(step))) return undefined;
  const found = ends(span, range, step !== undefined);
  if (!found) return undefined;
  const [from, to] = found;
  const size = range.max - range.min + 1;
  // A range that runs backwards goes round the end.
  const length = to >= from ? to - from : to - from + size;
  const values: number[] = [];
  for (let offset = 0; offset <= length; offset += Number(step ?? 1)) values.push(((from + offset - range.min) % size) + range.min);
  return values;
}

/** The values of a comma-separated field, in order. */
export function parseField(text: string, range: Range): readonly number[] | undefined {
  const values = new Set<number>();
  for (const part of text.split(',')) {
    const found = parseItem(part, range);
    if (!found) return undefined;
    for (const value of found) values.add(value);
  }
  return [...values].toSorted((a, b) => a - b);
}
