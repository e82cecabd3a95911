import { InvalidPattern, type NumericRange } from './pattern.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html: numbers are compared within these bounds. */
const BOUND = 5e9;

function operand(operator: string, value: unknown): number {
  if (typeof value !== 'number') throw new InvalidPattern(`Value of ${operator} must be numeric`);
  if (Math.abs(value) > BOUND) throw new InvalidPattern('Value must be between -5.0E9 and 5.0E9, inclusive');
  return value;
}

/** `['>', 0, '<=', 5]` as a range. Throws InvalidPattern. */
export function parseNumeric(spec: unknown): NumericRange {
  if (!Array.isArray(spec)) throw new InvalidPattern('Value of numeric must be an array.');
  const [first, ...rest] = spec as unknown[];
  if (typeof first !== 'string') throw new InvalidPattern(`Invalid member in numeric match: ${JSON.stringify(first) ?? ''}`);
  const value = operand(first, rest[0]);
  const end = { value, inclusive: first.endsWith('=') };
  if (first === '=') return only(rest, { low: end, high: end });
  if (first === '<' || first === '<=') return only(rest, { high: end });
  if (first !== '>' && first !== '>=') throw new InvalidPattern(`Unrecognized numeric range operator: ${first}`);
  return rest.length === 1 ? { low: end } : { low: end, high: upperEnd(value, rest.slice(1)) };
}

function only(rest: readonly unknown[], range: NumericRange): NumericRange {
  if (rest.length > 1) throw new InvalidPattern('Too many terms in numeric range');
  return range;
}

function upperEnd(low: number, terms: readonly unknown[]): NumericRange['high'] {
  const [operator] = terms;
  if (operator !== '<' && operator !== '<=') throw new InvalidPattern(`Bad numeric range operator: ${String(operator)}`);
  const value = operand(operator, terms[1]);
  if (terms.length > 2) throw new InvalidPattern('Too many terms in numeric range');
  if (low >= value) throw new InvalidPattern('Bottom must be less than top');
  return { value, inclusive: operator === '<=' };
}

export function inRange({ low, high }: NumericRange, value: number): boolean {
  if (Math.abs(value) > BOUND) return false;
  if (low && !(low.inclusive ? value >= low.value : value > low.value)) return false;
  return !high || (high.inclusive ? value <= high.value : value < high.value);
}
