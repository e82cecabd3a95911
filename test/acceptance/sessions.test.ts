import {
  BatchGetSandboxesCommand,
  StartCommandExecutionCommand,
  StartSandboxCommand,
  StartSandboxConnectionCommand,
  StopSandboxCommand,
} from '@aws-sdk/client-codebuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuildServer } from '../support/builds.ts';
import { DataChannelClient } from '../support/data-channel.ts';

const world = new BuildServer();
beforeAll(() => world.start());
afterAll(() => world.end());

async function sandbox(): Promise<string> {
  const projectName = await world.project('version: 0.2\nphases: { build: { commands: ["true"] } }\n', {
    environment: {
      type: 'LINUX_CONTAINER',
      image: 'host',
      computeType: 'BUILD_GENERAL1_SMALL',
      environmentVariables: [{ name: 'GREETING', value: 'hello' }],
    },
  });
  const { sandbox: started } = await world.codebuild.send(new StartSandboxCommand({ projectName }));
  for (;;) {
    const { sandboxes } = await world.codebuild.send(new BatchGetSandboxesCommand({ ids: [started!.id!] }));
    if (sandboxes![0]!.status === 'RUN_SANDBOX') return started!.id!;
    if (sandboxes![0]!.endTime) throw new Error(`the sandbox is ${sandboxes![0]!.status}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

async function connect(sandboxId: string): Promise<{ url: string; token: string; sessionId: string }> {
  const { ssmSession } = await world.codebuild.send(new StartSandboxConnectionCommand({ sandboxId }));
  return { url: ssmSession!.streamUrl!, token: ssmSession!.tokenValue!, sessionId: ssmSession!.sessionId! };
}

describe('StartSandboxConnection', () => {
  it('opens a shell in the sandbox: typing, its size, its end', async () => {
    const id = await sandbox();
    const client = await DataChannelClient.connect({ ...(await connect(id)), columns: 91, rows: 33 });
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
    await world.codebuild.send(new StopSandboxCommand({ id }));
  });
});
