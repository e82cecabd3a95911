import { FUNCTIONS, type Surroundings } from './functions.ts';
import type { Expression, Operator } from './parse.ts';
import { asText, compare, isEqual, isList, isMap, isTruthy, property, type Value, type ValueMap } from './value.ts';

/** What an expression sees. */
export interface Scope extends Surroundings {
  /** By name; one that is absent is null. */
  readonly contexts: ValueMap;
}

/** The members that `.*` found: what is asked of them is asked of each. */
class Members {
  readonly list: readonly Value[];
  constructor(list: readonly Value[]) {
    this.list = list;
  }
}

const plain = (value: Value | Members): Value => (value instanceof Members ? value.list : value);

/** The value of an expression. Throws ExpressionError, or what `hashFiles` throws. */
export function evaluate(expression: Expression, scope: Scope): Value {
  return plain(walk(expression, scope));
}

function walk(expression: Expression, scope: Scope): Value | Members {
  switch (expression.kind) {
    case 'literal':
      return expression.value;
    case 'context':
      return property(scope.contexts, expression.name);
    case 'index':
      return at(walk(expression.of, scope), evaluate(expression.by, scope));
    case 'members':
      return members(walk(expression.of, scope));
    case 'not':
      return !isTruthy(evaluate(expression.of, scope));
    case 'call':
      return FUNCTIONS[expression.name]!.call(
        expression.args.map((arg) => evaluate(arg, scope)),
        scope,
      );
    case 'operation':
      return operate(expression.operator, evaluate(expression.left, scope), () => evaluate(expression.right, scope));
  }
}

function at(of: Value | Members, by: Value): Value | Members {
  if (of instanceof Members) return new Members(of.list.filter((one) => has(one, by)).map((one) => memberOf(one, by)));
  return memberOf(of, by);
}

const has = (of: Value, by: Value): boolean =>
  (isMap(of) && keyOf(of, asText(by)) !== undefined) || (isList(of) && memberOf(of, by) !== null);

const keyOf = (of: ValueMap, name: string): string | undefined => Object.keys(of).find((key) => key.toUpperCase() === name.toUpperCase());

function memberOf(of: Value, by: Value): Value {
  if (isMap(of)) return typeof by === 'object' && by !== null ? null : property(of, asText(by));
  if (!isList(of) || (typeof by !== 'number' && typeof by !== 'string')) return null;
  const index = typeof by === 'number' ? Math.floor(by) : Number(by.trim() === '' ? Number.NaN : by);
  return of[index] ?? null;
}

function members(of: Value | Members): Members {
  const direct = (value: Value): readonly Value[] => (isList(value) ? value : isMap(value) ? Object.values(value) : []);
  return new Members(of instanceof Members ? of.list.flatMap(direct) : direct(of));
}

function operate(operator: Operator, left: Value, right: () => Value): Value {
  switch (operator) {
    case '||':
      return isTruthy(left) ? left : right();
    case '&&':
      return isTruthy(left) ? right() : left;
    case '==':
      return isEqual(left, right());
    case '!=':
      return !isEqual(left, right());
    case '<':
      return compare(left, right()) < 0;
    case '<=':
      return compare(left, right()) <= 0;
    case '>':
      return compare(left, right()) > 0;
    case '>=':
      return compare(left, right()) >= 0;
  }
}
