import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { pidsWithArguments } from '../support/pids.ts';
import { outputOf } from '../support/builds.ts';
import { ContainerServer, failureOf } from '../support/container-server.ts';
import { eachEngine } from '../support/each-engine.ts';

const LASTING = ['(setsid sleep 300 &) ; echo up; sleep 300'];

await eachEngine((engine) => {
  const world = new ContainerServer(engine);
  beforeAll(async () => {
    world.enter();
    await world.startProcess();
  });
  afterAll(() => world.end());

  const nothingIsLeft = async (): Promise<void> => {
    await world.emptied();
    const folder = join(world.data, 'work', 'containers');
    while (readdirSync(folder).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  it('ends a build whose container somebody else has ended, with the truth', async () => {
    const id = await world.beginInImage(LASTING);
    await world.says(id, 'up\n');
    await engine.client.json('DELETE', `/containers/pipewright-${id.split(':')[1]}?force=1`);
    const build = await world.ended(id);
    expect(build.buildStatus).toBe('FAULT');
    expect(failureOf(build)).toMatchObject({ phaseType: 'BUILD', phaseStatus: 'FAULT' });
    expect(failureOf(build)!.contexts![0]!.message).toMatch(/^Build container (died|was removed) before the build was complete/);
    expect(outputOf(await world.log(build))).toBe('up\n');
    await nothingIsLeft();
  });

  it('ends its builds when the server and the runner are killed, and removes their containers at the next start', async () => {
    const id = await world.beginInImage(LASTING);
    await world.says(id, 'up\n');
    await world.stop();
    for (const pid of pidsWithArguments(join(world.data, 'work', 'runner.sock'))) process.kill(pid, 'SIGKILL');
    expect((await engine.containers()).length).toBe(1);
    await world.startProcess();
    const build = await world.ended(id);
    expect(build.buildStatus).toBe('FAULT');
    expect(outputOf(await world.log(build))).toBe('up\n');
    await nothingIsLeft();
  });

  it('ends its builds when the runner alone is killed', async () => {
    const id = await world.beginInImage(LASTING);
    await world.says(id, 'up\n');
    for (const pid of pidsWithArguments(join(world.data, 'work', 'runner.sock'))) process.kill(pid, 'SIGKILL');
    expect((await world.ended(id)).buildStatus).toBe('FAULT');
    await nothingIsLeft();
    expect((await world.inImage(['true'])).buildStatus).toBe('SUCCEEDED');
  });

  it('ends its builds when the engine is killed, and removes their containers once it is back', async () => {
    const id = await world.beginInImage(LASTING);
    await world.says(id, 'up\n');
    await engine.kill9();
    const build = engine.name === 'docker' ? await world.ended(id) : undefined;
    const other = await world.inImage(['true']);
    expect(failureOf(other)).toMatchObject({ phaseType: 'PROVISIONING', phaseStatus: 'FAULT' });
    expect(failureOf(other)!.contexts![0]!.message).toContain('no container engine answers');
    await engine.up();
    const ended = build ?? (await world.ended(id));
    expect(ended.buildStatus).toBe('FAULT');
    expect(failureOf(ended)!.contexts![0]!.message).toContain('The container engine went away');
    await nothingIsLeft();
    expect((await world.inImage(['true'])).buildStatus).toBe('SUCCEEDED');
  });
});
