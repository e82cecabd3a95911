import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRange } from '../../../kernel/byte-range.ts';
import { cut } from '../content.ts';
import { isBucketName, locate } from './bucket-name.ts';
import { checkRead, writeCondition } from './conditions.ts';
import { parseCopySource } from './copy-source.ts';
import { corsHeaders } from './cors.ts';
import { endOf, isBefore } from './listing.ts';
import { allowsEverybody } from './public-policy.ts';
import { parseCopyRange } from './range.ts';

test.each(['abc', 'a.b-c.9', 'a'.repeat(63), '1ab'])('%s is a bucket name', (name) => expect(isBucketName(name)).toBe(true));
test.each(['ab', 'a'.repeat(64), 'Abc', 'a_b', '-ab', 'ab-', 'a..b', '10.0.0.1', 'xn--abc', 'abc-s3alias', 'a b', 'a/b', ''])(
  '%s is none',
  (name) => expect(isBucketName(name)).toBe(false),
);

test.each([
  ['us-east-1', undefined, { region: 'us-east-1' }],
  ['us-east-1', 'eu-west-3', { region: 'eu-west-3' }],
  ['us-east-1', 'EU', { region: 'eu-west-1' }],
  ['us-east-1', 'us-east-1', { refused: 'invalid' }],
  ['eu-west-1', 'EU', { region: 'eu-west-1' }],
  ['eu-west-1', undefined, { refused: 'illegal' }],
  ['eu-west-1', 'us-west-2', { refused: 'illegal' }],
])('in %s, constraint %s', (region, constraint, location) => expect(locate(region, constraint)).toEqual(location));

describe('ranges', () => {
  test('lie within the bytes, whatever is asked', () => {
    const text = fc.oneof(
      fc.tuple(fc.nat(30), fc.nat(30)).map(([a, b]) => `bytes=${a}-${b}`),
      fc.nat(30).map((n) => `bytes=${n}-`),
      fc.nat(30).map((n) => `bytes=-${n}`),
      fc.string(),
    );
    fc.assert(
      fc.property(text, fc.nat(25), (header, size) => {
        const span = parseRange(header, size);
        if (typeof span === 'object') expect(0 <= span.start && span.start < span.end && span.end <= size).toBe(true);
      }),
    );
  });

  test.each([
    ['bytes=0-0', { start: 0, end: 1 }],
    ['bytes=-0', 'unsatisfiable'],
    ['bytes=5-2', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,3-4', undefined],
  ])('%s of ten bytes', (header, span) => expect(parseRange(header, 10)).toEqual(span));

  test('of copies must name both ends within the source', () => {
    expect([
      parseCopyRange('bytes=0-9', 10),
      parseCopyRange('bytes=0-10', 10),
      parseCopyRange('bytes=4-', 10),
      parseCopyRange('bytes=4-3', 10),
    ]).toEqual([{ start: 0, end: 10 }, 'unsatisfiable', 'malformed', 'malformed']);
  });

  test('cut slices as they would cut the bytes', () => {
    const lengths = fc.array(fc.nat(5), { maxLength: 6 });
    fc.assert(
      fc.property(lengths, fc.nat(30), fc.nat(30), (sizes, start, end) => {
        const slices = sizes.map((length, i) => ({ sha256: String(i), offset: 100 * i, length }));
        const bytes = slices.flatMap(({ sha256, offset, length }) => Array.from({ length }, (_, k) => `${sha256}:${offset + k}`));
        const kept = cut(slices, start, end).flatMap(({ sha256, offset, length }) =>
          Array.from({ length }, (_, k) => `${sha256}:${offset + k}`),
        );
        expect(kept).toEqual(bytes.slice(start, end));
      }),
    );
  });
});

describe('conditions', () => {
  const object = { etag: 'abc', modified: 1_000_500 };
  test.each([
    [{}, 'proceed'],
    [{ ifMatch: '"abc"' }, 'proceed'],
    [{ ifMatch: '"x", "abc"' }, 'proceed'],
    [{ ifMatch: '*' }, 'proceed'],
    [{ ifMatch: '"x"' }, 'If-Match'],
    [{ ifMatch: '"abc"', ifUnmodifiedSince: 0 }, 'proceed'],
    [{ ifUnmodifiedSince: 1_000_000 }, 'proceed'],
    [{ ifUnmodifiedSince: 999_000 }, 'If-Unmodified-Since'],
    [{ ifNoneMatch: 'W/"abc"' }, 'notModified'],
    [{ ifNoneMatch: '"x"', ifModifiedSince: 2_000_000 }, 'proceed'],
    [{ ifModifiedSince: 1_000_000 }, 'notModified'],
    [{ ifModifiedSince: 999_000 }, 'proceed'],
  ])('%j', (conditions, verdict) => expect(checkRead(conditions, object)).toBe(verdict));

  test('of writes', () => {
    expect([
      writeCondition(undefined, undefined),
      writeCondition('"a"', undefined),
      writeCondition(undefined, '*'),
      writeCondition(undefined, '"a"'),
      writeCondition('"a"', '*'),
    ]).toEqual([{ kind: 'none' }, { kind: 'tag', etag: 'a' }, { kind: 'absent' }, { kind: 'unsupported' }, { kind: 'unsupported' }]);
  });
});

test.each([
  ['b/k', { bucket: 'b', key: 'k', version: undefined }],
  ['/b/a%20b/c+d', { bucket: 'b', key: 'a b/c d', version: undefined }],
  ['b/k?versionId=v1', { bucket: 'b', key: 'k', version: 'v1' }],
  ['b/a%3FversionId=x', { bucket: 'b', key: 'a?versionId=x', version: undefined }],
  ['b%2Fk', { bucket: 'b', key: 'k', version: undefined }],
  ['b', undefined],
  ['b/', undefined],
  ['/k', undefined],
  ['b/%zz', undefined],
])('copy source %s', (header, source) => expect(parseCopySource(header)).toEqual(source));

test('no key with a prefix sorts behind its end, and no other key before it', () => {
  const key = fc.string({ unit: 'binary', maxLength: 6 }).filter((text) => Buffer.from(text).toString() === text);
  fc.assert(
    fc.property(key, key, (prefix, rest) => {
      expect(isBefore(endOf(prefix), prefix + rest)).toBe(false);
      if (!rest.startsWith(prefix) && isBefore(prefix, rest)) expect(isBefore(endOf(prefix), rest)).toBe(true);
    }),
  );
});

describe('a policy opens to everybody', () => {
  const statement = { Effect: 'Allow', Principal: '*', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/*' };
  const opens = (...statements: object[]): boolean =>
    allowsEverybody(JSON.stringify({ Statement: statements }), 's3:GetObject', 'arn:aws:s3:::b/dir/k.txt');
  test.each([
    [true, [statement]],
    [true, [{ ...statement, Principal: { AWS: ['*'] }, Action: ['s3:Get*'], Resource: ['arn:aws:s3:::b/dir/?.txt'] }]],
    [false, [{ ...statement, Principal: { AWS: 'arn:aws:iam::1:root' } }]],
    [true, [{ ...statement, Resource: '*dir*k*.t*t' }]],
    [false, [{ ...statement, Resource: `${'*a'.repeat(5000)}` }]],
    [false, [{ ...statement, Action: 's3:PutObject' }]],
    [false, [{ ...statement, Resource: 'arn:aws:s3:::b/other/*' }]],
    [false, [{ ...statement, Resource: 'arn:aws:s3:::b/dir/k+txt' }]],
    [false, [{ ...statement, Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }]],
    [false, [statement, { ...statement, Effect: 'Deny' }]],
    [false, [{ Effect: 'Allow', Principal: '*', NotAction: 's3:x', Resource: '*' }]],
    [false, []],
  ])('%s', (expected, statements) => expect(opens(...statements)).toBe(expected));
});

test('the first CORS rule that fits grants', () => {
  const rules = [
    { AllowedOrigins: ['https://a.example'], AllowedMethods: ['PUT'], AllowedHeaders: ['*'] },
    { AllowedOrigins: ['*'], AllowedMethods: ['GET'] },
  ];
  expect(corsHeaders(rules, { origin: 'https://a.example', method: 'PUT', headers: ['X-A'] })).toMatchObject({
    'access-control-allow-origin': 'https://a.example',
    'access-control-allow-headers': 'x-a',
  });
  expect(corsHeaders(rules, { origin: 'null', method: 'GET', headers: [] })).toMatchObject({ 'access-control-allow-origin': '*' });
  expect(corsHeaders(rules, { origin: 'null', method: 'GET', headers: ['x-a'] })).toBeUndefined();
  expect(corsHeaders(rules, { origin: 'https://aXexample', method: 'PUT', headers: [] })).toBeUndefined();
});
