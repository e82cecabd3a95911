import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, it } from 'vitest';
import { ProcessRuntime } from '../../runtimes/process/runtime.ts';
import type { Runtime } from '../../runtimes/runtime.ts';
import { EarlyShell } from './early-shell.ts';

const folder = mkdtempSync(join(tmpdir(), 'early-'));
const host = new ProcessRuntime(folder, { isolation: 'off' });
/** Programs there begin with a complaint, as that of a sandbox that ends while they are led in. */
const complaining: Runtime = Object.assign(Object.create(host) as Runtime, {
  start: (spec: Parameters<Runtime['start']>[0]) => {
    spec.onOutput(Buffer.from('complaint\n'));
    return host.start(spec);
  },
});
afterEach(() => host.destroy('w'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function early() {
  const workspace = await host.prepare('w');
  const seen: string[] = [];
  const options = {
    runtime: complaining,
    id: 'w',
    workspace,
    kind: 'sh',
    env: { A: '1' },
    onOutput: (chunk: Uint8Array) => void seen.push(String(chunk)),
  } as const;
  return { shell: new EarlyShell(options), options, seen };
}

it('says nothing in the log of a build that has no use for it', async () => {
  const { shell, options, seen } = await early();
  expect(await shell.become({ ...options, kind: 'bash' })).toBeUndefined();
  await shell.close();
  expect(seen).toEqual([]);
});

it('becomes the shell of the build, and all that it said is in the log', async () => {
  const { shell, options, seen } = await early();
  const own = await shell.become({ ...options, env: { A: '2', B: "it's" } });
  expect(await own?.run('echo "$A $B"')).toBe(0);
  expect(seen.join('')).toBe("complaint\n2 it's\n");
  await own?.close();
});

it('has its whole environment in the shells after it, too', async () => {
  const { shell, options, seen } = await early();
  const own = await shell.become({ ...options, env: { A: '2', B: 'b' } });
  // Not told beforehand: nothing has been written down.
  expect(await own?.run('eval "ki""ll -9 $$"')).toBe(137);
  expect(await own?.run('echo "$A $B"')).toBe(0);
  expect(seen.join('')).toContain('2 b\n');
  await own?.close();
});
