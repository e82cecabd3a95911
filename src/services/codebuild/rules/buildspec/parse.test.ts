import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBuildspec } from './parse.ts';

const word = fc.constantFrom(
  'version',
  '0.2',
  '0.1',
  'phases',
  'build',
  'install',
  'commands',
  'finally',
  'env',
  'variables',
  'artifacts',
  'files',
  'on-failure',
  'RETRY-3',
  '- ',
  ': ',
  ':\n  ',
  '\n',
  '  ',
  '\t',
  '|',
  '>-',
  '[',
  ']',
  '{',
  '}',
  '&a',
  '*a',
  '<<',
  '"',
  "'",
  '#',
  '---',
  '~',
  '!!int',
  '%',
  '@',
  '\0',
  'é',
  '💥',
);

describe('parseBuildspec', () => {
  it('never throws and always answers with places inside the text, whatever it is given', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 300 }),
          fc.array(word, { maxLength: 80 }).map((words) => words.join('')),
        ),
        (text) => {
          const parsed = parseBuildspec(text);
          const lines = text.split('\n').length;
          const findings = [...('errors' in parsed ? parsed.errors : []), ...parsed.warnings];
          if ('errors' in parsed) expect(parsed.errors.length).toBeGreaterThan(0);
          for (const { line, column, endColumn } of findings) {
            expect(line).toBeGreaterThanOrEqual(1);
            expect(line).toBeLessThanOrEqual(lines + 1);
            expect(endColumn).toBeGreaterThan(column);
          }
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('reads back every list of commands that was written as JSON', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, maxLength: 40 }).filter((text) => !text.includes('\0'))), (commands) => {
        const parsed = parseBuildspec(JSON.stringify({ version: '0.2', phases: { build: { commands } } }));
        expect('ok' in parsed && parsed.ok.phases[0]?.commands).toEqual(commands);
      }),
    );
  });

  it('refuses nesting and aliases that would read for ever', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x]',
      ...'bcdefghij'.split('').map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(', ')}]`),
    ];
    const text = `version: 0.2\n${bomb.join('\n')}\nbatch: *j\nphases: {build: {commands: [x]}}\n`;
    expect(parseBuildspec(text)).toMatchObject({ errors: [{ message: 'The buildspec is nested too deeply' }] });
    expect(parseBuildspec('['.repeat(50_000))).toHaveProperty('errors');
  });
});
