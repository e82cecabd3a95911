import { errors } from '../api.gen.ts';
import { jsonFilter } from './json-filter.ts';

export type Matcher = (message: string) => boolean;

/**
 * Filter patterns: terms that must all occur, `"phrases"`, `-excluded`, `?any`, and `{ $.json = … }`.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
export function filterPattern(pattern: string | undefined): Matcher {
  const text = pattern?.trim() ?? '';
  if (text === '') return () => true;
  if (text.startsWith('{')) return jsonFilter(text);
  // Better refused than taken for words.
  if (/^\[.*\]$/s.test(text)) throw errors.InvalidParameterException('Space-delimited filter patterns are not supported yet.');
  if (/(^|\s)[-?]?%[^%]+%/.test(text))
    throw errors.InvalidParameterException('Regular expressions in filter patterns are not supported yet.');
  const terms = parseTerms(text);
  const required = terms.filter(({ kind }) => kind === 'required');
  const excluded = terms.filter(({ kind }) => kind === 'excluded');
  const any = terms.filter(({ kind }) => kind === 'any');
  // AWS ignores ?terms beside others: the others decide.
  const options = required.length + excluded.length > 0 ? [] : any;
  return (message) =>
    required.every(({ text: term }) => message.includes(term)) &&
    !excluded.some(({ text: term }) => message.includes(term)) &&
    (options.length === 0 || options.some(({ text: term }) => message.includes(term)));
}

interface Term {
  readonly kind: 'required' | 'excluded' | 'any';
  readonly text: string;
}

const TERM = /\s*([-?]?)(?:"((?:[^"\\]|\\.)*)"|([^\s"]+))/y;

function parseTerms(text: string): readonly Term[] {
  const terms: Term[] = [];
  TERM.lastIndex = 0;
  while (TERM.lastIndex < text.length) {
    const match = TERM.exec(text);
    if (!match) throw errors.InvalidParameterException('Invalid filter pattern');
    const [, sign, quoted, plain = ''] = match;
    terms.push({
      kind: sign === '-' ? 'excluded' : sign === '?' ? 'any' : 'required',
      text: quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1'),
    });
  }
  return terms;
}
