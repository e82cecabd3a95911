import { unreachable } from '../errors.ts';
import { cidrMatcher } from './cidr.ts';
import { inRange } from './numeric.ts';
import type { Scalar, Test } from './pattern.ts';
import { matchesPieces, wildcardPieces } from './wildcard.ts';

/** Whether one value of an event passes. */
export type Accept = (value: Scalar) => boolean;

const onText =
  (test: (text: string) => boolean): Accept =>
  (value) =>
    typeof value === 'string' && test(value);

function affix(text: string, ignoreCase: boolean, method: 'startsWith' | 'endsWith'): Accept {
  const wanted = ignoreCase ? text.toLowerCase() : text;
  return onText((value) => (ignoreCase ? value.toLowerCase() : value)[method](wanted));
}

function acceptOne(test: Test): Accept {
  switch (test.kind) {
    case 'equals':
      return (value) => value === test.value;
    case 'equals-ignore-case': {
      const wanted = test.text.toLowerCase();
      return onText((value) => value.toLowerCase() === wanted);
    }
    case 'prefix':
      return affix(test.text, test.ignoreCase, 'startsWith');
    case 'suffix':
      return affix(test.text, test.ignoreCase, 'endsWith');
    case 'wildcard': {
      const pieces = wildcardPieces(test.text);
      return onText((value) => matchesPieces(pieces, value));
    }
    case 'numeric':
      return (value) => typeof value === 'number' && inRange(test.range, value);
    case 'cidr':
      return onText(cidrMatcher(test.block));
    case 'exists':
      return () => test.exists;
    case 'anything-but': {
      const any = acceptAny(test.tests);
      return (value) => !any(value);
    }
    default:
      return unreachable(test);
  }
}

/** Whether a value passes one of the tests. */
export function acceptAny(tests: readonly Test[]): Accept {
  const values = new Set<Scalar>();
  const others: Accept[] = [];
  for (const test of tests) {
    if (test.kind === 'equals') values.add(test.value);
    else others.push(acceptOne(test));
  }
  if (others.length === 0) {
    const [only] = values;
    return values.size === 1 && only !== undefined ? (value) => value === only : (value) => values.has(value);
  }
  if (values.size === 0 && others.length === 1) return others[0]!;
  return (value) => values.has(value) || others.some((accept) => accept(value));
}
