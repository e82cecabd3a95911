import { errors } from '../api.gen.ts';
import { jsonFilter } from './json-filter.ts';
import { regexMatcher } from './regex.ts';

export type Matcher = (message: string) => boolean;

/** AWS takes so many of them in one pattern, and so do we: each is run over every message. */
const MOST_REGEXES = 2;

/**
 * Filter patterns: terms that must all occur, `"phrases"`, `-excluded`, `?any`, `%regex%`, and `{ $.json = … }`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function filterPattern(pattern: string | undefined): Matcher {
  const text = pattern?.trim() ?? '';
  if (text === '') return () => true;
  let regexes = 0;
  const compile = (expression: string): Matcher => {
    if (++regexes > MOST_REGEXES) throw errors.InvalidParameterException('Too many regular expressions in filter pattern');
    return regexMatcher(expression);
  };
  if (text.startsWith('{')) return jsonFilter(text, compile);
  // Better refused than taken for words.
  if (/^\[.*\]$/s.test(text)) throw errors.InvalidParameterException('Space-delimited filter patterns are not supported yet.');
  return termFilter(parseTerms(text, compile));
}

function termFilter(terms: readonly Term[]): Matcher {
  const required = terms.filter(({ kind }) => kind === 'required');
  const excluded = terms.filter(({ kind }) => kind === 'excluded');
  // AWS ignores ?terms beside others: the others decide.
  const options = required.length + excluded.length > 0 ? [] : terms;
  return (message) =>
    required.every(({ occursIn }) => occursIn(message)) &&
    !excluded.some(({ occursIn }) => occursIn(message)) &&
    (options.length === 0 || options.some(({ occursIn }) => occursIn(message)));
}

interface Term {
  readonly kind: 'required' | 'excluded' | 'any';
  readonly occursIn: Matcher;
}

const TERM = /\s*([-?]?)(?:"((?:[^"\\]|\\.)*)"|%((?:[^%\\]|\\.)+)%|([^\s"]+))/y;

function parseTerms(text: string, compile: (expression: string) => Matcher): readonly Term[] {
  const terms: Term[] = [];
  TERM.lastIndex = 0;
  while (TERM.lastIndex < text.length) {
    const match = TERM.exec(text);
    if (!match) throw errors.InvalidParameterException('Invalid filter pattern');
    const [, sign, quoted, expression, plain = ''] = match;
    const words = quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1');
    terms.push({
      kind: sign === '-' ? 'excluded' : sign === '?' ? 'any' : 'required',
      occursIn: expression === undefined ? (message) => message.includes(words) : compile(expression),
    });
  }
  return terms;
}
