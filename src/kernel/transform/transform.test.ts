import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePath, readPath } from './json-path.ts';
import { inputComplaint, targetInput } from './target-input.ts';

const event = {
  version: '0',
  id: '1',
  'detail-type': 'Order Placed',
  source: 'shop',
  account: '123456789012',
  time: '2026-01-01T12:00:00Z',
  region: 'us-east-1',
  resources: ['arn:a', 'arn:b'],
  detail: {
    id: 'o-1',
    paid: true,
    count: 3,
    none: null,
    text: 'say "hi"\n',
    items: [{ sku: 'x' }, { sku: 'y' }],
    one: ['HIGH'],
    customer: { name: 'Ann' },
  },
};
const facts = { ruleArn: 'arn:aws:events:us-east-1:123456789012:rule/r', ruleName: 'r', ingested: Date.UTC(2026, 0, 1, 12, 0, 1) };
const paths = {
  id: '$.detail.id',
  type: '$.detail-type',
  paid: '$.detail.paid',
  count: '$.detail.count',
  none: '$.detail.none',
  missing: '$.detail.nothing',
  customer: '$.detail.customer',
  one: '$.detail.one',
  text: '$.detail.text',
  sku: '$.detail.items[1].sku',
};
const filled = (InputTemplate: string): string => targetInput({ InputTransformer: { InputPathsMap: paths, InputTemplate } }, event, facts);

describe('the input of a target', () => {
  test('is the event, a part of it, or a constant', () => {
    expect(JSON.parse(targetInput({}, event, facts))).toEqual(event);
    expect(targetInput({ InputPath: '$.detail.customer' }, event, facts)).toBe('{"name":"Ann"}');
    expect(targetInput({ InputPath: '$.detail.id' }, event, facts)).toBe('"o-1"');
    expect(targetInput({ InputPath: '$' }, event, facts)).toBe(JSON.stringify(event));
    expect(targetInput({ Input: '{"a":1}' }, event, facts)).toBe('{"a":1}');
    expect(() => targetInput({ InputPath: '$.detail.nothing' }, event, facts)).toThrow('nothing at the input path');
  });

  // What AWS gives for the like of these is on record in the tests of another emulator; the templates are ours.
  test.each([
    ['"Order <id> of type <type>"', '"Order o-1 of type Order Placed"'],
    ['"Missing <missing>!"', '"Missing !"'],
    ['{"id": <id>, "paid": <paid>, "count": <count>}', '{"id": "o-1", "paid": true, "count": 3}'],
    ['{"id": "<id>", "path": "orders/<id>/<id>"}', '{"id": "o-1", "path": "orders/o-1/o-1"}'],
    ['{"missing": <missing>}', '{"missing": ""}'],
    ['{"none": <none>}', '{"none": null}'],
    ['{"customer": <customer>, "list": [<id>, "fixed"]}', '{"customer": {"name":"Ann"}, "list": ["o-1", "fixed"]}'],
    ['"<customer> ordered, paid: <paid>"', '"{name:Ann} ordered, paid: true"'],
    ['"<one> priority"', '"[HIGH] priority"'],
    ['"<one> a"\n"<id> b"', '"[HIGH] a"\n"o-1 b"'],
    ['<id> is a <type>', 'o-1 is a Order Placed'],
    ['{"quote": "<text>", "raw": <text>}', '{"quote": "say \\"hi\\"\\n", "raw": "say \\"hi\\"\\n"}'],
    ['{"escaped": "\\"<id>\\""}', '{"escaped": "\\"o-1\\""}'],
    ['{"sku": <sku>, "a < b": "1 > 0"}', '{"sku": "y", "a < b": "1 > 0"}'],
    ['<id>', '"o-1"'],
    ['"<aws.events.rule-arn> <aws.events.rule-name>"', '"arn:aws:events:us-east-1:123456789012:rule/r r"'],
    ['{"at": <aws.events.event.ingestion-time>}', '{"at": "2026-01-01T12:00:01.000Z"}'],
  ])('%s', (template, expected) => {
    expect(filled(template)).toBe(expected);
  });

  test('has the event with and without its detail', () => {
    const { whole, head } = JSON.parse(filled('{"whole": <aws.events.event.json>, "head": <aws.events.event>}')) as Record<string, object>;
    expect(whole).toEqual(event);
    const { detail: _detail, 'detail-type': detailType, ...rest } = event;
    expect(head).toEqual({ ...rest, detailType });
  });

  test('is nothing where the template does not give JSON', () => {
    expect(() => filled('{"customer": "<customer>"}')).toThrow('does not give valid JSON');
  });
});

test('targets that cannot work are told', () => {
  const complaint = (choice: object) => inputComplaint('t', choice);
  expect(complaint({})).toBeUndefined();
  expect(complaint({ InputTransformer: { InputPathsMap: { a: '$.a' }, InputTemplate: '<a> <aws.events.event>' } })).toBeUndefined();
  expect(complaint({ InputTransformer: { InputTemplate: '"<nobody>"' } })).toBe(
    'InputTemplate for target t contains invalid placeholder nobody.',
  );
  expect(complaint({ InputTransformer: { InputPathsMap: { a: 'detail' }, InputTemplate: '"<a>"' } })).toContain('invalid path');
  expect(complaint({ InputTransformer: { InputPathsMap: { 'aws-x': '$' }, InputTemplate: '"x"' } })).toContain('reserved');
  expect(complaint({ Input: '{}', InputPath: '$' })).toContain('Only one of');
  expect(complaint({ InputPath: 'detail' })).toBe('InputPath for target t is invalid.');
  expect(complaint({ Input: '{' })).toContain('JSON syntax error');
});

test.each([
  ['$', 'all'],
  ['$.a', 1],
  ["$['b-c'].d/e", 2],
  ['$.list[1]', 4],
  ['$.list[9]', undefined],
  ['$.objects[*].x', [5, 6]],
  ['$.objects.*.x', [5, 6]],
  ['$.a.b', undefined],
  ['$.toString', undefined],
])('path %s', (path, expected) => {
  const value = { a: 1, 'b-c': { 'd/e': 2 }, list: [3, 4], objects: [{ x: 5 }, { x: 6 }, {}] };
  expect(readPath(value, parsePath(path)!)).toEqual(expected === 'all' ? value : expected);
});

test.each(['', 'a', '$a', '$.', '$..a', '$.a[', '$.a[x]', '$[?(@.a)]', '$.a b'])('path %s is refused', (path) => {
  expect(parsePath(path)).toBeUndefined();
});

test('JSON templates give JSON, whatever the values', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (value, text) => {
      const choice = { InputTransformer: { InputPathsMap: { v: '$.v', t: '$.t' }, InputTemplate: '{"v": <v>, "t": "a <t>"}' } };
      const given = { v: value as never, t: text };
      expect(JSON.parse(targetInput(choice, given, facts))).toEqual({ v: JSON.parse(JSON.stringify(value)), t: `a ${text}` });
    }),
  );
});
