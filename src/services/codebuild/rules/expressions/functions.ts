import { asText, ExpressionError, isEqual, isList, type Value } from './value.ts';

/** What the functions ask of their surroundings. */
export interface Surroundings {
  /** How the steps before went. */
  readonly status: 'success' | 'failure' | 'cancelled';
  /** The hash over the files that match; throws what it likes where it cannot tell. */
  hashFiles(patterns: readonly string[]): string;
}

export interface Fn {
  readonly least: number;
  readonly most: number;
  /** It asks how the steps before went. */
  readonly status?: true;
  call(args: readonly Value[], surroundings: Surroundings): Value;
}

const isPlain = (value: Value): boolean => typeof value !== 'object' || value === null;

function contains([search = null, item = null]: readonly Value[]): boolean {
  if (isList(search)) return search.some((one) => isEqual(one, item));
  return isPlain(search) && isPlain(item) && asText(search).toUpperCase().includes(asText(item).toUpperCase());
}

function affix(how: 'startsWith' | 'endsWith'): Fn['call'] {
  return ([text = null, part = null]) => isPlain(text) && isPlain(part) && asText(text).toUpperCase()[how](asText(part).toUpperCase());
}

/** `{0}`, and doubled braces for braces. */
function format([pattern = null, ...values]: readonly Value[]): string {
  return asText(pattern).replace(/\{\{|\}\}|\{(\d+)\}|[{}]/g, (mark, digits: string | undefined) => {
    if (mark === '{{' || mark === '}}') return mark[0]!;
    const index = Number(digits);
    if (digits === undefined || index >= values.length) throw new ExpressionError(`format has no argument for ${mark}`);
    return asText(values[index]!);
  });
}

function join([list = null, separator = ',']: readonly Value[]): string {
  if (isList(list)) return list.map((one) => (isPlain(one) ? asText(one) : '')).join(isPlain(separator) ? asText(separator) : ',');
  return isPlain(list) ? asText(list) : '';
}

const DEEPEST = 100;

function checked(value: unknown, depth = 0): Value {
  if (depth > DEEPEST) throw new ExpressionError('fromJSON was given a value that is nested too deeply');
  if (Array.isArray(value)) return value.map((one) => checked(one, depth + 1));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, checked(one, depth + 1)]));
  return value as Value;
}

function fromJson([text = null]: readonly Value[]): Value {
  let value: unknown;
  try {
    value = JSON.parse(asText(text));
  } catch (error) {
    // A value nested beyond all sense exhausts the stack.
    if (!(error instanceof SyntaxError) && !(error instanceof RangeError)) throw error;
    // Not what is wrong with it: the parser would quote it, and it may be a secret.
    throw new ExpressionError('fromJSON was given a text that is no JSON');
  }
  return checked(value);
}

/** JSON has neither of these. */
const jsonable = (_key: string, value: unknown): unknown => (typeof value === 'number' && !Number.isFinite(value) ? String(value) : value);

const status = (is: (status: Surroundings['status']) => boolean): Fn => ({
  least: 0,
  most: 0,
  status: true,
  call: (_args, surroundings) => is(surroundings.status),
});

export const FUNCTIONS: Readonly<Record<string, Fn>> = {
  contains: { least: 2, most: 2, call: contains },
  startsWith: { least: 2, most: 2, call: affix('startsWith') },
  endsWith: { least: 2, most: 2, call: affix('endsWith') },
  format: { least: 1, most: 255, call: format },
  join: { least: 1, most: 2, call: join },
  toJSON: { least: 1, most: 1, call: ([value = null]) => JSON.stringify(value, jsonable, 2) },
  fromJSON: { least: 1, most: 1, call: fromJson },
  hashFiles: { least: 1, most: 255, call: (args, surroundings) => surroundings.hashFiles(args.map(asText)) },
  success: status((now) => now === 'success'),
  failure: status((now) => now === 'failure'),
  cancelled: status((now) => now === 'cancelled'),
  always: status(() => true),
};
