import { isObject } from '../json.ts';
import { cidrMatcher } from './cidr.ts';
import { parseNumeric } from './numeric.ts';
import { InvalidPattern, type Test } from './pattern.ts';
import { wildcardPieces } from './wildcard.ts';

function textOf(value: unknown, complaint: string): string {
  if (typeof value !== 'string') throw new InvalidPattern(complaint);
  return value;
}

/** `{"prefix": "a"}` and `{"prefix": {"equals-ignore-case": "a"}}`; the same for suffix. */
function parseAffix(kind: 'prefix' | 'suffix', value: unknown): Test {
  const complaint = `${kind} match pattern must be a string`;
  if (!isObject(value)) return { kind, text: textOf(value, complaint), ignoreCase: false };
  const names = Object.keys(value);
  if (names.length !== 1 || names[0] !== 'equals-ignore-case') throw new InvalidPattern(complaint);
  return { kind, text: textOf(value['equals-ignore-case'], complaint), ignoreCase: true };
}

function parseWildcard(value: unknown): Test {
  const text = textOf(value, 'wildcard match pattern must be a string');
  wildcardPieces(text);
  return { kind: 'wildcard', text };
}

function parseCidr(value: unknown): Test {
  const block = textOf(value, 'prefix match pattern must be a string');
  cidrMatcher(block);
  return { kind: 'cidr', block };
}

function excludedAffix(kind: 'prefix' | 'suffix', value: unknown): Test {
  const text = textOf(value, 'prefix/suffix match pattern must be a string');
  if (text === '') throw new InvalidPattern('Null prefix/suffix not allowed');
  return { kind, text, ignoreCase: false };
}

const EXCLUDED: Readonly<Record<string, (value: unknown) => Test>> = {
  prefix: (value) => excludedAffix('prefix', value),
  suffix: (value) => excludedAffix('suffix', value),
  wildcard: parseWildcard,
  'equals-ignore-case': (value) => ({
    kind: 'equals-ignore-case',
    text: textOf(value, 'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.'),
  }),
};

const ANYTHING_BUT = 'Value of anything-but must be an array or single string/number value.';

function excludedValues(values: readonly unknown[]): Test[] {
  if (values.length === 0) throw new InvalidPattern('Empty arrays are not allowed');
  const tests = values.map((value): Test => {
    if (typeof value !== 'string' && typeof value !== 'number')
      throw new InvalidPattern('Inside anything but list, start|null|boolean is not supported.');
    return { kind: 'equals', value };
  });
  if (new Set(values.map((value) => typeof value)).size > 1)
    throw new InvalidPattern('Inside anything but list, either all values are number or string, mixed type is not supported');
  return tests;
}

function excluded(value: unknown): Test[] {
  if (Array.isArray(value)) return excludedValues(value as unknown[]);
  if (typeof value === 'string' || typeof value === 'number') return excludedValues([value]);
  const [entry, ...more] = isObject(value) ? Object.entries(value) : [];
  if (!entry || more.length > 0) throw new InvalidPattern(ANYTHING_BUT);
  const [kind, operand] = entry;
  const parse = Object.hasOwn(EXCLUDED, kind) ? EXCLUDED[kind] : undefined;
  if (!parse) throw new InvalidPattern(`Unsupported anything-but pattern: ${kind}`);
  if (isObject(operand)) throw new InvalidPattern(ANYTHING_BUT);
  const operands: readonly unknown[] = Array.isArray(operand) ? operand : [operand];
  if (operands.length === 0) throw new InvalidPattern('Empty arrays are not allowed');
  return operands.map(parse);
}

function parseExists(value: unknown): Test {
  if (typeof value !== 'boolean') throw new InvalidPattern('exists match pattern must be either true or false.');
  return { kind: 'exists', exists: value };
}

const OPERATORS: Readonly<Record<string, (value: unknown) => Test>> = {
  prefix: (value) => parseAffix('prefix', value),
  suffix: (value) => parseAffix('suffix', value),
  'equals-ignore-case': (value) => ({
    kind: 'equals-ignore-case',
    text: textOf(value, 'equals-ignore-case match pattern must be a string'),
  }),
  wildcard: parseWildcard,
  numeric: (value) => ({ kind: 'numeric', range: parseNumeric(value) }),
  cidr: parseCidr,
  exists: parseExists,
  'anything-but': (value) => ({ kind: 'anything-but', tests: excluded(value) }),
};

export function isOperator(name: string): boolean {
  return Object.hasOwn(OPERATORS, name);
}

/** One member of a leaf's list. Throws InvalidPattern. */
export function parseTest(value: unknown): Test {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return { kind: 'equals', value };
  const entries = isObject(value) ? Object.entries(value) : [];
  if (entries.length === 0) throw new InvalidPattern('Match value must be String, number, true, false, or null');
  const [name, operand] = entries[0]!;
  if (!isOperator(name)) throw new InvalidPattern(`Unrecognized match type ${name}`);
  if (entries.length > 1) throw new InvalidPattern('Only one key allowed in match expression');
  return OPERATORS[name]!(operand);
}
