import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { regexMatcher } from './regex.ts';

describe('regular expressions', () => {
  test.each([
    ['AUTHORIZED', '[ERROR 401] UNAUTHORIZED REQUEST', true],
    ['^[hc]at', 'a hat', false],
    ['^[hc]at', 'hat', true],
    ['[hc]at$', 'a cat\n', true],
    ['[hc]at$', 'cats', false],
    ['gray|grey', 'dark grey', true],
    ['colou?r', 'color', true],
    ['^a{3,5}$', 'aa', false],
    ['^a{3,5}$', 'aaaa', true],
    ['^a{3,5}$', 'aaaaaa', false],
    ['^a{2}$', 'aa', true],
    ['^a{2,}$', 'aaaaaaa', true],
    ['10\\.10\\.0\\.1', '10.10.0.1', true],
    ['10\\.10\\.0\\.1', '10-10-0-1', false],
    ['\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}', 'from 192.168.0.1 to', true],
    ['\\s\\w+=\\S', 'id a_1=é', true],
    ['^[^a-c]$', 'é', true],
    ['\\x41', 'xAx', true],
    ['[\\[\\]]', 'a]', true],
    ['ab*c', 'ac', true],
    ['^a|b$', 'xb', true],
    ['^a|b$', 'xab ', false],
    ['a.c', 'a\nc', false],
  ])('%s in %j: %s', (expression, text, found) => {
    expect(regexMatcher(expression)(text)).toBe(found);
  });

  test.each([
    '',
    '(a)',
    'a(',
    'something!',
    'é',
    '[a',
    'a{',
    'a{2',
    'a{3,2}',
    'a{0}',
    'a{9999}',
    '*a',
    'a**',
    'a||b',
    '^',
    '$',
    'a^b',
    'a$b',
    '\\',
    '\\b',
    '\\1',
    '\\xzz',
    '[b-a]',
  ])('%s is refused', (expression) => {
    expect(() => regexMatcher(expression)).toThrow('Invalid regular expression in filter pattern');
  });

  test('what JavaScript finds is found, and nothing else', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '\\d', '\\S', '1');
    const times = fc.constantFrom('', '', '?', '*', '+', '{2}', '{1,2}', '{0,3}', '{2,}');
    const row = fc
      .tuple(fc.constantFrom('', '', '^'), fc.array(fc.tuple(atom, times), { minLength: 1, maxLength: 5 }), fc.constantFrom('', '', '$'))
      .map(([start, atoms, end]) => start + atoms.flat().join('') + end);
    const expression = fc.array(row, { minLength: 1, maxLength: 3 }).map((rows) => rows.join('|'));
    const text = fc.array(fc.constantFrom('a', 'b', '1', ' ', 'é'), { maxLength: 12 }).map((characters) => characters.join(''));
    fc.assert(
      fc.property(expression, text, (pattern, subject) => {
        expect(regexMatcher(pattern)(subject)).toBe(new RegExp(pattern).test(subject));
      }),
      { numRuns: 2_000 },
    );
  });

  test('an expression that others never finish with takes no longer than its places times the text', () => {
    const matches = regexMatcher(`^${'a?'.repeat(100)}${'a*'.repeat(100)}b$`);
    expect(matches('a'.repeat(20_000))).toBe(false);
    expect(matches(`${'a'.repeat(20_000)}b`)).toBe(true);
  });
});
