import { createHmac } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Dialect } from '../../../../kernel/git-hooks/dialect.ts';
import { readBody } from '../../../../kernel/git-hooks/read.ts';
import { deliveryId, isGenuine } from '../../../../kernel/git-hooks/verify.ts';
import { readHook } from './parse.ts';

interface Case {
  readonly dialect: Dialect;
  readonly event: string;
  readonly payload: unknown;
  readonly expected: unknown;
}

const folder = join(import.meta.dirname, 'cases');
const DIALECTS: readonly Dialect[] = ['github', 'gitlab', 'bitbucket', 'gitea'];

describe('payloads', () => {
  it.each(readdirSync(folder))('%s', (file) => {
    const { dialect, event, payload, expected } = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Case;
    expect(readHook(dialect, event, payload)).toEqual(expected);
  });

  it('of any shape are read without an error', () => {
    const events = fc.constantFrom('push', 'pull_request', 'repo:push', 'pullrequest:created', 'x');
    fc.assert(
      fc.property(fc.constantFrom(...DIALECTS), events, fc.jsonValue(), (dialect, event, payload) => {
        expect(['events', 'nothing']).toContain(readHook(dialect, event, payload).kind);
      }),
    );
  });

  it('come as JSON, or as JSON in a form', () => {
    const json = '{"a":"ä"}';
    expect(readBody(Buffer.from(json), 'application/json')).toEqual({ a: 'ä' });
    expect(readBody(Buffer.from(`payload=${encodeURIComponent(json)}`), 'application/x-www-form-urlencoded')).toEqual({ a: 'ä' });
    expect(readBody(Buffer.from('{'), 'application/json')).toBeUndefined();
    expect(readBody(Buffer.from('other=1'), 'application/x-www-form-urlencoded')).toBeUndefined();
  });
});

describe('signatures', () => {
  const body = Buffer.from('{"a":1}');
  const hex = (secret: string) => createHmac('sha256', secret).update(body).digest('hex');
  const header = (dialect: Dialect, secret: string): Record<string, string> =>
    ({
      github: { 'x-hub-signature-256': `sha256=${hex(secret)}` },
      bitbucket: { 'x-hub-signature': `sha256=${hex(secret)}` },
      gitea: { 'x-gitea-signature': hex(secret) },
      gitlab: { 'x-gitlab-token': secret },
    })[dialect] as Record<string, string>;

  it.each(DIALECTS)('of %s are right with the secret alone', (dialect) => {
    expect(isGenuine(dialect, header(dialect, 'secret'), body, 'secret')).toBe(true);
    expect(isGenuine(dialect, header(dialect, 'guess'), body, 'secret')).toBe(false);
    expect(isGenuine(dialect, {}, body, 'secret')).toBe(false);
    for (const other of DIALECTS.filter((each) => each !== dialect))
      expect(isGenuine(dialect, header(other, 'secret'), body, 'secret')).toBe(false);
  });

  it.each(DIALECTS.filter((dialect) => dialect !== 'gitlab'))('of %s are of this body', (dialect) => {
    expect(isGenuine(dialect, header(dialect, 'secret'), Buffer.from('{"a":2}'), 'secret')).toBe(false);
  });

  it('deliveries are known by their id, or by what they say', () => {
    expect(deliveryId('github', { 'x-github-delivery': 'd' }, body)).toBe('d');
    expect(deliveryId('gitlab', { 'x-gitlab-event-uuid': 'e', 'idempotency-key': 'i' }, body)).toBe('i');
    expect(deliveryId('bitbucket', { 'x-request-uuid': 'r' }, body)).toBe('r');
    expect(deliveryId('gitea', {}, body)).toBe(deliveryId('gitea', {}, body));
    expect(deliveryId('gitea', {}, body)).not.toBe(deliveryId('gitea', {}, Buffer.from('x')));
  });
});
