import { expect, test } from 'vitest';
import { ask, ruleJob } from '../../../test/support/rule-job.ts';
import { variableCheck } from './index.ts';

async function check(Variable: string, Operator: string, Value: string) {
  const job = ruleJob({ Variable, Operator, Value }, 0);
  const first = await ask(variableCheck, job, 0);
  // After a restart the same is asked again.
  expect(await ask(variableCheck, job, 1)).toEqual(first);
  return first.kind === 'failed' ? first.reason : first.kind;
}

test.each([
  ['main', 'EQ', 'main', 'succeeded'],
  ['main', 'EQ', 'Main', 'JobFailed'],
  ['', 'EQ', '', 'succeeded'],
  ['10', 'EQ', '10.0', 'JobFailed'],
  ['main', 'NE', 'prod', 'succeeded'],
  ['main', 'NE', 'main', 'JobFailed'],
  ['fix: update the page', 'CONTAINS', 'update', 'succeeded'],
  ['fix: update the page', 'CONTAINS', '', 'succeeded'],
  ['fix: Update', 'CONTAINS', 'update', 'JobFailed'],
  ['a.b', 'CONTAINS', '.*', 'JobFailed'],
  ['release-1', 'MATCHES', 'release-\\d+', 'succeeded'],
  // The whole text, as Java's String.matches.
  ['release-1', 'MATCHES', 'release', 'JobFailed'],
  ['release-1', 'MATCHES', 'x|release-1', 'succeeded'],
  ['one\n', 'MATCHES', 'one', 'JobFailed'],
  // A dot leaves out the end of a line, unless the expression says otherwise.
  ['one\ntwo', 'MATCHES', 'one.two', 'JobFailed'],
  ['one\ntwo', 'MATCHES', '(?s)one.two', 'succeeded'],
  ['RELEASE', 'MATCHES', '(?i)release', 'succeeded'],
  ['one\ntwo', 'MATCHES', '(?is)ONE.TWO', 'succeeded'],
  ['a-b', 'MATCHES', 'a\\-b', 'succeeded'],
  ['x😀', 'MATCHES', 'x.', 'succeeded'],
  ['v1', 'MATCHES', '\\p{L}1', 'succeeded'],
  ['2026-01', 'MATCHES', '(?<year>\\d{4})-\\d\\d', 'succeeded'],
  ['abc', 'MATCHES', '\\p{Lower}+', 'succeeded'],
  ['abC', 'MATCHES', '\\p{Lower}+', 'JobFailed'],
  ['aab', 'MATCHES', '\\Qaab\\E', 'succeeded'],
  ['a.b', 'MATCHES', '\\Qa.b\\E', 'succeeded'],
  ['axb', 'MATCHES', '\\Qa.b\\E', 'JobFailed'],
  // What only Java's expressions know cannot be evaluated, and is not taken for a no.
  ['aaa', 'MATCHES', 'a++', 'ConfigurationError'],
  ['aaa', 'MATCHES', '(', 'ConfigurationError'],
  ['aaa', 'MATCHES', '[a-z&&[^b]]', 'ConfigurationError'],
  ['aaa', 'MATCHES', '\\Aaaa\\z', 'ConfigurationError'],
  // So is one that would never end: a commit's message must not stop the server.
  ['a'.repeat(50), 'MATCHES', '(a+)+b', 'ConfigurationError'],
  ['aaa', 'GT', 'a', 'ConfigurationError'],
] as const)('%j %s %j: %s', async (variable, operator, value, expected) => {
  expect(await check(variable, operator, value)).toBe(expected);
});

test('says what it compared', async () => {
  expect(await ask(variableCheck, ruleJob({ Variable: 'a', Operator: 'EQ', Value: 'b' }, 0), 0)).toEqual({
    kind: 'failed',
    reason: 'JobFailed',
    message: "'a' EQ 'b' is not so.",
  });
});
