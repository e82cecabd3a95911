import type { Field, Node, Scalar, Test } from './pattern.ts';
import { isInherited } from './step.ts';

/** What rules can be found by: a field of the pattern that has to be there. */
export interface Key {
  readonly path: readonly string[];
  /** The values, and the beginnings of values, that it takes; undefined where they cannot be listed. */
  readonly listed: { readonly values: readonly Scalar[]; readonly prefixes: readonly string[] } | undefined;
  /** Whether an event that was found by this key need not be asked for it again. */
  readonly settles: boolean;
}

/** A rule with more values than this would be in too many branches. */
const MOST_VALUES = 50;

function listed(tests: readonly Test[]): Key['listed'] {
  const values: Scalar[] = [];
  const prefixes: string[] = [];
  for (const test of tests) {
    if (test.kind === 'equals') values.push(test.value);
    else if (test.kind === 'prefix' && !test.ignoreCase) prefixes.push(test.text);
    else return undefined;
  }
  return tests.length > MOST_VALUES ? undefined : { values, prefixes };
}

const nameOf = (path: readonly string[]): string => JSON.stringify(path);

/** By path, as text. */
export function keysOf(node: Node): ReadonlyMap<string, Key> {
  const keys = new Map<string, Key>();
  const walk = ({ fields }: Node, names: readonly string[]): void => {
    for (const field of fields) {
      const path = [...names, field.name];
      if (field.kind === 'object') walk(field.node, path);
      else if (!field.tests.some((test) => test.kind === 'exists' && !test.exists)) {
        // `{a: {b: …}, "a.b": …}` asks twice at one path: one key does not speak for both.
        const settles = !keys.has(nameOf(path)) && !path.some(isInherited);
        keys.set(nameOf(path), { path, listed: listed(field.tests), settles });
      }
    }
  };
  walk(node, []);
  return keys;
}

/** The pattern without the leaves at these paths; undefined where nothing is left to ask. */
export function without(node: Node, settled: ReadonlySet<string>, names: readonly string[] = []): Node | undefined {
  const fields = node.fields.flatMap((field): Field[] => {
    const path = [...names, field.name];
    if (field.kind === 'leaf') return settled.has(nameOf(path)) ? [] : [field];
    const rest = without(field.node, settled, path);
    return rest ? [{ ...field, node: rest }] : [];
  });
  return fields.length === 0 && node.or.length === 0 ? undefined : { fields, or: node.or };
}
