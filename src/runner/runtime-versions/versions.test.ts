import { expect, it } from 'vitest';
import { fits, newestFirst, numberingOf } from './versions.ts';

it.each([
  ['nodejs', 'v22.3.1', '22', true],
  ['nodejs', 'v22.3.1', '22.x', true],
  ['nodejs', '22.3.1', '22.3', true],
  ['nodejs', '22.3.1', '22.4', false],
  ['nodejs', '22', '2', false],
  ['python', 'Python 3.12.1', '3.1', false],
  ['python', 'Python 3.1.9', '3.x.x', true],
  ['python', '3.12.1', 'latest', true],
  ['java', 'openjdk version "1.8.0_292"', 'corretto8', true],
  ['java', 'java-17-openjdk-amd64', 'openjdk11', false],
  ['golang', 'go version go1.21.5 linux/amd64', '1.21', true],
  ['golang', 'go1.21.5', '1.20', false],
  ['ruby', 'system', 'latest', false],
  ['ruby', '3.2.0', 'newest', false],
])('%s %s is wanted by %s: %s', (runtime, found, wanted, expected) => {
  expect(fits(found, wanted, numberingOf(runtime))).toBe(expected);
});

it('sorts by numbers', () => {
  expect(['3.9.1', '3.10.0', 'system', '3.10', '2.7'].toSorted(newestFirst(numberingOf('python')))).toEqual([
    '3.10.0',
    '3.10',
    '3.9.1',
    '2.7',
    'system',
  ]);
});
