import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { checkLayers } from './check.ts';
import { LAYERS } from './rules.ts';

const roots: string[] = [];
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true });
});

function tree(files: Record<string, string>): string {
  const root = mkdtempSync(join(tmpdir(), 'layers-'));
  roots.push(root);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
  return root;
}

test('an import against the layers is named with its line', () => {
  const root = tree({ 'kernel/a.ts': "// why\nimport { b } from '../ports/b.ts';\n", 'ports/b.ts': 'export const b = 1;\n' });
  expect(checkLayers(root, LAYERS)).toEqual(['kernel/a.ts:2 may not import ports/b.ts']);
});

test('a service may use the interface of another, never its inside', () => {
  const root = tree({
    'services/s3/a.ts': "import type { Api } from '../logs/api.gen.ts';\nimport { x } from '../logs/tables.ts';\n",
    'services/logs/api.gen.ts': 'export interface Api {}\n',
    'services/logs/tables.ts': 'export const x = 1;\n',
  });
  expect(checkLayers(root, LAYERS)).toEqual(['services/s3/a.ts:2 may not import services/logs/tables.ts']);
});

test('rules are pure: not even the ports', () => {
  const root = tree({ 'services/s3/rules/a.ts': "import type { B } from '../../../ports/b.ts';\n", 'ports/b.ts': 'export type B = 1;\n' });
  expect(checkLayers(root, LAYERS)).toEqual(['services/s3/rules/a.ts:1 may not import ports/b.ts']);
});

test('cycles are found, types included', () => {
  const root = tree({ 'kernel/a.ts': "import type { B } from './b.ts';\n", 'kernel/b.ts': "import { a } from './a.ts';\n" });
  expect(checkLayers(root, LAYERS)).toEqual(['import cycle: kernel/a.ts -> kernel/b.ts']);
});

test('a folder that no rule knows is an offence', () => {
  const root = tree({ 'attic/a.ts': "import { b } from './b.ts';\n", 'attic/b.ts': '' });
  expect(checkLayers(root, LAYERS)).toEqual(['attic/a.ts stands in no room of tools/layers/rules.ts']);
});
