import { describe, expect, it } from 'vitest';
import { compileFilter, passes, type FilterScope } from './filter-policy.ts';
import { checkMessage } from './message.ts';

const text = (StringValue: string) => ({ DataType: 'String', StringValue });
const number = (StringValue: string) => ({ DataType: 'Number', StringValue });
const list = (values: unknown) => ({ DataType: 'String.Array', StringValue: JSON.stringify(values) });

function fits(policy: object, scope: FilterScope, message: Parameters<typeof checkMessage>[0]): boolean {
  const filter = compileFilter(JSON.stringify(policy), scope);
  return filter === undefined || passes(filter, scope, checkMessage(message));
}

const ATTRIBUTES = {
  store: text('example_corp'),
  price: number('301.5'),
  interests: list(['rugby', 'hockey', 7, true, null]),
  ip: text('10.0.0.7'),
  'order.kind': text('tea'),
};

// https://docs.aws.amazon.com/sns/latest/dg/string-value-matching.html and its neighbours
describe('a policy about attributes', () => {
  it.each([
    [{ store: ['example_corp'] }, true],
    [{ store: ['other'] }, false],
    [{ store: ['example_corp'], missing: ['x'] }, false],
    [{ store: [{ prefix: 'example' }] }, true],
    [{ store: [{ suffix: 'corp' }] }, true],
    [{ store: [{ 'equals-ignore-case': 'EXAMPLE_CORP' }] }, true],
    [{ store: [{ 'anything-but': ['other'] }] }, true],
    [{ store: [{ 'anything-but': { prefix: 'example' } }] }, false],
    [{ store: [{ wildcard: 'ex*_corp' }] }, true],
    [{ missing: [{ 'anything-but': ['x'] }] }, false],
    [{ missing: [{ exists: false }] }, true],
    [{ store: [{ exists: true }] }, true],
    [{ price: [301.5] }, true],
    [{ price: ['301.5'] }, false],
    [{ price: [{ numeric: ['>', 300, '<=', 301.5] }] }, true],
    [{ price: [{ numeric: ['=', 1] }] }, false],
    [{ interests: ['hockey'] }, true],
    [{ interests: [7] }, true],
    [{ interests: [null] }, true],
    [{ interests: ['baseball'] }, false],
    [{ ip: [{ cidr: '10.0.0.0/24' }] }, true],
    [{ 'order.kind': ['tea'] }, true],
    [{ $or: [{ store: ['other'] }, { price: [{ numeric: ['>', 1] }] }] }, true],
    [{ $or: [{ store: ['other'] }, { price: [{ numeric: ['<', 1] }] }] }, false],
    [{}, true],
  ])('%j', (policy, expected) => {
    expect(fits(policy, 'MessageAttributes', { Message: 'm', MessageAttributes: ATTRIBUTES })).toBe(expected);
  });

  it('sees nothing in the inherited names of objects', () => {
    expect(fits({ constructor: [{ exists: true }] }, 'MessageAttributes', { Message: 'm' })).toBe(false);
    expect(fits({ __proto__x: ['1'] }, 'MessageAttributes', { Message: 'm', MessageAttributes: { __proto__x: text('1') } })).toBe(true);
  });
});

describe('a policy about the body', () => {
  const Message = JSON.stringify({ order: { kind: 'tea', price: 4 }, tags: ['a', 'b'], 'a.b': 1 });
  it.each([
    [{ order: { kind: ['tea'], price: [{ numeric: ['<', 5] }] } }, true],
    [{ order: { kind: ['coffee'] } }, false],
    [{ tags: ['b'] }, true],
    [{ order: [{ exists: true }] }, false],
  ])('%j', (policy, expected) => {
    expect(fits(policy, 'MessageBody', { Message })).toBe(expected);
  });

  it.each(['no JSON', '[1]', '"tea"'])('lets %s through to nobody', (body) => {
    expect(fits({ order: [{ exists: false }] }, 'MessageBody', { Message: body })).toBe(false);
  });
});

it.each([
  ['{', 'MessageAttributes', /FilterPolicy: /],
  ['{"a":"b"}', 'MessageAttributes', /"a" must be an object or an array/],
  ['{"a":[]}', 'MessageAttributes', /Empty arrays are not allowed/],
  ['{"a":{"b":["c"]}}', 'MessageAttributes', /does not support nested/],
  ['{"$or":[{"a":{"b":["c"]}},{"d":["e"]}]}', 'MessageAttributes', /does not support nested/],
  ['{"a":[{"fits":"x"}]}', 'MessageBody', /Unrecognized match type fits/],
  ['{"a":["1"],"b":["1"],"c":["1"],"d":["1"],"e":["1"],"f":["1"]}', 'MessageAttributes', /more than 5 keys/],
  [JSON.stringify({ a: Array.from({ length: 16 }, String), b: Array.from({ length: 10 }, String) }), 'MessageAttributes', /too complex/],
] as const)('refuses %s', (policy, scope, reason) => {
  expect(() => compileFilter(policy, scope)).toThrow(reason);
});
