import { expect, test } from 'vitest';
import type { ActionTools, RuleJob } from '../../services/codepipeline/provider.ts';
import { variableCheck } from './index.ts';

const check = (Variable: string, Operator: string, Value: string) =>
  variableCheck.start({ configuration: { Variable, Operator, Value } } as unknown as RuleJob, {} as ActionTools);

test.each([
  ['main', 'EQ', 'main', true],
  ['main', 'EQ', 'Main', false],
  ['main', 'NE', 'release', true],
  ['main', 'NE', 'main', false],
  ['release/1.2', 'CONTAINS', '1.2', true],
  ['release/1.2', 'CONTAINS', '1.3', false],
  ['release/1.2', 'MATCHES', 'release/\\d+\\.\\d+', true],
  ['release/1.2.3', 'MATCHES', 'release/\\d+\\.\\d+', false],
  ['a\nb', 'MATCHES', 'a.b', true],
  ['ab', 'MATCHES', 'a|b', false],
  ['', 'EQ', '', true],
])('%s %s %s: %s', async (variable, operator, value, holds) => {
  expect((await check(variable, operator, value)).kind).toBe(holds ? 'succeeded' : 'failed');
});

test('what cannot be evaluated is an error of the configuration', async () => {
  expect(await check('x', 'MATCHES', '(')).toMatchObject({ kind: 'failed', reason: 'ConfigurationError' });
  expect(await check('x', 'LT', '1')).toMatchObject({ kind: 'failed', reason: 'ConfigurationError' });
});
