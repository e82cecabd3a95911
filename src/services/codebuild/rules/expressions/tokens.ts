import { ExpressionError, numberOf } from './value.ts';

export type Token =
  | { readonly kind: 'literal'; readonly value: null | boolean | number | string; readonly at: number }
  | { readonly kind: 'name'; readonly text: string; readonly at: number }
  | { readonly kind: 'mark'; readonly text: string; readonly at: number }
  | { readonly kind: 'end'; readonly at: number };

const SPACE = /\s+/y;
const NAME = /[A-Za-z_][A-Za-z0-9_-]*/y;
const TEXT = /'(?:[^']|'')*'/y;
const NUMBER = /[+-]?(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|Infinity\b)/y;
const MARK = /&&|\|\||[=!<>]=|[()[\].,*!<>]/y;

const WORDS: ReadonlyMap<string, null | boolean | number> = new Map<string, null | boolean | number>([
  ['null', null],
  ['true', true],
  ['false', false],
  ['NaN', Number.NaN],
  ['Infinity', Infinity],
]);

function match(pattern: RegExp, source: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0];
}

/** After these a dot asks for a property; elsewhere it begins a number. */
const endsOperand = (token: Token | undefined): boolean =>
  token?.kind === 'name' || (token?.kind === 'mark' && [')', ']', '*'].includes(token.text));

interface Read {
  readonly token?: Token;
  readonly length: number;
}

function readAt(source: string, at: number, before: Token | undefined): Read {
  const space = match(SPACE, source, at);
  if (space !== undefined) return { length: space.length };
  const text = match(TEXT, source, at);
  if (text !== undefined) return { token: { kind: 'literal', value: text.slice(1, -1).replaceAll("''", "'"), at }, length: text.length };
  const number = source[at] === '.' && endsOperand(before) ? undefined : match(NUMBER, source, at);
  const afterDot = before?.kind === 'mark' && before.text === '.';
  const name = match(NAME, source, at);
  if (name !== undefined) {
    const word = afterDot ? undefined : WORDS.get(name);
    const token: Token = word === undefined ? { kind: 'name', text: name, at } : { kind: 'literal', value: word, at };
    return { token, length: name.length };
  }
  if (number !== undefined) return { token: { kind: 'literal', value: numberOf(number), at }, length: number.length };
  const mark = match(MARK, source, at);
  if (mark !== undefined) return { token: { kind: 'mark', text: mark, at }, length: mark.length };
  throw new ExpressionError(source[at] === "'" ? 'A text has no end' : `Unexpected ${JSON.stringify(source[at])}`, at);
}

/** The words of an expression; the last is its end. Throws ExpressionError. */
export function tokens(source: string): readonly Token[] {
  const found: Token[] = [];
  for (let at = 0; at < source.length;) {
    const { token, length } = readAt(source, at, found.at(-1));
    if (token) found.push(token);
    at += length;
  }
  return [...found, { kind: 'end', at: source.length }];
}
