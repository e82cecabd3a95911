import { isObject } from '../../../kernel/json.ts';
import { errors } from '../api.gen.ts';
import { globMatcher } from './glob.ts';

type Test = (value: unknown) => boolean;

const TOKEN = /\s*(\$(?:\.[\w$-]+|\["[^"]*"\]|\[\d+\])+|&&|\|\||!=|<=|>=|[=<>(){}]|"(?:[^"\\]|\\.)*"|[^\s(){}=<>!&|"]+)/y;

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

/** `{ $.level = "error" && ($.code >= 500 || $.path = "/api/*") }`: comparisons, IS NULL, IS TRUE, IS FALSE, NOT EXISTS. */
export function jsonFilter(text: string): (message: string) => boolean {
  const parser = new Parser(tokens(text));
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
  #at = 0;

  constructor(list: readonly string[]) {
    this.#tokens = list;
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
    return comparison(path, operator, this.#take());
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

function comparison(path: (value: unknown) => unknown, operator: string, operand: string): Test {
  const quoted = operand.startsWith('"');
  const text = quoted ? operand.slice(1, -1).replace(/\\(.)/g, '$1') : operand;
  const number = quoted || text.trim() === '' ? Number.NaN : Number(text);
  const equals = (found: unknown): boolean => {
    if (typeof found === 'number') return found === number;
    return typeof found === 'string' ? globMatcher(text)(found) : typeof found === 'boolean' && String(found) === text;
  };
  const numeric = (holds: (found: number) => boolean): Test => {
    if (Number.isNaN(number)) throw invalid();
    return (value) => {
      const found = path(value);
      return typeof found === 'number' && holds(found);
    };
  };
  if (operator === '=') return (value) => equals(path(value));
  if (operator === '!=') return (value) => path(value) !== undefined && !equals(path(value));
  if (operator === '<') return numeric((found) => found < number);
  if (operator === '>') return numeric((found) => found > number);
  if (operator === '<=') return numeric((found) => found <= number);
  if (operator === '>=') return numeric((found) => found >= number);
  throw invalid();
}
