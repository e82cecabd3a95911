import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { DATA_VERSION, DataFolderHeld, openDataFolder } from './data-folder.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pipewright-folder-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

test('a folder is held until it is released, and the second opener learns by whom', () => {
  const data = join(dir, 'new', 'data');
  const folder = openDataFolder(data);
  expect(statSync(data).mode & 0o777).toBe(0o700);
  folder.announce('http://127.0.0.1:4566');
  expect(() => openDataFolder(data)).toThrow(DataFolderHeld);
  expect(() => openDataFolder(data)).toThrow(`process ${process.pid} at http://127.0.0.1:4566`);
  folder.release();
  openDataFolder(data).release();
});

test('kill -9 of the holder releases it', async () => {
  const script = join(resolve('node_modules'), `.hold-${process.pid}.mjs`);
  const contents = `import { openDataFolder } from '${resolve('src/store/data-folder.ts')}';
    openDataFolder(${JSON.stringify(dir)}); console.log('held'); setInterval(() => {}, 1000);`;
  await build({
    stdin: { contents, resolveDir: '.' },
    outfile: script,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['libsql'],
  });
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  expect(() => openDataFolder(dir)).toThrow(`process ${child.pid}`);
  child.kill('SIGKILL');
  await once(child, 'exit');
  openDataFolder(dir).release();
  rmSync(script);
});

test('newer data is refused, and the folder let go', () => {
  writeFileSync(join(dir, 'VERSION'), `${DATA_VERSION + 1}\n`);
  expect(() => openDataFolder(dir)).toThrow(/data version/);
  writeFileSync(join(dir, 'VERSION'), `${DATA_VERSION}\n`);
  openDataFolder(dir).release();
});

test('older data is copied aside first', () => {
  writeFileSync(join(dir, 'VERSION'), '1\n');
  writeFileSync(join(dir, 'pipewright.db'), 'old');
  const folder = openDataFolder(dir, { version: 2 });
  expect(readFileSync(join(folder.copiedTo!, 'pipewright.db'), 'utf8')).toBe('old');
  expect(existsSync(join(folder.copiedTo!, 'lock.db'))).toBe(false);
  expect(readFileSync(join(dir, 'VERSION'), 'utf8')).toBe('1\n');
  folder.stamp();
  expect(readFileSync(join(dir, 'VERSION'), 'utf8')).toBe('2\n');
  expect(() => openDataFolder(dir, { version: 2 })).toThrow(DataFolderHeld);
  folder.release();
});

test('an empty folder is stamped without a copy', () => {
  const folder = openDataFolder(dir);
  expect(folder.copiedTo).toBeUndefined();
  folder.stamp();
  expect(readFileSync(join(dir, 'VERSION'), 'utf8')).toBe(`${DATA_VERSION}\n`);
  folder.release();
});
