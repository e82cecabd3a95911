import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Shell } from '../../src/runner/shell/shell.ts';
import { DockerRuntime } from '../../src/runtimes/docker/runtime.ts';
import type { Place } from '../../src/runtimes/runtime.ts';
import { eachEngine } from '../support/each-engine.ts';
import { BASH_IMAGE, SH_IMAGE } from '../support/engine-images.ts';
import { shellSuite } from '../support/shell-suite.ts';

const folder = mkdtempSync(join(tmpdir(), 'shells-'));
afterAll(() => rmSync(folder, { recursive: true }));

await eachEngine((engine) => {
  const env = { DOCKER_HOST: engine.host, DOCKER_CONFIG: undefined, XDG_RUNTIME_DIR: undefined, HOME: undefined };
  const log = { info() {}, warn() {}, error() {} };
  const runtime = new DockerRuntime({ folder: join(folder, engine.name), owner: `shells-${engine.name}`, env, log });
  const place = (image: string): Place => ({
    project: 'p',
    image,
    computeType: 'BUILD_GENERAL1_SMALL',
    privileged: false,
    endpoint: 'http://127.0.0.1:1',
    tell() {},
    signal: new AbortController().signal,
  });
  const enter = async (image: string) => ({
    runtime,
    workspace: await runtime.prepare('b1', place(image)),
    leave: () => runtime.destroy('b1'),
  });

  describe('a shell', () => shellSuite(['bash', 'sh'], (kind) => enter(kind === 'bash' ? BASH_IMAGE : SH_IMAGE)));

  it('ends a program and all that escaped from it when it is stopped', async () => {
    const { workspace, leave } = await enter(BASH_IMAGE);
    let output = '';
    const shell = new Shell({ runtime, id: 'b1', kind: 'bash', workspace, env: {}, onOutput: (chunk) => (output += String(chunk)) });
    const running = shell.run(`(trap '' TERM; setsid sleep 300 &); trap 'echo asked' TERM; echo up; while :; do sleep 0.05; done`);
    while (!output.includes('up')) await new Promise((resolve) => setImmediate(resolve));
    await shell.stop(300);
    expect(await running).toBe(137);
    expect(output).toContain('asked');
    await leave();
    expect(await engine.containers()).toEqual([]);
  });
});
