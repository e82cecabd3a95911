import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { buildSite } from '../tools/site.mjs';

const folder = await mkdtemp(join(tmpdir(), 'site-'));
after(() => rm(folder, { recursive: true }));
const names = await buildSite('src', folder);

test('every page is rendered with its title', async () => {
  assert.deepEqual(names, ['404', 'about', 'index']);
  assert.match(await readFile(join(folder, 'index.html'), 'utf8'), /<title>It is live<\/title>/);
});

test('tables and code become HTML', async () => {
  const page = await readFile(join(folder, 'index.html'), 'utf8');
  assert.match(page, /<table>/);
  assert.match(page, /<code>npm ci<\/code>/);
});

test('the style sheet comes along', async () => {
  assert.match(await readFile(join(folder, 'style.css'), 'utf8'), /color-scheme/);
});
