import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { pidsWithEnvironment } from './process-table.ts';
import { ProcessRuntime } from './runtime.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'runtime-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const marked = () => pidsWithEnvironment(`PIPEWRIGHT_WORKSPACE=${folder}`);

async function start(runtime: ProcessRuntime, id: string, script: string) {
  const chunks: Buffer[] = [];
  const { source } = await runtime.prepare(id);
  const workload = await runtime.start({
    id,
    command: 'sh',
    args: ['-c', script],
    env: { GIVEN: 'yes' },
    cwd: source,
    onOutput: (chunk) => chunks.push(Buffer.from(chunk)),
  });
  return { workload, text: () => Buffer.concat(chunks).toString() };
}

it('gives a workload its own folder, home and a clean environment', async () => {
  process.env['SECRET_OF_THE_SERVER'] = 'x';
  const runtime = new ProcessRuntime(folder);
  const { workload, text } = await start(runtime, 'w', 'env; pwd');
  expect(await workload.exit).toEqual({ code: 0, signal: null });
  expect(text()).not.toContain('SECRET_OF_THE_SERVER');
  for (const line of ['GIVEN=yes', `HOME=${folder}/builds/w/home`, `TMPDIR=${folder}/builds/w/tmp`, `\n${folder}/builds/w/src\n`])
    expect(text()).toContain(line);
  await runtime.destroy('w');
  expect(readdirSync(join(folder, 'builds'))).toEqual([]);
});

it('tells what could not be started', async () => {
  const runtime = new ProcessRuntime(folder);
  const { source } = await runtime.prepare('w');
  const workload = await runtime.start({
    id: 'w',
    command: 'no-such-program',
    args: [],
    env: {},
    cwd: source,
    onOutput() {},
  });
  await expect(workload.exit).rejects.toMatchObject({ code: 'SpawnFailed' });
});

it('ends processes that ignore SIGTERM or left their group', async () => {
  const runtime = new ProcessRuntime(folder);
  const { workload, text } = await start(
    runtime,
    'w',
    `trap '' TERM; setsid sh -c 'trap "" TERM; sleep 300' & sleep 0.05; echo up; sleep 300`,
  );
  while (!text().includes('up')) await new Promise((resolve) => setImmediate(resolve));
  expect(marked().length).toBeGreaterThan(1);
  await workload.stop(50);
  expect(await workload.exit).toMatchObject({ signal: 'SIGKILL' });
  expect(marked()).toEqual([]);
});

it('finds and ends after its own end what an earlier life left', async () => {
  const earlier = new ProcessRuntime(folder);
  const { workload } = await start(earlier, 'left', 'setsid sleep 300 & sleep 300');
  const stranger = spawn('sleep', ['300']);
  const found = await new ProcessRuntime(folder).sweep();
  expect(found).toEqual(['left']);
  expect(await workload.exit).toMatchObject({ signal: 'SIGKILL' });
  expect(marked()).toEqual([]);
  expect(existsSync(join(folder, 'builds', 'left'))).toBe(false);
  expect(stranger.exitCode).toBeNull();
  stranger.kill();
});

it('removes folders that nobody may write to', async () => {
  const runtime = new ProcessRuntime(folder);
  const { source } = await runtime.prepare('w');
  mkdirSync(join(source, 'cache'));
  writeFileSync(join(source, 'cache', 'file'), '');
  chmodSync(join(source, 'cache'), 0o500);
  await runtime.destroy('w');
  expect(existsSync(source)).toBe(false);
});
