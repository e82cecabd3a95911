import {
  BatchGetCommandExecutionsCommand,
  StartCommandExecutionCommand,
  StartSandboxConnectionCommand,
  StopSandboxCommand,
} from '@aws-sdk/client-codebuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuildServer } from '../support/builds.ts';
import { DataChannelClient } from '../support/data-channel.ts';
import { runningSandbox, startedSandbox } from '../support/sandboxes.ts';

const world = new BuildServer();
beforeAll(() => world.start());
afterAll(() => world.end());

const stop = (id: string) => world.codebuild.send(new StopSandboxCommand({ id }));

async function connection(sandboxId: string): Promise<{ url: string; token: string }> {
  const { ssmSession } = await world.codebuild.send(new StartSandboxConnectionCommand({ sandboxId }));
  return { url: ssmSession!.streamUrl!, token: ssmSession!.tokenValue! };
}

describe('StartSandboxConnection', () => {
  it('opens a shell in the sandbox: typing, its size, its end', async () => {
    const id = await runningSandbox(world);
    const client = await DataChannelClient.connect({ ...(await connection(id)), columns: 91, rows: 33 });
    client.type('echo "<$GREETING>" $((40+2)); stty size\n');
    await client.shows(/<hello> 42\r\n33 91\r\n/);
    client.resize(120, 41);
    client.type('until [ "$(stty size)" = "41 120" ]; do sleep 0.05; done; echo resi""zed; pwd\n');
    await client.shows(/resized\r\n.*\/src/);
    client.typeOutOfOrder('echo in ', 'or""der\n');
    await client.shows(/in order\r\n/);
    client.type('exit\n');
    expect(await client.closed).toBe(1000);
    expect(client.farewell).toBe('');
    await stop(id);
  });

  it('interrupts, and sends again what was not acknowledged', async () => {
    const id = await runningSandbox(world);
    const client = await DataChannelClient.connect({ ...(await connection(id)), handshake: true });
    await client.shows(/\[sandbox\] /);
    client.type('echo be""gun; sleep 1000\n');
    await client.shows(/begun\r\n/);
    client.type('\x03');
    client.type('echo a""live $?\n');
    await client.shows(/alive 130\r\n/);
    client.acknowledging = false;
    client.type('echo un""heard\n');
    await client.shows(/unheard\r\n/);
    const before = client.sequences.length;
    await expect.poll(() => client.sequences.length).toBeGreaterThan(before);
    client.acknowledging = true;
    client.type('exit\n');
    await client.closed;
    expect(client.farewell).toBe('');
    await stop(id);
  });

  it('shares the files of the sandbox with its commands, under the same user', async () => {
    const id = await runningSandbox(world);
    const client = await DataChannelClient.connect(await connection(id));
    client.type('echo "$(id -u)" > left; echo writ""ten\n');
    await client.shows(/written\r\n/);
    const command = 'cat left; id -u';
    const { commandExecution } = await world.codebuild.send(new StartCommandExecutionCommand({ sandboxId: id, command }));
    const commandExecutionIds = [commandExecution!.id!];
    const answer = async () => {
      const { commandExecutions } = await world.codebuild.send(
        new BatchGetCommandExecutionsCommand({ sandboxId: id, commandExecutionIds }),
      );
      return commandExecutions![0]!.standardOutputContent;
    };
    await expect.poll(answer).toMatch(/^(\d+)\n\1\n$/);
    await stop(id);
    await client.closed;
    expect(client.farewell).toBe('What the shell ran in has ended.');
  });

  it('ends the channel for bytes that are no message, and leaves the sandbox as it is', async () => {
    const id = await runningSandbox(world);
    const client = await DataChannelClient.connect(await connection(id));
    client.socket.send(Buffer.alloc(200, 0xff));
    await client.closed;
    expect(client.farewell).toBe("A message's header has 116 bytes, this one says 4294967295.");
    const next = await DataChannelClient.connect(await connection(id));
    next.type('echo st""ill\n');
    await next.shows(/still\r\n/);
    await stop(id);
  });

  it('writes a great deal without losing an end', async () => {
    const id = await runningSandbox(world);
    const client = await DataChannelClient.connect(await connection(id));
    client.type('seq 1 60000; echo the""end\n');
    await client.shows(/60000\r\ntheend\r\n/);
    expect(client.output.includes('\r\n12345\r\n12346\r\n')).toBe(true);
    await stop(id);
  });

  it('is refused for what is not there, or not yet, or no more', async () => {
    await expect(connection('project-1:none')).rejects.toThrow('Sandbox cannot be found: project-1:none');
    const id = await startedSandbox(world);
    await stop(id);
    // Its runner ends it in its own time.
    const refusal = () => connection(id).catch((error: Error) => `${error.name}: ${error.message}`);
    await expect
      .poll(refusal, { timeout: 30_000 })
      .toBe(`InvalidInputException: Sandbox ${id} takes no connections: its status is STOPPED`);
  });
});
