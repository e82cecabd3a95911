import { mkdtempSync, rmSync, statSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SpawnedProcess } from '../ports/spawn.ts';
import { listen } from '../runner/spawner/listen.ts';
import { socketSpawner } from './spawner.ts';

const folder = mkdtempSync(join(tmpdir(), 'spawner-'));
const path = join(folder, 's.sock');
const spawner = socketSpawner(async () => path);
const env = { PATH: process.env['PATH'] ?? '' };
let server: Server;

beforeAll(async () => {
  server = await listen(path, { configure: () => ({}), shutdown() {}, abandoned() {} });
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

async function output(process: SpawnedProcess): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdout) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const sh = (script: string, more: object = {}) => spawner.spawn({ command: 'sh', args: ['-c', script], env, ...more });

it('only lets our own user in', () => {
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('gives output, exit status and the end of standard error', async () => {
  const process = sh('echo out; echo err >&2; exit 3', { cwd: folder });
  expect((await output(process)).toString()).toBe('out\n');
  expect(await process.exit).toEqual({ code: 3, signal: null });
  expect(process.stderr()).toBe('err\n');
});

it('inherits nothing', async () => {
  expect((await output(spawner.spawn({ command: 'env', args: [], env: { ...env, ONLY: 'this' } }))).toString()).toBe(
    `PATH=${env.PATH}\nONLY=this\n`,
  );
});

it('carries streams both ways, more than any buffer holds', async () => {
  const data = randomBytes(20_000_000);
  async function* pieces() {
    for (let from = 0; from < data.length; from += 1_000_000) yield data.subarray(from, from + 1_000_000);
  }
  const process = spawner.spawn({ command: 'cat', args: [], env, stdin: pieces() });
  expect((await output(process)).equals(data)).toBe(true);
  expect(await process.exit).toEqual({ code: 0, signal: null });
});

it('does not mind a program that leaves its input unread', async () => {
  const process = sh('exec 0<&-; echo done', { stdin: Buffer.alloc(5_000_000) });
  expect((await output(process)).toString()).toBe('done\n');
  expect(await process.exit).toEqual({ code: 0, signal: null });
});

it('waits where nobody reads, and goes on where somebody does', async () => {
  const process = sh('head -c 5000000 /dev/zero');
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect((await output(process)).length).toBe(5_000_000);
});

it('says what cannot be started', async () => {
  const process = spawner.spawn({ command: 'no-such-program', args: [], env });
  await expect(process.exit).rejects.toMatchObject({ code: 'SpawnFailed' });
});

it('ends the whole group of an aborted program', async () => {
  const abort = new AbortController();
  const process = sh('sleep 300 & echo $!; wait', { signal: abort.signal });
  const first = await process.stdout[Symbol.asyncIterator]().next();
  const pid = Number(Buffer.from(first.value as Uint8Array).toString());
  abort.abort();
  expect(await process.exit).toEqual({ code: null, signal: 'SIGKILL' });
  for (;;) {
    try {
      globalThis.process.kill(pid, 0);
    } catch {
      break;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
});

it('fails where nobody listens', async () => {
  const process = socketSpawner(async () => join(folder, 'none')).spawn({ command: 'true', args: [], env });
  await expect(process.exit).rejects.toMatchObject({ code: 'SpawnFailed' });
});
