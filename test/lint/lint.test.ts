import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { lintText } from '../../src/cli/lint-text.ts';
import { codeFrame } from '../../src/kernel/code-frame.ts';
import { actionCatalogue } from '../../src/main/action-catalogue.ts';

/** A folder for each behaviour: a file as people have it, and what lint says of it. UPDATE_LINT=1 writes that anew: read it then. */
const folders = readdirSync(import.meta.dirname, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
const catalogue = actionCatalogue();

it.each(folders)('%s', (name) => {
  const folder = join(import.meta.dirname, name);
  const file = readdirSync(folder).find((candidate) => candidate !== 'expected.txt')!;
  const text = readFileSync(join(folder, file), 'utf8');
  const found = lintText(text, catalogue).map((problem) => `${problem.severity}: ${codeFrame(file, text, problem)}\n`);
  const said = found.length === 0 ? 'nothing wrong\n' : found.join('\n');
  const expected = join(folder, 'expected.txt');
  if (process.env['UPDATE_LINT'] || !existsSync(expected)) writeFileSync(expected, said);
  expect(said).toBe(readFileSync(expected, 'utf8'));
});

it('says something of whatever it is given', () => {
  const whole = readFileSync(join(import.meta.dirname, 'a-right-pipeline/pipeline.json'), 'utf8');
  // A file that is being typed is cut off somewhere.
  for (let length = 0; length < whole.trimEnd().length; length += 3)
    expect(lintText(whole.slice(0, length), catalogue), `${length}`).not.toEqual([]);
});
