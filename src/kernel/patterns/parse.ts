import { messageOf } from '../errors.ts';
import { isObject } from '../json.ts';
import { tooDeep } from './depth.ts';
import { isOperator, parseTest } from './parse-test.ts';
import { InvalidPattern, type Field, type Node, type Test } from './pattern.ts';

/** A rule may have at most this many combinations of its `$or` branches. */
const MOST_COMBINATIONS = 1000;
/** Wildcards a rule may hold before EventBridge calls it too complex: its own measure is not published. */
const MOST_WILDCARDS = 64;

/** `$or` is an operator where its value looks like one: a list of two or more objects that are no match expressions. Else it is a field. */
function isOr(value: unknown): value is Record<string, unknown>[] {
  if (!Array.isArray(value) || value.length < 2) return false;
  return value.every((branch: unknown) => isObject(branch) && !Object.keys(branch).some(isOperator));
}

/** `a.b` names the same leaf as `{a: {b}}`: EventBridge joins the names of a path with dots before it compares them. */
function nested(names: readonly string[], field: (name: string) => Field): Field {
  const [name = '', ...rest] = names;
  return rest.length === 0 ? field(name) : { kind: 'object', name, node: { fields: [nested(rest, field)], or: [] } };
}

function parseField(name: string, value: unknown): Field {
  const names = name.includes('.') ? name.split('.') : [name];
  if (Array.isArray(value)) {
    if (value.length === 0) throw new InvalidPattern('Empty arrays are not allowed');
    const tests = (value as unknown[]).map(parseTest);
    return nested(names, (last) => ({ kind: 'leaf', name: last, tests }));
  }
  if (!isObject(value)) throw new InvalidPattern(`"${name}" must be an object or an array`);
  const node = parseNode(value);
  return nested(names, (last) => ({ kind: 'object', name: last, node }));
}

function parseNode(value: Record<string, unknown>): Node {
  const entries = Object.entries(value);
  if (entries.length === 0) throw new InvalidPattern('Empty objects are not allowed');
  const or: Node[][] = [];
  const fields: Field[] = [];
  for (const [name, member] of entries) {
    if (name === '$or' && isOr(member)) or.push(member.map(parseNode));
    else fields.push(parseField(name, member));
  }
  return { fields, or };
}

function combinations({ fields, or }: Node): number {
  let product = 1;
  for (const field of fields) if (field.kind === 'object') product *= combinations(field.node);
  for (const branches of or) product *= branches.reduce((sum, branch) => sum + combinations(branch), 0);
  return product;
}

const starsIn = (test: Test): number =>
  test.kind === 'wildcard'
    ? test.text.split('*').length - 1
    : test.kind === 'anything-but'
      ? test.tests.reduce((n, t) => n + starsIn(t), 0)
      : 0;

function stars({ fields, or }: Node): number {
  let sum = 0;
  for (const field of fields) sum += field.kind === 'leaf' ? field.tests.reduce((n, test) => n + starsIn(test), 0) : stars(field.node);
  for (const branch of or.flat()) sum += stars(branch);
  return sum;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new InvalidPattern(messageOf(error));
  }
}

/** The pattern in a JSON text. Throws InvalidPattern, whose message is EventBridge's. */
export function parsePattern(text: string): Node {
  const value = parseJson(text);
  if (!isObject(value)) throw new InvalidPattern('Filter is not an object');
  if (tooDeep(value)) throw new InvalidPattern('Filter is nested too deeply');
  const node = parseNode(value);
  if (combinations(node) > MOST_COMBINATIONS) throw new InvalidPattern(`Rule combinations must not exceed ${MOST_COMBINATIONS}`);
  if (stars(node) > MOST_WILDCARDS)
    throw new InvalidPattern(
      'Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character',
    );
  return node;
}
