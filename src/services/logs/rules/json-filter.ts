import { isObject } from '../../../kernel/json.ts';
import { errors } from '../api.gen.ts';
import { globMatcher } from './glob.ts';

type Test = (value: unknown) => boolean;
type Compile = (expression: string) => (text: string) => boolean;

const TOKEN = /\s*(\$(?:\.[\w$-]+|\["[^"]*"\]|\[\d+\])+|&&|\|\||!=|<=|>=|[=<>(){}]|"(?:[^"\\]|\\.)*"|%(?:[^%\\]|\\.)+%|[^\s(){}=<>!&|"]+)/y;

function tokens(text: string): string[] {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const match = TOKEN.exec(text);
    if (!match) throw invalid();
    found.push(match[1]!);
  }
  return found;
}

function invalid(): Error {
  return errors.InvalidParameterException('Invalid filter pattern');
}

/**
 * `{ $.level = "error" && ($.code >= 500 || $.path = "/api/*") }`: comparisons, IS NULL, IS TRUE, IS FALSE, NOT EXISTS.
 * `compile` makes the test of a regular expression.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/matching-terms-json-log-events.html
 */
export function jsonFilter(text: string, compile: Compile): (message: string) => boolean {
  const parser = new Parser(tokens(text), compile);
  const test = parser.whole();
  return (message) => {
    const value = parse(message);
    return isObject(value) && test(value);
  };
}

function parse(message: string): unknown {
  try {
    return JSON.parse(message);
  } catch {
    // Lines that are no JSON simply do not match.
    return undefined;
  }
}

class Parser {
  readonly #tokens: readonly string[];
  readonly #compile: Compile;
  #at = 0;

  constructor(list: readonly string[], compile: Compile) {
    this.#tokens = list;
    this.#compile = compile;
  }

  whole(): Test {
    this.#expect('{');
    const test = this.#or();
    this.#expect('}');
    if (this.#at !== this.#tokens.length) throw invalid();
    return test;
  }

  #take(): string {
    const token = this.#tokens[this.#at++];
    if (token === undefined) throw invalid();
    return token;
  }

  #expect(token: string): void {
    if (this.#take() !== token) throw invalid();
  }

  #next(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }

  #or(): Test {
    const tests = [this.#and()];
    while (this.#next('||')) tests.push(this.#and());
    return (value) => tests.some((test) => test(value));
  }

  #and(): Test {
    const tests = [this.#one()];
    while (this.#next('&&')) tests.push(this.#one());
    return (value) => tests.every((test) => test(value));
  }

  #one(): Test {
    if (this.#next('(')) {
      const test = this.#or();
      this.#expect(')');
      return test;
    }
    const path = selector(this.#take());
    const operator = this.#take();
    if (operator === 'IS') return this.#is(path);
    if (operator === 'NOT') {
      this.#expect('EXISTS');
      return (value) => path(value) === undefined;
    }
    return comparison(path, operator, operandOf(this.#take(), this.#compile));
  }

  #is(path: (value: unknown) => unknown): Test {
    const wanted = this.#take();
    if (wanted === 'NULL') return (value) => path(value) === null;
    if (wanted === 'TRUE') return (value) => path(value) === true;
    if (wanted === 'FALSE') return (value) => path(value) === false;
    throw invalid();
  }
}

function selector(text: string): (value: unknown) => unknown {
  if (!text.startsWith('$')) throw invalid();
  const steps = [...text.matchAll(/\.([\w$-]+)|\["([^"]*)"\]|\[(\d+)\]/g)].map((match) => match[1] ?? match[2] ?? Number(match[3]));
  return (value) =>
    steps.reduce<unknown>((current, step) => {
      if (typeof step === 'number') return Array.isArray(current) ? (current as unknown[])[step] : undefined;
      return isObject(current) && Object.hasOwn(current, step) ? current[step] : undefined;
    }, value);
}

interface Operand {
  readonly equals: Test;
  /** NaN for what is no number. */
  readonly number: number;
}

function operandOf(token: string, compile: Compile): Operand {
  const number = Number.NaN;
  if (/^%.+%$/s.test(token)) {
    const matches = compile(token.slice(1, -1));
    return { number, equals: (found) => isScalar(found) && matches(String(found)) };
  }
  const isQuoted = token.startsWith('"');
  const text = isQuoted ? token.slice(1, -1).replace(/\\(.)/g, '$1') : token;
  // The way to ask whether there is anything: https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_logs.FilterPattern.html
  if (text === '*') return { number, equals: (found) => found !== undefined };
  const matches = globMatcher(text);
  if (isQuoted) return { number, equals: (found) => typeof found === 'string' && matches(found) };
  const value = Number(text);
  return { number: value, equals: (found) => isScalar(found) && (found === value || matches(String(found))) };
}

const isScalar = (found: unknown): found is string | number | boolean => ['string', 'number', 'boolean'].includes(typeof found);

function comparison(path: (value: unknown) => unknown, operator: string, { equals, number }: Operand): Test {
  const numeric = (holds: (found: number) => boolean): Test => {
    if (Number.isNaN(number)) throw invalid();
    return (value) => {
      const found = path(value);
      return typeof found === 'number' && holds(found);
    };
  };
  switch (operator) {
    case '=':
      return (value) => equals(path(value));
    case '!=':
      return (value) => path(value) !== undefined && !equals(path(value));
    case '<':
      return numeric((found) => found < number);
    case '>':
      return numeric((found) => found > number);
    case '<=':
      return numeric((found) => found <= number);
    case '>=':
      return numeric((found) => found >= number);
    default:
      throw invalid();
  }
}
