import { expect, it } from 'vitest';
import { sessionDuration } from './duration.ts';
import { roleOf } from './role-arn.ts';

it.each([
  [undefined, false, 7200, { seconds: 3600 }],
  [900, false, 3600, { seconds: 900 }],
  [7200, false, 7200, { seconds: 7200 }],
  [3600, true, 43200, { seconds: 3600 }],
])('%s seconds, chained %s, at most %s', (asked, chained, max, expected) => {
  expect(sessionDuration(asked, { chained, max })).toEqual(expected);
});

it('refuses more than the role allows, and more than an hour for chained roles', () => {
  expect(sessionDuration(3601, { chained: true, max: 43200 })).toHaveProperty('refused');
  expect(sessionDuration(3601, { chained: false, max: 3600 })).toHaveProperty('refused');
});

it.each([
  ['arn:aws:iam::1:role/R', { account: '1', name: 'R' }],
  ['arn:aws:iam::1:role/a/b/R', { account: '1', name: 'R' }],
  ['arn:aws:iam::1:role/', undefined],
  ['arn:aws:iam::1:user/R', undefined],
  ['arn:aws:sts::1:assumed-role/R/s', undefined],
  ['R', undefined],
])('%s', (arn, expected) => {
  expect(roleOf(arn)).toEqual(expected);
});
