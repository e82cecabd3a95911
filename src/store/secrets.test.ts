import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createSecretBox, loadMasterKey } from './secrets.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pipewright-secrets-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const key = (byte: number): Buffer => Buffer.alloc(32, byte);

test('what is sealed is opened, and never looks the same', () => {
  const box = createSecretBox([key(1)]);
  for (const plain of ['', 'secret', 'grüße ✓', 'x'.repeat(10_000)]) {
    const sealed = box.seal(plain);
    expect(box.open(sealed)).toBe(plain);
    expect(box.seal(plain)).not.toBe(sealed);
    if (plain !== '') expect(sealed).not.toContain(plain);
  }
});

test('another key, a changed byte and a cut text are refused without a hint of the content', () => {
  const box = createSecretBox([key(1)]);
  const sealed = box.seal('top secret');
  const at = sealed.length - 10;
  const changed = sealed.slice(0, at) + (sealed[at] === 'A' ? 'B' : 'A') + sealed.slice(at + 1);
  expect(() => createSecretBox([key(2)]).open(sealed)).toThrow('not here');
  for (const bad of [changed, sealed.slice(0, 20), sealed.slice(0, -8), 'nonsense', '']) {
    expect(() => box.open(bad)).toThrow(expect.objectContaining({ code: 'BadSecret', message: expect.not.stringContaining('top') }));
  }
});

test('after a change of keys the old ones still open', () => {
  const sealed = createSecretBox([key(1)]).seal('old');
  const box = createSecretBox([key(2), key(1)]);
  expect(box.open(sealed)).toBe('old');
  expect(createSecretBox([key(2)]).open(box.seal('new'))).toBe('new');
});

test('the key file is made once, for its owner only', () => {
  const path = join(dir, 'master.key');
  const made = loadMasterKey(path);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(loadMasterKey(path)).toEqual(made);
  chmodSync(path, 0o644);
  expect(() => loadMasterKey(path)).toThrow('0600');
});

test('the environment goes before the file, and a short key is refused', () => {
  const path = join(dir, 'master.key');
  expect(loadMasterKey(path, key(7).toString('base64'))).toEqual(key(7));
  expect(() => statSync(path)).toThrow();
  expect(() => loadMasterKey(path, 'c2hvcnQ=')).toThrow('PIPEWRIGHT_MASTER_KEY');
  writeFileSync(path, 'c2hvcnQ=', { mode: 0o600 });
  expect(() => loadMasterKey(path)).toThrow('32 bytes');
});
