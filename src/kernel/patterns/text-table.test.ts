import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TextTable } from './text-table.ts';

const words = fc.stringMatching(/^[ab.]{0,6}$/);

test('it finds what a map finds, and every beginning', () => {
  fc.assert(
    fc.property(fc.uniqueArray(words, { maxLength: 40 }), fc.array(words, { minLength: 1 }), (texts, asked) => {
      const map = new Map(texts.map((text, index) => [text, index]));
      const table = new TextTable(map);
      for (const text of [...asked, ...texts]) {
        expect(table.get(text)).toBe(map.get(text));
        const beginnings = texts.filter((each) => text.startsWith(each)).toSorted((a, b) => a.length - b.length);
        expect(table.prefixesOf(text)).toEqual(beginnings.map((each) => map.get(each)));
      }
    }),
    { numRuns: 1000 },
  );
});

test('texts that differ only where nobody looks are compared', () => {
  const texts = ['x', 'y'].map((first) => first + 'a'.repeat(400));
  const table = new TextTable(texts.map((text) => [text, text[0]] as const));
  expect(texts.map((text) => table.get(text))).toEqual(['x', 'y']);
  expect(table.get('z' + 'a'.repeat(400))).toBeUndefined();
});
