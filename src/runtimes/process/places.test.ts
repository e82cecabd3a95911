import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ProcessRuntime } from './runtime.ts';

let folder: string;
let runtime: ProcessRuntime;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'places-'))));
afterEach(async () => {
  await runtime.close();
  rmSync(folder, { recursive: true, force: true });
});

const seen = (): readonly string[] => readdirSync(join(folder, 'builds'));

/** A room that waits, and its name. */
async function ahead(): Promise<string> {
  for (;;) {
    const [name] = seen();
    if (name !== undefined && existsSync(join(folder, 'builds', name, 'tmp'))) return name;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

const trial = mkdtempSync(join(tmpdir(), 'places-'));
const detected = await new ProcessRuntime(trial, { isolation: 'auto' }).isolation();
rmSync(trial, { recursive: true, force: true });
const missing = 'missing' in detected ? detected.missing : undefined;
if (missing !== undefined) console.warn(`rooms made ahead: skipped: ${missing}`);

it.skipIf(missing !== undefined)('gives a workload the room that waits, the next one another, and removes what nobody took', async () => {
  runtime = new ProcessRuntime(folder, { isolation: 'auto' });
  runtime.configure('auto');
  const first = await ahead();
  const [one, two] = [await runtime.prepare('one'), await runtime.prepare('two')];
  expect(one.root).toBe(join(folder, 'builds', first));
  expect(dirname(two.root)).toBe(dirname(one.root));
  expect(two.root).not.toBe(one.root);
  expect(readFileSync(join(one.scratch, 'workload'), 'utf8')).toBe('one');
  let output = '';
  const spec = {
    command: 'sh',
    args: ['-c', 'pwd; ls -A'],
    env: {},
    cwd: one.source,
    onOutput: (chunk: Uint8Array) => void (output += String(chunk)),
  };
  expect(await (await runtime.start({ ...spec, id: 'one' })).exit).toMatchObject({ code: 0 });
  expect(output).toBe(`${one.source}\n`);
  await Promise.all([runtime.destroy('one'), runtime.destroy('two')]);
  await ahead();
  await runtime.close();
  expect(seen()).toEqual([]);
});

it.skipIf(missing !== undefined)('tells after a crash which workloads there were, not what waited for one', async () => {
  const before = new ProcessRuntime(folder, { isolation: 'auto' });
  before.configure('auto');
  await ahead();
  await before.prepare('one');
  while (seen().length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  runtime = new ProcessRuntime(folder, { isolation: 'auto' });
  expect(await runtime.sweep()).toEqual(['one']);
  expect(seen()).toEqual([]);
  await before.close();
});

it('makes nothing ahead where builds are not isolated', async () => {
  runtime = new ProcessRuntime(folder, { isolation: 'off' });
  runtime.configure('off');
  const { root } = await runtime.prepare('one');
  expect(root).toBe(join(folder, 'builds', 'one'));
  await runtime.destroy('one');
  expect(seen()).toEqual([]);
});
