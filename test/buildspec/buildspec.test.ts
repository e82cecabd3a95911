import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseBuildspec } from '../../src/services/codebuild/rules/buildspec/parse.ts';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;

describe('buildspec quirks: one folder each', () => {
  const folders = readdirSync(here, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  it.each(folders.map((folder) => folder.name))('%s', (name) => {
    const parsed = parseBuildspec(readFileSync(join(here, name, 'buildspec.yml'), 'utf8'));
    const expected = JSON.parse(readFileSync(join(here, name, 'expected.json'), 'utf8')) as object;
    expect('ok' in parsed).toBe('ok' in expected);
    expect(parsed).toMatchObject(expected);
    if (!('warnings' in expected)) expect(parsed.warnings).toEqual([]);
  });
});

describe('real buildspecs', () => {
  const folder = join(here, '../../../shared/corpus/buildspec');
  // The collection is third-party data and no part of the project: it is checked where somebody has it beside the tree.
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => /\.ya?ml$/.test(file)) : [];
  if (files.length === 0) it.skip('no collection of real buildspecs at ../shared/corpus/buildspec', () => {});
  else
    it.each(files)('%s', (file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      const parsed = parseBuildspec(text);
      // Templates of templates are no YAML before they are filled in.
      if (/\{[{%]/.test(text)) return expect('errors' in parsed && parsed.errors[0]?.line).not.toBe(0);
      if ('ok' in parsed) return expect(parsed.ok.phases.length + Number(parsed.ok.batch !== undefined)).toBeGreaterThan(0);
      for (const error of parsed.errors) expect(error.message).toMatch(/^Expected Commands\[\d+\] to be of string type/);
    });
});
