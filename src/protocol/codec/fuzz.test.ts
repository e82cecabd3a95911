import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../errors.ts';
import { model as codebuild } from '../../services/codebuild/api.gen.ts';
import { model as codepipeline } from '../../services/codepipeline/api.gen.ts';
import { model as iam } from '../../services/iam/api.gen.ts';
import { model as s3 } from '../../services/s3/api.gen.ts';
import { model as sns } from '../../services/sns/api.gen.ts';
import { model as sts } from '../../services/sts/api.gen.ts';
import { decodeResponse, encodeRequest } from './client.ts';
import { decodeInput, encodeOutput } from './server.ts';

describe('fuzz', () => {
  const operations = [codepipeline, codebuild, iam, sts, sns, s3].flatMap((model) =>
    Object.keys(model.operations).map((name) => [model, name] as const),
  );
  const operation = fc.constantFrom(...operations);
  const survives = (run: () => unknown): void => {
    try {
      run();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      expect(error.status).toBeLessThan(500);
    }
  };
  const keys = fc.constantFrom('name', 'pipeline', 'stages', 'actions', 'names', 'Tags', 'Delete', '__proto__', 'constructor', 'toString');
  const json = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.jsonValue(),
      fc.array(tie('value')),
      fc.dictionary(fc.oneof(keys, fc.string()), tie('value')),
    ),
  })).value;
  const markup = fc
    .array(
      fc.oneof(
        fc.constantFrom(
          '<',
          '>',
          '</',
          '/>',
          '<a>',
          '</a>',
          '<Delete>',
          '</Delete>',
          '&amp;',
          '&#0;',
          '&#xD800;',
          '<![CDATA[',
          ']]>',
          '<!--',
          '-->',
          '<?x?>',
          ' a="b"',
          '"',
        ),
        fc.string(),
      ),
    )
    .map((parts) => parts.join(''));
  const fields = fc.array(
    fc.tuple(
      fc.oneof(
        fc.constantFrom(
          'Tags.member.1.Key',
          'Tags.member',
          'Tags.member.1.1',
          'UserName',
          '..',
          'Attributes.entry.1.key',
          'DurationSeconds',
        ),
        fc.string(),
      ),
      fc.string(),
    ),
  );

  it('bytes, JSON, markup and forms never crash, and are never our fault', () => {
    const texts = fc.oneof(
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
      json.map((value) => Buffer.from(JSON.stringify(value) ?? '')),
      markup.map((text) => Buffer.from(text)),
    );
    const strings = fc.dictionary(
      fc.constantFrom('content-type', 'x-amz-acl', 'content-length', 'range', 'x-amz-object-attributes', 'expires', 'x-amz-meta-__proto__'),
      fc.string(),
    );
    fc.assert(
      fc.property(operation, texts, fields, strings, ([model, name], bytes, pairs, headers) => {
        const query = new URLSearchParams(pairs);
        const wire = { labels: { Bucket: 'b', Key: 'k' }, query, headers, body: bytes, ...(model.protocol === 'query' && { form: query }) };
        survives(() => decodeInput(model, name, wire));
      }),
      { numRuns: 2000 },
    );
  });

  it('what a client encodes, the server decodes, and back', () => {
    const when = fc.integer({ min: 0, max: 4e9 }).map((seconds) => seconds * 1000);
    const word = fc.string({ minLength: 1, unit: 'grapheme' }).filter((text) => !/[\p{Cc}\p{Cs}\p{Cn}]/u.test(text));
    fc.assert(
      fc.property(word, when, fc.boolean(), fc.array(word), (text, time, flag, list) => {
        const answer = {
          Users: [{ UserName: text, CreateDate: time, Tags: list.map((Value) => ({ Key: text, Value })) }],
          IsTruncated: flag,
        };
        const sent = encodeOutput(iam, 'ListUsers', answer, 'id');
        expect(decodeResponse(iam, 'ListUsers', { ...sent, body: sent.body! })).toEqual(answer);
        const objects = { Contents: list.map((Key) => ({ Key, LastModified: time })), IsTruncated: flag, Prefix: text };
        const listing = encodeOutput(s3, 'ListObjectsV2', objects, 'id');
        expect(decodeResponse(s3, 'ListObjectsV2', { ...listing, body: listing.body! })).toEqual({
          ...objects,
          ...(list.length === 0 ? { Contents: undefined } : {}),
        });
        const request = encodeRequest(codebuild, 'BatchGetProjects', { names: [text, ...list] });
        expect(
          decodeInput(codebuild, 'BatchGetProjects', {
            labels: {},
            query: new URLSearchParams(),
            headers: {},
            body: request.body as Uint8Array,
          }),
        ).toEqual({ names: [text, ...list] });
        const tagged = encodeRequest(sns, 'TagResource', { ResourceArn: text, Tags: list.map((Value) => ({ Key: 'k', Value })) });
        const parsed = new URLSearchParams(Buffer.from(tagged.body as Uint8Array).toString());
        expect(decodeInput(sns, 'TagResource', { labels: {}, query: parsed, headers: {}, body: Buffer.alloc(0) })).toEqual({
          ResourceArn: text,
          Tags: list.map((Value) => ({ Key: 'k', Value })),
        });
      }),
      { numRuns: 200 },
    );
  });
});
