import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { ProcessRuntime } from './runtime.ts';

const folder = mkdtempSync(join(tmpdir(), 'stillness-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const runtime = new ProcessRuntime(folder, { isolation: 'auto' });
const detected = await runtime.isolation();
const missing = 'missing' in detected ? detected.missing : undefined;
if (missing !== undefined) console.warn(`standing still: skipped: ${missing}`);

const count = (path: string): number => (existsSync(path) ? readFileSync(path, 'utf8').length : 0);

it.skipIf(missing !== undefined)('nothing of a workload runs while we work, and all of it afterwards, whenever we begin', async () => {
  const { source, temporary } = await runtime.prepare('w');
  const file = join(temporary, 'ticks');
  const busy = `(while :; do printf x >>${file}; done) & (setsid sh -c 'while :; do printf x >>${file}; done' &) ; wait`;
  // Also in the very moment in which the program is brought in: the time is what is varied here.
  for (let delay = 0; delay < 40; delay++) {
    const starting = runtime.start({
      id: 'w',
      command: 'sh',
      args: ['-c', 'sleep 0.02; exit 3'],
      env: {},
      cwd: source,
      onOutput() {},
    });
    await new Promise((resolve) => setTimeout(resolve, delay / 4));
    await runtime.still('w', () => new Promise((resolve) => setTimeout(resolve, 10)));
    expect(await (await starting).exit).toEqual({ code: 3, signal: null });
  }
  const workload = await runtime.start({ id: 'w', command: 'sh', args: ['-c', busy], env: {}, cwd: source, onOutput() {} });
  const grown = async (from: number): Promise<void> => {
    while (!(count(file) > from)) await new Promise((resolve) => setImmediate(resolve));
  };
  await grown(0);
  await runtime.still('w', async () => {
    const before = count(file);
    // That nothing happens can only be seen for a while.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(count(file)).toBe(before);
  });
  await grown(count(file));
  await workload.stop(0);
  await runtime.destroy('w');
});
