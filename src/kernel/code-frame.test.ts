import { expect, it } from 'vitest';
import { codeFrame } from './code-frame.ts';

const source = 'version: 0.2\nphases:\n  build:\n    commands:\n      - echo "a: b"\n      - make\n';

it('shows the lines around the fault with carets under it', () => {
  const frame = codeFrame('buildspec.yml', source, { message: 'not a text', line: 5, column: 9, endColumn: 20, hint: 'Quote it.' });
  expect(frame.split('\n')).toEqual([
    'buildspec.yml:5:9: not a text',
    '    3 |   build:',
    '    4 |     commands:',
    '>   5 |       - echo "a: b"',
    '      |         ^^^^^^^^^^^',
    '    6 |       - make',
    '    7 |',
    '  Quote it.',
  ]);
});

it('stays inside the text, whatever place it is given', () => {
  expect(codeFrame('x', '', { message: 'm', line: 1, column: 1, endColumn: 2 })).toBe('x:1:1: m\n>   1 |\n      | ^');
  expect(codeFrame('x', 'ab', { message: 'm', line: 9, column: 7, endColumn: 3 })).toBe('x:9:7: m');
});
