import { expect, it } from 'vitest';
import { checkDocument, checkManagedDocument, encodeDocument } from './documents.ts';

const policy = (statement: object) => JSON.stringify({ Version: '2012-10-17', Statement: statement });
const IDENTITY = { Effect: 'Allow', Action: 's3:*', Resource: '*' };
const TRUST = { Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' };

it('encodes as RFC 3986 does', () => {
  expect(encodeDocument(`{"a": "b*(c)!'"}`)).toBe('%7B%22a%22%3A%20%22b%2A%28c%29%21%27%22%7D');
});

it.each([
  ['identity', policy(IDENTITY)],
  ['identity', policy([IDENTITY, { Effect: 'Deny', NotAction: 's3:*', NotResource: '*' }])],
  ['trust', policy(TRUST)],
  ['trust', policy([])],
] as const)('takes a policy: %s %s', (use, document) => {
  expect(() => checkDocument(use, document)).not.toThrow();
});

it.each([
  ['identity', '{', 'Syntax errors in policy.'],
  ['identity', '[]', 'Syntax errors in policy.'],
  ['identity', '{"Statement":"x"}', 'Syntax errors in policy.'],
  ['identity', '{}', 'Syntax errors in policy.'],
  ['trust', 'no', 'This policy contains invalid Json'],
  ['identity', policy({ ...IDENTITY, Effect: undefined }), 'Missing required field Effect'],
  ['identity', policy({ ...IDENTITY, Effect: 'Maybe' }), 'Invalid effect: "Maybe"'],
  ['identity', policy({ ...IDENTITY, Principal: '*' }), 'Policy document should not specify a principal.'],
  ['identity', policy({ Effect: 'Allow', Resource: '*' }), 'Policy statement must contain actions.'],
  ['identity', policy({ Effect: 'Allow', Action: '*' }), 'Policy statement must contain resources.'],
  ['trust', policy({ ...TRUST, Resource: '*' }), 'Has prohibited field Resource'],
  ['trust', policy({ Effect: 'Allow', Action: '*' }), 'Missing required field Principal'],
  ['trust', policy({ Effect: 'Allow', Principal: '*' }), 'Missing required field Action'],
] as const)('refuses %s %s', (use, document, message) => {
  expect(() => checkDocument(use, document)).toThrow(expect.objectContaining({ code: 'MalformedPolicyDocument', message }));
});

it('measures managed policies without their white space', () => {
  const long = (n: number) => JSON.stringify({ Statement: { ...IDENTITY, Sid: 'x'.repeat(n) } }, null, 200);
  const empty = long(0).replace(/\s/g, '').length;
  expect(() => checkManagedDocument(long(6144 - empty))).not.toThrow();
  expect(() => checkManagedDocument(long(6145 - empty))).toThrow('Cannot exceed quota for PolicySize: 6144');
});
