import { BatchGetSandboxesCommand, StartSandboxCommand } from '@aws-sdk/client-codebuild';
import type { BuildServer } from './builds.ts';

const SPEC = 'version: 0.2\nphases: { build: { commands: ["true"] } }\n';

/** The id of a sandbox that has just been started. */
export async function startedSandbox(world: BuildServer, image = 'host'): Promise<string> {
  const environmentVariables = [{ name: 'GREETING', value: 'hello' }];
  const environment = { type: 'LINUX_CONTAINER', image, computeType: 'BUILD_GENERAL1_SMALL', environmentVariables } as const;
  const projectName = await world.project(SPEC, { environment });
  const { sandbox } = await world.codebuild.send(new StartSandboxCommand({ projectName }));
  return sandbox!.id!;
}

/** The id of a sandbox that takes commands and connections. */
export async function runningSandbox(world: BuildServer, image?: string): Promise<string> {
  const id = await startedSandbox(world, image);
  for (;;) {
    const { sandboxes } = await world.codebuild.send(new BatchGetSandboxesCommand({ ids: [id] }));
    const { status, endTime } = sandboxes![0]!;
    if (status === 'RUN_SANDBOX') return id;
    if (endTime) throw new Error(`the sandbox is ${status}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
