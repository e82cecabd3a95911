import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readFileInto } from './read.ts';

const within = mkdtempSync(join(tmpdir(), 'reports-'));
afterAll(() => rmSync(within, { recursive: true, force: true }));

async function read(bytes: Buffer): Promise<string> {
  const source = join(within, 'report');
  writeFileSync(source, bytes);
  let text = '';
  await readFileInto({ source, within }, { write: (piece) => (text += piece), end: () => undefined }, async () => undefined);
  return text;
}

const declared = (encoding: string): string => `<?xml version="1.0" encoding="${encoding}"?><a b="ü"/>`;
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

it.each([
  ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${declared('utf-8')}`), declared('utf-8')],
  ['UTF-16, little end first, with its mark', utf16(`\ufeff${declared('utf-16')}`), declared('utf-16')],
  ['UTF-16, big end first, with its mark', utf16(`\ufeff${declared('utf-16')}`).swap16(), declared('utf-16')],
  ['UTF-16, little end first, without a mark', utf16(declared('utf-16')), declared('utf-16')],
  ['UTF-16, big end first, without a mark', utf16(declared('utf-16')).swap16(), declared('utf-16')],
  ['JSON in UTF-16 without a mark', utf16('["ü"]'), '["ü"]'],
  ['UTF-8 that says UTF-16', Buffer.from(declared('utf-16')), declared('utf-16')],
  ['Latin-1', Buffer.from(declared('ISO-8859-1'), 'latin1'), declared('ISO-8859-1')],
  ['an encoding that nobody knows', Buffer.from(declared('x-none')), declared('x-none')],
  ['nothing', Buffer.alloc(0), ''],
  ['one byte', Buffer.from('<'), '<'],
])('%s', async (_, bytes, text) => {
  expect(await read(bytes)).toBe(text);
});
