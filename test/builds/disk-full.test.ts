import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { BuildServer } from '../support/builds.ts';

const disk = mkdtempSync(join(tmpdir(), 'disk-'));

function mount(): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=60m', 'tmpfs', disk], { stdio: 'pipe' });
    return true;
  } catch (error) {
    console.warn(`a full disk: skipped: ${(error as Error).message.split('\n')[1] ?? 'no file system can be mounted here'}`);
    return false;
  }
}

const mounted = mount();
afterAll(() => {
  // The namespaces of a server that has just ended may still hold it.
  if (mounted) execFileSync('umount', ['--lazy', disk]);
  rmSync(disk, { recursive: true, force: true });
});

it.runIf(mounted)('a build that fills the disk fails with that reason; the server lives, and builds on', async () => {
  process.env['TMPDIR'] = disk;
  const world = new BuildServer();
  await world.start();
  try {
    const commands = ['cat /dev/zero >big', 'cat /dev/zero 2>/dev/null >>big; head -c 100000 /dev/zero | tr "\\0" "\\n"'];
    const text = JSON.stringify({
      version: '0.2',
      phases: { build: { commands: [commands[0]] }, post_build: { commands: [commands[1]] } },
    });
    const build = await world.run(text);
    expect(build.buildStatus).toBe('FAILED');
    expect(await world.log(build)).toContain('No space left on device');
    const next = await world.run('version: 0.2\nphases: {build: {commands: [echo fine]}}\n');
    expect(next.buildStatus).toBe('SUCCEEDED');
  } finally {
    delete process.env['TMPDIR'];
    await world.stop();
  }
});
