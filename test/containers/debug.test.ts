import { StartSandboxConnectionCommand, StopSandboxCommand } from '@aws-sdk/client-codebuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { outputOf } from '../support/builds.ts';
import { ContainerServer } from '../support/container-server.ts';
import { DataChannelClient } from '../support/data-channel.ts';
import { cli, typing } from '../support/debugging.ts';
import { eachEngine } from '../support/each-engine.ts';
import { BASH_IMAGE, SH_IMAGE } from '../support/engine-images.ts';
import { runningSandbox } from '../support/sandboxes.ts';

await eachEngine((engine) => {
  const world = new ContainerServer(engine);
  beforeAll(async () => {
    world.enter();
    await world.start();
  });
  afterAll(() => world.end());

  it('opens a shell in the container of a build that is paused at a breakpoint', async () => {
    const commands = ['echo installed > /usr/bin/tool; cd /etc; export X="it is"', 'codebuild-breakpoint', 'cat /made'];
    const id = await world.beginInImage(commands, BASH_IMAGE, { debugSessionEnabled: true });
    await world.says(id, 'paused at a breakpoint');
    const shell = typing(world, 'debug', id);
    shell.type('echo "<$X> $PWD $(id -u) $OF_IMAGE"; cat /usr/bin/tool; test -t 0 && echo a-$((1+1))-terminal; echo mended > /made\n');
    await shell.prints(/<it is> \/etc 0 yes\r\ninstalled\r\na-2-terminal\r\n/);
    shell.type('codebuild-resume; exit 0\n');
    expect((await shell.closed).code).toBe(0);
    const build = await world.ended(id);
    expect(outputOf(await world.log(build))).toBe('mended\n');
    expect(build.buildStatus).toBe('SUCCEEDED');
  });

  it('holds a command that fails in an image without bash until it is mended', async () => {
    const input = { debugSessionEnabled: true, environmentVariablesOverride: [{ name: 'PIPEWRIGHT_BREAK_ON', value: 'failure' }] };
    const id = await world.beginInImage(['export X=1; mkdir /work; cd /work', 'cat made'], SH_IMAGE, input);
    await world.says(id, 'a command failed');
    const shell = typing(world, 'debug', id);
    shell.type('echo "<$X> $PWD"; echo mended > made; exit\n');
    await shell.prints(/<1> \/work\r\n/);
    expect((await shell.closed).code).toBe(0);
    expect(await cli(world, 'debug', id, '--retry')).toMatchObject({ code: 0 });
    const build = await world.ended(id);
    expect(build.buildStatus).toBe('SUCCEEDED');
    expect(outputOf(await world.log(build))).toContain('mended\n');
  });

  it.each([BASH_IMAGE, SH_IMAGE])('opens a shell in the container of a sandbox: %s', async (image) => {
    const sandboxId = await runningSandbox(world, image);
    const { ssmSession } = await world.codebuild.send(new StartSandboxConnectionCommand({ sandboxId }));
    const client = await DataChannelClient.connect({ url: ssmSession!.streamUrl!, token: ssmSession!.tokenValue!, columns: 91, rows: 33 });
    client.type('echo "<$GREETING> $(id -u)"; test -t 0 && echo a-$((1+1))-terminal\n');
    await client.shows(/<hello> 0\r\na-2-terminal\r\n/);
    await world.codebuild.send(new StopSandboxCommand({ id: sandboxId }));
    await client.closed;
    expect(client.farewell).toBe('What the shell ran in has ended.');
    await world.emptied();
  });
});
