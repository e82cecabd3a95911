import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBuildspec } from '../buildspec/parse.ts';
import { parseAction } from './action.ts';
import { parseReference } from './reference.ts';

const parse = (steps: string) => parseBuildspec(`version: 0.2\nphases:\n  build:\n    steps:\n${steps.replaceAll(/^/gm, '      ')}\n`);
const firstError = (steps: string) => {
  const parsed = parse(steps);
  return 'errors' in parsed ? parsed.errors[0] : undefined;
};

describe('steps of a buildspec', () => {
  it('are read with all their keys, everything as text', () => {
    const parsed = parse(`- id: one
  name: First
  if: \${{ env.A == 'x' }}
  uses: some/action/in/here@v1.2
  with: {n: 1.20, yes: true, empty: , more: "\${{ env.A }}"}
  env: {A: a}
  continue-on-error: true
  timeout-minutes: 1.5
- run: |
    a
    b
  shell: sh
  working-directory: sub
`);
    expect(parsed).toMatchObject({
      ok: {
        phases: [
          {
            steps: [
              {
                line: 5,
                id: 'one',
                name: 'First',
                if: "${{ env.A == 'x' }}",
                uses: 'some/action/in/here@v1.2',
                with: { n: '1.20', yes: 'true', empty: '', more: '${{ env.A }}' },
                env: { A: 'a' },
                continueOnError: 'true',
                timeoutMinutes: '1.5',
              },
              { line: 13, run: 'a\nb\n', shell: 'sh', workingDirectory: 'sub' },
            ],
          },
        ],
      },
      warnings: [],
    });
  });

  it.each([
    ['- name: x', 5, 9, 'has neither'],
    ['- {uses: a/b@v1, run: x}', 5, 24, 'has both'],
    ['- uses: a/b', 5, 15, 'a/b names no action'],
    ['- run: echo ${{ env. }}', 5, 14, 'not complete'],
    ['- run: x\n  if: a &&', 6, 13, 'no context a near "a &&"'],
    ['- run: x\n  env:\n    A: ${{ fromJSON() }}', 7, 14, '1 arguments at least'],
    ['- {run: x, timeout-minutes: soon}', 5, 35, 'timeout-minutes cannot be soon'],
    ['- {run: x, timeout-minutes: 0}', 5, 35, 'timeout-minutes cannot be 0'],
    ['- {run: x, continue-on-error: perhaps}', 5, 37, 'continue-on-error cannot be perhaps'],
    ['- {run: x, id: 1a}', 5, 22, 'begins with a letter'],
    ['- {run: x, id: a}\n- {run: y, id: A}', 6, 9, 'Two steps have the id A'],
    ['- {run: x, env: {A=B: c}}', 5, 24, 'holds what no variable can'],
    ['- [x]', 5, 9, 'mapping'],
    ['- {run: {a: b}}', 5, 15, 'string type'],
    ['run: x', 5, 7, 'to be a list'],
  ])('%s: %i:%i', (steps, line, column, message) => {
    expect(firstError(steps)).toMatchObject({ line, column, message: expect.stringContaining(message) as string });
  });

  it('are warned of what has no effect', () => {
    const { warnings } = parse('- {run: x, with: {a: b}, needs: y}\n- {uses: ./a, shell: sh}\n');
    expect(warnings.map(({ message }) => message)).toEqual([
      'needs is no part of a step and is ignored.',
      'with has no effect with run.',
      'shell has no effect with uses.',
    ]);
  });

  it('cannot be in a phase that has commands', () => {
    const parsed = parseBuildspec('version: 0.2\nphases:\n  build:\n    commands: [x]\n    steps: [{run: y}]\n');
    expect(parsed).toMatchObject({ errors: [{ line: 5, column: 5, message: 'The phase build has both commands and steps' }] });
  });
});

describe('uses', () => {
  it.each([
    ['a/b@v1', { kind: 'remote', owner: 'a', repository: 'b', path: '', ref: 'v1' }],
    ['a/b/c/d@releases/v1', { kind: 'remote', owner: 'a', repository: 'b', path: 'c/d', ref: 'releases/v1' }],
    ['./', { kind: 'local', path: '' }],
    ['./a/b/', { kind: 'local', path: 'a/b' }],
    ['docker://a/b:1', { kind: 'image', image: 'a/b:1' }],
  ])('%s', (text, expected) => expect(parseReference(text)).toEqual(expected));

  it.each([
    '',
    'a',
    'a/b',
    'a/b@',
    '@v1',
    'a/../b@v1',
    '../a/b@v1',
    './../a',
    './a/../../b',
    '/a',
    'a/b@-x',
    'a/b@x y',
    'a/b@x..y',
    '-a/b@v1',
    'docker://',
  ])('%s is none', (text) => expect(parseReference(text)).toBeUndefined());
});

describe('action.yml', () => {
  it.each([
    ['', 'runs.using is missing'],
    ['runs: {using: node20}', 'has a main'],
    ['runs: {using: docker}', 'has an image'],
    ['runs: {using: perl, main: x}', 'runs.using is perl'],
    ['runs: {using: composite, steps: [{run: x}]}', 'needs a shell'],
    ['inputs: {a: {default: "${{ ( }}"}}\nruns: {using: node20, main: x}', 'not complete'],
    ['- a', 'mapping'],
    ['a: b: c', ''],
  ])('%s cannot be read', (text, message) => {
    expect(parseAction(text)).toMatchObject({ errors: [{ message: expect.stringContaining(message) as string }] });
  });

  it('never makes it throw, whatever it is', () => {
    const keys = 'runs using node20 composite docker steps inputs default image main run shell';
    const marks = `{ } [ ] \${{ }} &a *a " ' | ~`;
    const word = fc.constantFrom(...`${keys} ${marks}`.split(' '), ': ', ':\n  ', '- ', '\n', '  ');
    fc.assert(
      fc.property(fc.array(word, { maxLength: 60 }), (words) => {
        const parsed = parseAction(words.join(''));
        if ('errors' in parsed) expect(parsed.errors.length).toBeGreaterThan(0);
      }),
      { numRuns: 2000 },
    );
  });
});
