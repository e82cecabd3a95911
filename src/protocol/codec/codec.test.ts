import { describe, expect, it } from 'vitest';
import { ApiError } from '../errors.ts';
import { serviceModel } from '../model.ts';
import type { ServiceModel } from '../model.ts';
import { model as codebuild } from '../../services/codebuild/api.gen.ts';
import { model as codepipeline } from '../../services/codepipeline/api.gen.ts';
import { model as iam } from '../../services/iam/api.gen.ts';
import { model as s3 } from '../../services/s3/api.gen.ts';
import { model as sns } from '../../services/sns/api.gen.ts';
import { model as sts } from '../../services/sts/api.gen.ts';
import { decodeFailure } from './client.ts';
import { encodeError } from './errors.ts';
import { checkInput, decodeInput, encodeOutput } from './server.ts';
import type { WireInput } from './server.ts';

const body = (value: unknown): WireInput => ({
  labels: {},
  query: new URLSearchParams(),
  headers: {},
  body: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
});
const form = (text: string): WireInput => ({ ...body(''), form: new URLSearchParams(text) });
const rest = (text: string, parts: Partial<WireInput> = {}): WireInput => ({ ...body(text), ...parts });

function refused(run: () => unknown): { code: string; message: string; status: number } {
  try {
    run();
  } catch (error) {
    if (error instanceof ApiError) return { code: error.code, message: error.message, status: error.status };
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('json input', () => {
  const decode = (value: unknown) => decodeInput(codepipeline, 'GetPipeline', body(value));

  it.each([
    ['{', 'The request body is not valid JSON'],
    ['[]', 'Start of list found where not expected'],
    ['"x"', 'Expected start of structure or map'],
    [{ name: 1 }, 'NUMBER_VALUE can not be converted to a String'],
    [{ name: true }, 'TRUE_VALUE can not be converted to a String'],
    [{ name: [] }, 'Start of list found where not expected'],
    [{ name: {} }, 'Start of structure or map found where not expected.'],
    [{ name: 'n', version: '1' }, 'STRING_VALUE can not be converted to an Integer'],
    [{ name: 'n', version: 1.5 }, 'DECIMAL_VALUE can not be converted to an Integer'],
    [{ name: 'n', version: 2 ** 40 }, 'NUMBER_VALUE can not be converted to an Integer'],
  ])('%j is a SerializationException: %s', (value, message) => {
    expect(refused(() => decode(value))).toEqual({ code: 'SerializationException', message, status: 400 });
  });

  it('that is not UTF-8 is a SerializationException', () => {
    const wire = { ...body(''), body: Buffer.from([0x7b, 0xff, 0x7d]) };
    expect(refused(() => decodeInput(codepipeline, 'GetPipeline', wire)).code).toBe('SerializationException');
  });

  it.each([
    [{}, "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null"],
    [{ name: null }, "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null"],
    [
      { name: '' },
      "2 validation errors detected: Value '' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: [A-Za-z0-9.@\\-_]+; " +
        "Value '' at 'name' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      { name: 'n'.repeat(101) },
      `1 validation error detected: Value '${'n'.repeat(101)}' at 'name' failed to satisfy constraint: Member must have length less than or equal to 100`,
    ],
    [
      { name: 'n', version: 0 },
      "1 validation error detected: Value '0' at 'version' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
  ])('%j breaks the model', (value, message) => {
    expect(refused(() => decode(value))).toEqual({ code: 'ValidationException', message, status: 400 });
  });

  it('reports elements at their list', () => {
    expect(refused(() => decodeInput(codebuild, 'BatchGetProjects', body({ names: ['ok', ''] }))).message).toBe(
      "1 validation error detected: Value '[ok, ]' at 'names' failed to satisfy constraint: Member must satisfy constraint: [Member must have length greater than or equal to 1]",
    );
  });

  it('drops what the model does not know, and keeps prototypes out', () => {
    const decoded = decode('{"name":"n","__proto__":{"version":3},"constructor":1,"other":{}}');
    expect(decoded).toEqual({ name: 'n' });
    expect(Object.getPrototypeOf(decoded)).toBe(Object.prototype);
    const text =
      '{"pipeline":{"name":"n","roleArn":"arn:aws:iam::000000000000:role/r","stages":[{"name":"S","actions":[{"name":"A","actionTypeId":{"category":"Build","owner":"AWS","provider":"P","version":"1"},"configuration":{"__proto__":"x","a":"b"}}]}]}}';
    const input = decodeInput(codepipeline, 'CreatePipeline', body(text)) as {
      pipeline: { stages: { actions: { configuration: object }[] }[] };
    };
    const { configuration } = input.pipeline.stages[0]!.actions[0]!;
    expect(Object.entries(configuration)).toEqual([
      ['__proto__', 'x'],
      ['a', 'b'],
    ]);
    expect(Object.getPrototypeOf(configuration)).toBe(Object.prototype);
  });

  it('lets a service use its own words', () => {
    const own = new ApiError('InvalidNameException', 'x', 400);
    const seen: unknown[] = [];
    const error = refused(() =>
      decodeInput(codepipeline, 'GetPipeline', body({ name: '?' }), (operation, violations) => {
        seen.push([operation, violations.map(({ path, kind }) => [path, kind])]);
        return own;
      }),
    );
    expect(error.code).toBe('InvalidNameException');
    expect(seen).toEqual([['GetPipeline', [['name', 'pattern']]]]);
  });
});

describe('query input', () => {
  it('has lists, structures and maps', () => {
    const fields =
      'Action=CreateUser&UserName=u&Tags.member.2.Key=b&Tags.member.2.Value=2&Tags.member.1.Key=a&Tags.member.1.Value=&Tags.member.10.Key=c&Tags.member.10.Value=3';
    expect(decodeInput(iam, 'CreateUser', form(fields))).toEqual({
      UserName: 'u',
      Tags: [
        { Key: 'a', Value: '' },
        { Key: 'b', Value: '2' },
        { Key: 'c', Value: '3' },
      ],
    });
    const topic =
      'Name=t&Attributes.entry.1.key=DisplayName&Attributes.entry.1.value=x&Attributes.entry.2.key=__proto__&Attributes.entry.2.value=y';
    const decoded = decodeInput(sns, 'CreateTopic', form(topic)) as { Attributes: object };
    expect(Object.entries(decoded.Attributes)).toEqual([
      ['DisplayName', 'x'],
      ['__proto__', 'y'],
    ]);
  });

  it('is refused in the words of its service', () => {
    expect(refused(() => decodeInput(sts, 'AssumeRole', form('RoleArn=short&RoleSessionName=s')))).toEqual({
      code: 'ValidationError',
      status: 400,
      message:
        "2 validation errors detected: Value 'short' at 'roleArn' failed to satisfy constraint: Member must have length greater than or equal to 20; " +
        "Value 's' at 'roleSessionName' failed to satisfy constraint: Member must have length greater than or equal to 2",
    });
    expect(
      refused(() => decodeInput(sts, 'AssumeRole', form('RoleArn=arn:aws:iam::000000000000:role/r&RoleSessionName=ss&DurationSeconds=x')))
        .code,
    ).toBe('MalformedInput');
    expect(refused(() => decodeInput(sns, 'CreateTopic', form(''))).code).toBe('InvalidParameter');
  });
});

describe('S3 input', () => {
  const labels = { Bucket: 'b', Key: 'k' };

  it('comes from path, query, headers and body', () => {
    const wire = rest('', {
      labels,
      headers: {
        'x-amz-meta-a': '1',
        'content-type': 't/x',
        'if-modified-since': 'nonsense',
        'x-amz-object-attributes': 'ETag, ObjectSize',
      },
      query: new URLSearchParams('versionId=v'),
    });
    expect(decodeInput(s3, 'GetObjectAttributes', wire)).toMatchObject({
      Bucket: 'b',
      Key: 'k',
      VersionId: 'v',
      ObjectAttributes: ['ETag', 'ObjectSize'],
    });
    expect(decodeInput(s3, 'GetObject', wire)).toEqual({ Bucket: 'b', Key: 'k', VersionId: 'v' });
    const xml =
      '<?xml version="1.0"?><!-- c --><Delete xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Quiet>true</Quiet><Object><Key> a&amp;b&#13;&#x1F642;</Key></Object><Object><Key><![CDATA[<x>]]></Key></Object></Delete>';
    expect(decodeInput(s3, 'DeleteObjects', rest(xml, { labels }))).toEqual({
      Bucket: 'b',
      Delete: { Quiet: true, Objects: [{ Key: ' a&b\r🙂' }, { Key: '<x>' }] },
    });
  });

  it.each([
    ['', 'MissingRequestBodyError'],
    ['<Delete>', 'MalformedXML'],
    ['<Delete></Other>', 'MalformedXML'],
    ['text', 'MalformedXML'],
    ['<Delete></Delete>', 'MalformedXML'],
    ['<Other><Object><Key>k</Key></Object></Other>', 'MalformedXML'],
    ['<!DOCTYPE d [<!ENTITY e SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&e;</Key></Object></Delete>', 'MalformedXML'],
    ['<Delete><Object><Key>&lol;</Key></Object></Delete>', 'MalformedXML'],
    [`${'<a>'.repeat(100)}${'</a>'.repeat(100)}`, 'MalformedXML'],
  ])('%s is refused as %s', (xml, code) => {
    expect(refused(() => decodeInput(s3, 'DeleteObjects', rest(xml, { labels }))).code).toBe(code);
  });

  it('with a bad parameter is an InvalidArgument', () => {
    const query = new URLSearchParams('max-keys=x');
    expect(refused(() => decodeInput(s3, 'ListObjectsV2', rest('', { labels, query }))).code).toBe('InvalidArgument');
    expect(refused(() => decodeInput(s3, 'PutObject', rest('', { labels, headers: { 'x-amz-acl': 'nobody' } }))).code).toBe(
      'InvalidArgument',
    );
  });
});

describe('input from inside', () => {
  it('is checked as if it came over the wire', () => {
    expect(checkInput(codepipeline, 'GetPipeline', { name: 'n', version: undefined, other: 1 })).toEqual({ name: 'n' });
    expect(refused(() => checkInput(codepipeline, 'GetPipeline', { name: '?' })).code).toBe('ValidationException');
    expect(refused(() => checkInput(codepipeline, 'GetPipeline', { name: 1 })).code).toBe('SerializationException');
    expect(refused(() => checkInput(codepipeline, 'GetPipeline', undefined)).code).toBe('ValidationException');
  });

  it('may give text or bytes for a stream', async () => {
    for (const Body of ['text', Buffer.from('text')]) {
      const input = checkInput(s3, 'PutObject', { Bucket: 'b', Key: 'k', Body });
      const chunks: Uint8Array[] = [];
      for await (const chunk of input['Body'] as AsyncIterable<Uint8Array>) chunks.push(chunk);
      expect(Buffer.concat(chunks).toString()).toBe('text');
    }
  });
});

describe('output', () => {
  const text = (model: ServiceModel, operation: string, value: unknown) => {
    const { status, headers, body: bytes } = encodeOutput(model, operation, value, 'id-1');
    return { status, headers, body: Buffer.from(bytes as Uint8Array).toString() };
  };

  it('in json has what the model knows and is there', () => {
    const value = { builds: [{ id: 'x', startTime: 1500, endTime: undefined, secret: 'no' }], buildsNotFound: [] };
    expect(text(codebuild, 'BatchGetBuilds', value)).toEqual({
      status: 200,
      headers: { 'content-type': 'application/x-amz-json-1.1' },
      body: '{"builds":[{"id":"x","startTime":1.5}],"buildsNotFound":[]}',
    });
  });

  it('in the query protocol is wrapped, escaped and dated', () => {
    const value = { Users: [{ UserName: '<&>', CreateDate: 0 }], IsTruncated: false };
    expect(text(iam, 'ListUsers', value).body).toBe(
      '<ListUsersResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><ListUsersResult><Users><member><UserName>&lt;&amp;&gt;</UserName>' +
        '<CreateDate>1970-01-01T00:00:00Z</CreateDate></member></Users><IsTruncated>false</IsTruncated></ListUsersResult>' +
        '<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></ListUsersResponse>',
    );
  });

  it('of S3 has its root names, namespaces, headers and statuses', () => {
    const listing = text(s3, 'ListObjectsV2', { Name: 'b', Contents: [{ Key: 'a\u0001\r' }], CommonPrefixes: [{ Prefix: 'p/' }] });
    expect(listing.body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
        '<Contents><Key>a&#x1;&#xd;</Key></Contents><Name>b</Name><CommonPrefixes><Prefix>p/</Prefix></CommonPrefixes></ListBucketResult>',
    );
    expect(text(s3, 'GetBucketLocation', {}).body).toContain(
      '<LocationConstraint xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></LocationConstraint>',
    );
    const head = encodeOutput(s3, 'HeadObject', { Metadata: { a: 'ü', b: 'x\r\ny' }, LastModified: 1000, ContentLength: 3 }, 'i');
    expect(head.headers).toEqual({
      'x-amz-meta-a': '=?UTF-8?B?w7w=?=',
      'x-amz-meta-b': '=?UTF-8?B?eA0KeQ==?=',
      'last-modified': 'Thu, 01 Jan 1970 00:00:01 GMT',
      'content-length': '3',
    });
    expect(encodeOutput(s3, 'DeleteObject', {}, 'i').status).toBe(204);
    expect(encodeOutput(s3, 'GetObject', { ContentRange: 'bytes 0-1/2', Body: 'x' }, 'i').status).toBe(206);
    const grants = { Grants: [{ Grantee: { Type: 'CanonicalUser', ID: 'x' }, Permission: 'FULL_CONTROL' }] };
    expect(text(s3, 'GetBucketAcl', grants).body).toContain(
      '<Grantee xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CanonicalUser"><ID>x</ID></Grantee>',
    );
  });
});

describe('errors', () => {
  const message = 'no <such> "thing"';
  it.each([
    ['json', codepipeline, { 'x-amzn-errortype': 'E', 'content-type': 'application/x-amz-json-1.1' }],
    ['query', iam, { 'content-type': 'text/xml' }],
    ['rest-xml', s3, { 'content-type': 'application/xml' }],
  ] as const)('in %s are read back', (protocol, model, headers) => {
    const sent = encodeError(protocol, model, new ApiError('E', message, 418), 'id');
    expect(sent.headers).toEqual(headers);
    const seen = decodeFailure(model, { status: sent.status, headers: sent.headers, body: sent.body! });
    expect(seen).toMatchObject({ code: 'E', message, status: 418 });
  });

  it('carry the members their model declares', () => {
    const error = new ApiError('InvalidObjectState', 'm', 403, { StorageClass: 'GLACIER' });
    const sent = encodeError('rest-xml', s3, error, 'id');
    expect(decodeFailure(s3, { status: 403, headers: {}, body: sent.body! }).fields).toEqual({ StorageClass: 'GLACIER' });
  });

  it('carry the query code where a JSON service once spoke the query protocol', () => {
    const model = serviceModel(
      {
        name: 'q',
        protocol: 'json',
        apiVersion: '1',
        endpointPrefix: 'q',
        signingName: 'q',
        serviceId: 'q',
        jsonVersion: '1.0',
        awsQueryCompatible: true,
      },
      '{"operations":{},"shapes":{"QueueDoesNotExist":{"type":"structure","exception":true,"members":{},"error":{"code":"AWS.SimpleQueueService.NonExistentQueue"}}}}',
    );
    const { headers } = encodeError('json', model, new ApiError('QueueDoesNotExist', 'm', 400), 'id');
    expect(headers['x-amzn-query-error']).toBe('AWS.SimpleQueueService.NonExistentQueue;Sender');
  });
});
