import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BuildServer, outputOf, phasesOf } from '../support/builds.ts';
import { pidsWithArguments } from '../support/pids.ts';
import { processesOfBuilds, workspaces } from '../support/workspaces.ts';

let world: BuildServer;
beforeEach(() => void (world = new BuildServer()));
afterEach(() => world.end());

const left = () => processesOfBuilds(world.data);

/** A build that waits for a file. */
const WAITING = `version: 0.2
phases:
  build:
    commands:
      - echo waiting
      - while [ ! -f "$HOME/go" ]; do sleep 0.02; done
      - echo went on
`;

async function waiting(): Promise<{ id: string; runner: number; go: () => void }> {
  const { id } = await world.begin(await world.project(WAITING));
  const uuid = id!.split(':')[1]!;
  for (;;) {
    const build = await world.get(id!);
    if (outputOf(await world.log(build).catch(() => '')) !== 'waiting\n') continue;
    const [runner = 0] = pidsWithArguments(join(world.data, 'work', 'runner.sock'));
    expect(runner).toBeGreaterThan(1);
    return { id: id!, runner, go: () => writeFileSync(join(workspaces(world.data).get(uuid)!, 'home', 'go'), '') };
  }
}

it('a runner killed in a build: the build ends as the fault it is, nothing of it goes on, and the next build runs', async () => {
  await world.start();
  const { id, runner } = await waiting();
  process.kill(runner, 'SIGKILL');
  const build = await world.ended(id);
  expect(build.buildStatus).toBe('FAULT');
  expect(phasesOf(build).slice(6)).toEqual(['BUILD FAULT', 'COMPLETED']);
  expect(JSON.stringify(build.phases)).toContain('runner');
  expect(left()).toEqual([]);
  expect([...workspaces(world.data)]).toEqual([]);
  const next = await world.run('version: 0.2\nphases: {build: {commands: [echo fine]}}\n');
  expect(next.buildStatus).toBe('SUCCEEDED');
});

it('a server killed in a build: the build goes on, and its result and output reach the next server', async () => {
  await world.startProcess();
  const { id, go } = await waiting();
  await world.stop();
  go();
  await world.startProcess();
  const build = await world.ended(id);
  expect(build.buildStatus).toBe('SUCCEEDED');
  expect(outputOf(await world.log(build))).toBe('waiting\nwent on\n');
  expect(left()).toEqual([]);
});

it('server and runner killed in a build: the next server says so', async () => {
  await world.startProcess();
  const { id, runner } = await waiting();
  await world.stop();
  process.kill(runner, 'SIGKILL');
  await world.startProcess();
  const build = await world.ended(id);
  expect(build.buildStatus).toBe('FAULT');
  expect(left()).toEqual([]);
});

it('a server that stops in order takes its runner and builds along, and the build has ended as a fault', async () => {
  await world.start();
  const { id, runner } = await waiting();
  await world.stop();
  expect(left()).toEqual([]);
  expect(existsSync(`/proc/${runner}`)).toBe(false);
  await world.start();
  const build = await world.get(id);
  expect(build.buildStatus).toBe('FAULT');
  expect(phasesOf(build).slice(6)).toEqual(['BUILD FAULT', 'FINALIZING SUCCEEDED', 'COMPLETED']);
});
