import { FUNCTIONS } from './functions.ts';
import { tokens, type Token } from './tokens.ts';
import { ExpressionError, type Value } from './value.ts';

export const OPERATORS = ['||', '&&', '==', '!=', '<', '<=', '>', '>='] as const;
export type Operator = (typeof OPERATORS)[number];

export type Expression =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'context'; readonly name: string }
  | { readonly kind: 'index'; readonly of: Expression; readonly by: Expression }
  /** `.*`: the members, and then what is asked of each. */
  | { readonly kind: 'members'; readonly of: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'not'; readonly of: Expression }
  | { readonly kind: 'operation'; readonly operator: Operator; readonly left: Expression; readonly right: Expression };

export const CONTEXTS = ['github', 'env', 'vars', 'job', 'steps', 'runner', 'secrets', 'strategy', 'matrix', 'needs', 'inputs'];

/** What binds weaker comes first. */
const LEVELS: readonly (readonly Operator[])[] = [['||'], ['&&'], ['==', '!='], ['<', '<=', '>', '>=']];
const DEEPEST = 50;
/** GitHub's own limit, characters. */
const LONGEST = 21_000;

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;
  #depth = 0;

  constructor(source: string) {
    if (source.length > LONGEST) throw new ExpressionError(`An expression has ${LONGEST} characters at most`, LONGEST);
    this.#tokens = tokens(source);
  }

  whole(): Expression {
    if (this.#peek().kind === 'end') throw new ExpressionError('An expression is missing', 0);
    const expression = this.#level(0);
    if (this.#peek().kind !== 'end') throw this.#unexpected();
    return expression;
  }

  #peek(): Token {
    return this.#tokens[this.#next]!;
  }

  #unexpected(): ExpressionError {
    const token = this.#peek();
    if (token.kind === 'end') return new ExpressionError('The expression is not complete', token.at);
    return new ExpressionError(`Unexpected ${JSON.stringify(token.kind === 'literal' ? token.value : token.text)}`, token.at);
  }

  #take(mark: string): boolean {
    const token = this.#peek();
    if (token.kind !== 'mark' || token.text !== mark) return false;
    this.#next++;
    return true;
  }

  #expect(mark: string): void {
    if (!this.#take(mark)) throw this.#unexpected();
  }

  #level(level: number): Expression {
    const operators = LEVELS[level];
    if (!operators) return this.#unary();
    let left = this.#level(level + 1);
    for (;;) {
      const operator = operators.find((candidate) => this.#take(candidate));
      if (operator === undefined) return left;
      left = { kind: 'operation', operator, left, right: this.#level(level + 1) };
    }
  }

  #deeper<T>(read: () => T): T {
    if (++this.#depth > DEEPEST) throw new ExpressionError('The expression is nested too deeply', this.#peek().at);
    const found = read();
    this.#depth--;
    return found;
  }

  #unary(): Expression {
    if (this.#take('!')) return this.#deeper(() => ({ kind: 'not', of: this.#unary() }));
    return this.#accesses(this.#primary());
  }

  #primary(): Expression {
    const token = this.#peek();
    if (token.kind === 'literal') {
      this.#next++;
      return { kind: 'literal', value: token.value };
    }
    if (token.kind === 'name') {
      this.#next++;
      return this.#take('(') ? this.#call(token.text, token.at) : context(token.text, token.at);
    }
    if (!this.#take('(')) throw this.#unexpected();
    const inner = this.#deeper(() => this.#level(0));
    this.#expect(')');
    return inner;
  }

  #call(text: string, at: number): Expression {
    const name = Object.keys(FUNCTIONS).find((candidate) => candidate.toLowerCase() === text.toLowerCase());
    if (name === undefined) throw new ExpressionError(`There is no function ${text}`, at);
    const args: Expression[] = [];
    if (!this.#take(')')) {
      do args.push(this.#deeper(() => this.#level(0)));
      while (this.#take(','));
      this.#expect(')');
    }
    const { least, most } = FUNCTIONS[name]!;
    if (args.length < least) throw new ExpressionError(`${name} takes ${least} arguments at least`, at);
    if (args.length > most) throw new ExpressionError(`${name} takes ${most} arguments at most`, at);
    return { kind: 'call', name, args };
  }

  #accesses(first: Expression): Expression {
    let of = first;
    for (let length = 0; ; length++) {
      if (length > DEEPEST) throw new ExpressionError('The expression is nested too deeply', this.#peek().at);
      if (this.#take('.')) of = this.#property(of);
      else if (this.#take('[')) of = this.#index(of);
      else return of;
    }
  }

  #property(of: Expression): Expression {
    if (this.#take('*')) return { kind: 'members', of };
    const token = this.#peek();
    if (token.kind !== 'name') throw this.#unexpected();
    this.#next++;
    return { kind: 'index', of, by: { kind: 'literal', value: token.text } };
  }

  #index(of: Expression): Expression {
    if (this.#take('*')) {
      this.#expect(']');
      return { kind: 'members', of };
    }
    const by = this.#deeper(() => this.#level(0));
    this.#expect(']');
    return { kind: 'index', of, by };
  }
}

function context(text: string, at: number): Expression {
  const name = text.toLowerCase();
  if (!CONTEXTS.includes(name)) throw new ExpressionError(`There is no context ${text}`, at);
  return { kind: 'context', name };
}

/** Reads what stands between `${{` and `}}`. Throws ExpressionError, and nothing else whatever it is given. */
export function parseExpression(source: string): Expression {
  return new Parser(source).whole();
}

/** Whether the expression asks how the steps before it went. */
export function asksStatus(expression: Expression): boolean {
  switch (expression.kind) {
    case 'literal':
    case 'context':
      return false;
    case 'index':
      return asksStatus(expression.of) || asksStatus(expression.by);
    case 'members':
    case 'not':
      return asksStatus(expression.of);
    case 'call':
      return FUNCTIONS[expression.name]!.status === true || expression.args.some(asksStatus);
    case 'operation':
      return asksStatus(expression.left) || asksStatus(expression.right);
  }
}
