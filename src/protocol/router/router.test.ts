import { describe, expect, it } from 'vitest';
import { model as codecommit } from '../../services/codecommit/api.gen.ts';
import { model as iam } from '../../services/iam/api.gen.ts';
import { model as s3 } from '../../services/s3/api.gen.ts';
import { model as sns } from '../../services/sns/api.gen.ts';
import { model as sts } from '../../services/sts/api.gen.ts';
import { encodeRequest } from '../codec/client.ts';
import { shapeOf } from '../codec/shape.ts';
import type { Member, Shape } from '../codec/shape.ts';
import { createRouter } from './router.ts';
import type { RoutedRequest } from './router.ts';
import { bucketOfHost } from './virtual-host.ts';

const router = createRouter([codecommit, iam, s3, sns, sts].map((model) => ({ model, operations: {} })));

function route(request: Partial<RoutedRequest> & { url?: string }): unknown {
  const [path = '/', query = ''] = (request.url ?? '/').split('?');
  const found = router.route({ method: 'GET', path, query: new URLSearchParams(query), headers: { host: 'localhost:4566' }, ...request });
  return found.kind === 'none' ? found.error.code : { service: found.service.model.name, operation: found.operation, labels: found.labels };
}

/** The least that a shape's required members need. */
function minimal(shape: Shape): Record<string, unknown> {
  return Object.fromEntries(shape.members.filter((member) => member.required).map((member) => [member.name, minimalValue(member)]));
}

function minimalValue({ shape }: Member): unknown {
  if (shape.type === 'structure') return minimal(shape);
  if (shape.type === 'list') return [minimalValue(shape.element)];
  if (shape.type === 'map') return {};
  if (shape.type === 'boolean') return true;
  if (shape.type === 'blob') return Buffer.from('x');
  return shape.type === 'string' ? (shape.enum?.[0] ?? 'x') : 1;
}

/** Older names of one request, and one that only its own endpoint serves. */
const SAME_REQUEST: Readonly<Record<string, string>> = {
  GetBucketLifecycleConfiguration: 'GetBucketLifecycle',
  GetBucketNotificationConfiguration: 'GetBucketNotification',
  PutBucketLifecycleConfiguration: 'PutBucketLifecycle',
  PutBucketNotificationConfiguration: 'PutBucketNotification',
  ListDirectoryBuckets: 'ListBuckets',
};

describe('S3 requests', () => {
  it.each(Object.keys(s3.operations))('of %s are told from all others, in both address styles', (operation) => {
    const { input } = s3.operations[operation]!;
    const value = input ? minimal(shapeOf(s3, input.shape)) : {};
    const { method, path, query, headers } = encodeRequest(s3, operation, value);
    const expected = SAME_REQUEST[operation] ?? operation;
    const parts = { method, headers: { ...headers, host: 'localhost' }, query: new URLSearchParams(query) };
    expect(route({ ...parts, path })).toMatchObject({ service: 's3', operation: expected });
    if (!path.startsWith('/x')) return;
    const virtual = { ...parts, path: path.slice(2) || '/', headers: { ...headers, host: 'x.s3.localhost:4566' } };
    expect(route(virtual)).toMatchObject({ service: 's3', operation: expected, labels: { Bucket: 'x' } });
  });

  it('take the implemented one of two names', () => {
    const operations = { getBucketLifecycleConfiguration: async () => ({}) };
    const one = createRouter([{ model: s3, operations }]);
    const found = one.route({ method: 'GET', path: '/b', query: new URLSearchParams('lifecycle'), headers: {} });
    expect(found).toMatchObject({ operation: 'GetBucketLifecycleConfiguration' });
  });

  it.each([
    ['/b/', { service: 's3', operation: 'ListObjects', labels: { Bucket: 'b' } }],
    ['/b/a/../b//c', { service: 's3', operation: 'GetObject', labels: { Bucket: 'b', Key: 'a/../b//c' } }],
    ['/b//', { service: 's3', operation: 'GetObject', labels: { Bucket: 'b', Key: '/' } }],
    ['/b/a%2Fb%0A+', { service: 's3', operation: 'GetObject', labels: { Bucket: 'b', Key: 'a/b\n+' } }],
    ['/b/k?x-id=GetObject&partNumber=1', { service: 's3', operation: 'GetObject', labels: { Bucket: 'b', Key: 'k' } }],
    ['/b/k?uploadId=u', { service: 's3', operation: 'ListParts', labels: { Bucket: 'b', Key: 'k' } }],
    ['/', { service: 's3', operation: 'ListBuckets', labels: {} }],
    ['/b/%', 'InvalidURI'],
  ])('GET %s', (url, expected) => {
    expect(route({ url })).toEqual(expected);
  });
});

describe('virtual hosts', () => {
  it.each([
    ['localhost:4566', undefined],
    ['LOCALHOST', undefined],
    ['127.0.0.1:4566', undefined],
    ['s3.localhost', undefined],
    ['s3.eu-west-1.localhost:1', undefined],
    ['b.localhost:4566', 'b'],
    ['B.localhost', 'b'],
    ['a.b.c.localhost', 'a.b.c'],
    ['b.s3.localhost', 'b'],
    ['b.s3.us-gov-east-1.localhost', 'b'],
    ['a.b.s3.eu-west-1.localhost', 'a.b'],
    ['builder.lan', undefined],
    [undefined, undefined],
  ])('%s is of bucket %s', (host, bucket) => {
    expect(bucketOfHost(host)).toBe(bucket);
  });
});

describe('the surest sign counts', () => {
  const form = (text: string) => ({ method: 'POST', form: new URLSearchParams(text) });
  it('X-Amz-Target before everything', () => {
    const headers = { 'x-amz-target': 'CodeCommit_20150413.GetBranch', host: 'b.localhost' };
    expect(route({ ...form('Action=GetUser&Version=2010-05-08'), headers, scopeService: 'iam' })).toMatchObject({
      service: 'codecommit',
      operation: 'GetBranch',
    });
  });

  it('Action and Version, with the scope or without', () => {
    expect(route(form('Action=GetUser&Version=2010-05-08'))).toMatchObject({ service: 'iam', operation: 'GetUser' });
    expect(route({ ...form('Action=CreateTopic&Version=2010-03-31'), scopeService: 'sns' })).toMatchObject({
      service: 'sns',
      operation: 'CreateTopic',
    });
    expect(route({ url: '/?Action=GetCallerIdentity&Version=2011-06-15', scopeService: 'sts' })).toMatchObject({
      service: 'sts',
      operation: 'GetCallerIdentity',
    });
    expect(route(form('Action=GetUser&Version=1999-01-01'))).toBe('NotImplementedException');
  });

  it('the scope before the path: an S3 key may look like a call', () => {
    expect(route({ url: '/b?Action=GetUser&Version=2010-05-08', scopeService: 's3' })).toMatchObject({
      service: 's3',
      operation: 'ListObjects',
    });
    expect(route({ url: '/b', scopeService: 'dynamodb' })).toBe('NotImplementedException');
    expect(route({ url: '/b', scopeService: 'codecommit' })).toBe('UnknownOperationException');
  });
});
