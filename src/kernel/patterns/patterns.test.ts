import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messageOf } from '../errors.ts';
import { tooDeep } from './depth.ts';
import { compilePattern } from './match.ts';
import { parsePattern } from './parse.ts';
import { InvalidPattern, type Node } from './pattern.ts';
import { RuleIndex } from './rule-index.ts';
import { matchesPieces, wildcardPieces } from './wildcard.ts';

interface Case {
  readonly about: string;
  /** Text stands for itself: what is no JSON. */
  readonly pattern: unknown;
  readonly event?: object;
  readonly expect: 'match' | 'no-match' | 'invalid';
  /** What an invalid pattern is refused with. */
  readonly reason?: string;
}

const folder = new URL('cases/', import.meta.url);
const cases = readdirSync(folder).map(
  (file) => [file.replace('.json', ''), JSON.parse(readFileSync(new URL(file, folder), 'utf8')) as Case] as const,
);
const textOf = (pattern: unknown): string => (typeof pattern === 'string' ? pattern : JSON.stringify(pattern));

function outcome({ pattern, event }: Case): string {
  try {
    return compilePattern(parsePattern(textOf(pattern)))(event ?? {}) ? 'match' : 'no-match';
  } catch (error) {
    if (!(error instanceof InvalidPattern)) throw error;
    return messageOf(error);
  }
}

describe('every pattern behaviour', () => {
  test.each(cases)('%s', (_name, example) => {
    if (example.expect !== 'invalid') expect(outcome(example)).toBe(example.expect);
    else if (example.reason === 'JSON') expect(outcome(example)).toMatch(/^Event pattern is not valid. Reason: .+/);
    else expect(outcome(example)).toBe(`Event pattern is not valid. Reason: ${example.reason}`);
  });
});

const names = fc.constantFrom('source', 'detail', 'detail-type', 'resources', 'a', 'b', 'a.b', '__proto__', 'constructor', '');
const scalars = fc.oneof(
  fc.constantFrom<unknown>('a', 'b', 'ab', 'aws.s3', '', '10.0.0.1', '::1', null, true, false, 0, 1, 5),
  fc.string({ maxLength: 6 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
);
const texts = fc.constantFrom('a', 'b', 'ab', '', 'aws.', '*a', 'a*b', '\\*');
const tests = fc.oneof(
  { weight: 4, arbitrary: scalars },
  texts.map((prefix) => ({ prefix })),
  texts.map((suffix) => ({ suffix })),
  texts.map((text) => ({ prefix: { 'equals-ignore-case': text } })),
  texts.map((wildcard) => ({ wildcard })),
  fc.boolean().map((exists) => ({ exists })),
  fc.constantFrom({ cidr: '10.0.0.0/8' }, { cidr: '::/0' }, { numeric: ['>', 0, '<=', 5] }, { numeric: ['=', 1] }),
  fc
    .oneof(
      texts,
      fc.array(texts, { minLength: 1 }),
      texts.map((prefix) => ({ prefix })),
    )
    .map((but) => ({ 'anything-but': but })),
);
const { node: patterns } = fc.letrec<{ node: Record<string, unknown> }>((tie) => {
  const leaf = fc.array(tests, { minLength: 1, maxLength: 3 });
  const fields = fc.dictionary(names, fc.oneof({ maxDepth: 3 }, leaf, tie('node')), { minKeys: 1, maxKeys: 3 });
  const branches = fc.array(tie('node'), { minLength: 2, maxLength: 3 });
  return { node: fc.oneof({ weight: 4, arbitrary: fields }, fc.record({ $or: branches })) };
});
const { value: events } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, scalars, fc.array(tie('value'), { maxLength: 3 }), fc.dictionary(names, tie('value'), { maxKeys: 4 })),
}));

const valid = patterns.map((pattern): { text: string; node?: Node } => {
  const text = JSON.stringify(pattern);
  try {
    return { text, node: parsePattern(text) };
  } catch (error) {
    if (error instanceof InvalidPattern) return { text };
    throw error;
  }
});
const objects = fc.dictionary(names, events, { maxKeys: 5 }).map((event) => JSON.parse(JSON.stringify(event)) as object);

test('the index finds what trying each rule finds', () => {
  let matched = 0;
  fc.assert(
    fc.property(fc.array(valid, { minLength: 1, maxLength: 40 }), fc.array(objects, { minLength: 1, maxLength: 5 }), (made, some) => {
      const rules = made.flatMap(({ text, node }) => (node ? [[text, node] as const] : []));
      const index = new RuleIndex(rules);
      for (const event of some) {
        const naive = rules.filter(([, node]) => compilePattern(node)(event)).map(([text]) => text);
        matched += naive.length;
        expect(index.match(event).toSorted()).toEqual(naive.toSorted());
      }
    }),
    { numRuns: 500 },
  );
  // The property would hold for a matcher that never matches.
  expect(matched).toBeGreaterThan(100);
});

test('any JSON is a pattern or is refused as one', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.json(),
        fc.string(),
        events.map((event) => JSON.stringify(event)),
      ),
      (text) => {
        try {
          compilePattern(parsePattern(text))({});
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidPattern);
        }
      },
    ),
    { numRuns: 2000 },
  );
});

test('wildcards agree with the same pattern as a regular expression', () => {
  const pieces = fc
    .stringMatching(/^[ab*\\]{0,8}$/)
    .filter((text) => !/\*\*|\\[ab]|\\$/.test(text.replaceAll(/\\\\|\\\*/g, '')) && isWildcard(text));
  fc.assert(
    fc.property(pieces, fc.stringMatching(/^[ab*\\]{0,10}$/), (wildcard, value) => {
      const parts = wildcardPieces(wildcard);
      const pattern = new RegExp(`^${parts.map((part) => part.replaceAll(/[*\\]/g, String.raw`\$&`)).join('[^]*')}$`);
      expect(matchesPieces(parts, value)).toBe(pattern.test(value));
    }),
    { numRuns: 2000 },
  );
});

function isWildcard(text: string): boolean {
  try {
    wildcardPieces(text);
    return true;
  } catch {
    return false;
  }
}

test('a wildcard made to be slow is not', () => {
  const parts = wildcardPieces(`${'a*'.repeat(60)}b`);
  const start = performance.now();
  expect(matchesPieces(parts, 'a'.repeat(1_000_000))).toBe(false);
  expect(performance.now() - start).toBeLessThan(1000);
});

test('values nested a million deep are told, not followed', () => {
  expect(tooDeep(JSON.parse('['.repeat(1_000_000) + ']'.repeat(1_000_000)))).toBe(true);
  expect(tooDeep({ detail: { a: [[1]] } })).toBe(false);
});
