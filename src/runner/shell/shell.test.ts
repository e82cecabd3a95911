import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { shellSuite } from '../../../test/support/shell-suite.ts';
import { pidsWithEnvironment } from '../../runtimes/process/process-table.ts';
import { ProcessRuntime } from '../../runtimes/process/runtime.ts';
import { Shell } from './shell.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'shell-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a shell', () =>
  shellSuite(['bash', 'sh'], async () => {
    const runtime = new ProcessRuntime(folder);
    return { runtime, workspace: await runtime.prepare('b1'), leave: () => runtime.destroy('b1') };
  }));

describe('a shell on the host', () => {
  it('answers when it is stopped in the middle of a command, and leaves no process behind', async () => {
    const runtime = new ProcessRuntime(folder);
    const workspace = await runtime.prepare('b1');
    let output = '';
    const onOutput = (chunk: Uint8Array) => void (output += Buffer.from(chunk).toString());
    const shell = new Shell({ runtime, id: 'b1', kind: 'bash', workspace, env: {}, onOutput });
    const running = shell.run('(setsid sleep 300 & ) ; echo up; sleep 300');
    while (!output.includes('up')) await new Promise((resolve) => setImmediate(resolve));
    expect(pidsWithEnvironment(`PIPEWRIGHT_WORKSPACE=${folder}`).length).toBeGreaterThan(1);
    await shell.stop(1000);
    expect([137, 143]).toContain(await running);
    await runtime.destroy('b1');
    expect(pidsWithEnvironment(`PIPEWRIGHT_WORKSPACE=${folder}`)).toEqual([]);
    expect(existsSync(join(folder, 'builds', 'b1'))).toBe(false);
  });
});
