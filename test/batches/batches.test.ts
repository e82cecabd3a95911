import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseBatchspec } from '../../src/services/codebuild/rules/batch/parse.ts';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;

/** `UPDATE_BATCHES=1` writes what is found where nothing is expected yet. */
function expected(name: string, found: unknown): unknown {
  const path = join(here, name, 'expected.json');
  if (!existsSync(path) && process.env.UPDATE_BATCHES) writeFileSync(path, `${JSON.stringify(found, null, 2)}\n`);
  return JSON.parse(readFileSync(path, 'utf8'));
}

describe('batch sections of buildspecs: one folder each', () => {
  const folders = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  it.each(folders.map((folder) => folder.name))('%s', (name) => {
    const found = parseBatchspec(readFileSync(join(here, name, 'buildspec.yml'), 'utf8'));
    expect(found).toEqual(expected(name, found));
  });
});

describe('real buildspecs', () => {
  const folder = join(here, '../../../shared/corpus/buildspec');
  // The collection is third-party data and no part of the project: it is checked where somebody has it beside the tree.
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => /\.ya?ml$/.test(file)) : [];
  const batches = files.filter((file) => /^batch:/m.test(readFileSync(join(folder, file), 'utf8')));
  if (batches.length === 0) it.skip('no collection of real buildspecs at ../shared/corpus/buildspec', () => {});
  else
    it.each(batches)('%s', (file) => {
      const found = parseBatchspec(readFileSync(join(folder, file), 'utf8'));
      expect('ok' in found ? found.ok.tasks.length : found.errors).toBeGreaterThan(0);
      expect(found.warnings).toEqual([]);
    });
});
