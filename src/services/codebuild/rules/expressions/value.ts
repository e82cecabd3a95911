/** What an expression of GitHub Actions yields: https://docs.github.com/en/actions/reference/workflows-and-actions/expressions */
export type Value = null | boolean | number | string | readonly Value[] | ValueMap;
export interface ValueMap {
  readonly [key: string]: Value;
}

/** An expression that cannot be read or evaluated; `at`: the character of the text, 0-based, where that is known. */
export class ExpressionError extends Error {
  readonly at: number | undefined;
  constructor(message: string, at?: number) {
    super(message);
    this.name = 'ExpressionError';
    this.at = at;
  }
}

export const isList = (value: Value): value is readonly Value[] => Array.isArray(value);
export const isMap = (value: Value): value is ValueMap => typeof value === 'object' && value !== null && !isList(value);

export function isTruthy(value: Value): boolean {
  return !(value === null || value === false || value === 0 || value === '' || Number.isNaN(value));
}

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const OTHER_BASE = /^0(x[0-9a-f]+|o[0-7]+)$/i;

/** A text as a number; NaN where it is none. Without anything but spaces it is 0. */
export function numberOf(text: string): number {
  const word = text.trim();
  if (word === '') return 0;
  if (DECIMAL.test(word) || OTHER_BASE.test(word)) return Number(word);
  if (/^[+-]?Infinity$/.test(word)) return word.startsWith('-') ? -Infinity : Infinity;
  return Number.NaN;
}

function asNumber(value: Value): number {
  if (value === null) return 0;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? numberOf(value) : Number.NaN;
}

/** As a value stands in a text. Lists and mappings have no text of their own. */
export function asText(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'number') return Object.is(value, -0) ? '0' : String(value);
  if (typeof value === 'object') return isList(value) ? 'Array' : 'Object';
  return String(value);
}

const folded = (text: string): string => text.toUpperCase();

/** Of one kind: as they are, texts without regard to case. Of two kinds: as numbers. */
export function isEqual(left: Value, right: Value): boolean {
  if (typeof left === 'string' && typeof right === 'string') return folded(left) === folded(right);
  if (typeof left === 'object' && typeof right === 'object') return left === right;
  if (typeof left === typeof right) return left === right;
  return asNumber(left) === asNumber(right);
}

/** Negative, zero, positive, or NaN where neither is before the other. */
export function compare(left: Value, right: Value): number {
  if (typeof left === 'string' && typeof right === 'string') {
    const [a, b] = [folded(left), folded(right)];
    return a === b ? 0 : a < b ? -1 : 1;
  }
  const [a, b] = [asNumber(left), asNumber(right)];
  return a === b ? 0 : a - b;
}

/** A key of a mapping, without regard to case; null where there is none. */
export function property(of: ValueMap, name: string): Value {
  if (Object.hasOwn(of, name)) return of[name]!;
  const key = Object.keys(of).find((candidate) => folded(candidate) === folded(name));
  return key === undefined ? null : of[key]!;
}
