/**
 * From StartBuild to the first line of the first command, in containers of Docker and of Podman, beside what the engine itself takes to
 * create and start the same container through its API in the same run; and with containers made ahead.
 * Run as root on Linux, with the engines installed: npm run build && node tools/run.mjs bench/containers.ts
 */
import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { containerSpec } from '../src/runtimes/docker/container-spec.ts';
import { findEngine, type Engine } from '../src/runtimes/docker/engine/find.ts';
import { ContainerServer } from '../test/support/container-server.ts';
import { BASH_IMAGE } from '../test/support/engine-images.ts';
import { engineMissing, TestEngine } from '../test/support/engines.ts';

const ROUNDS = 15;

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Milliseconds of create and start alone; the removal is not counted. */
async function bare({ client, info }: Engine): Promise<number> {
  const wish = { id: 'bench', owner: 'bench', image: BASH_IMAGE, computeType: 'BUILD_GENERAL1_SMALL', privileged: false, network: 'host' };
  const body = containerSpec({ ...wish, workspace: '/tmp', socketPath: client.socketPath, command: ['/bin/sh', '-c', 'echo first'] }, info);
  const began = performance.now();
  const { Id } = await client.json<{ Id: string }>('POST', '/containers/create', { body });
  await client.json('POST', `/containers/${Id}/start`);
  const took = performance.now() - began;
  // Podman refuses to remove a container in the moment of its end.
  await client.json('POST', `/containers/${Id}/wait`);
  await client.json('DELETE', `/containers/${Id}?force=1&v=1`);
  return took;
}

/** Milliseconds from the call to the line's time stamp in the log. */
async function build(world: ContainerServer, project: string): Promise<number> {
  const began = Date.now();
  const { id } = await world.begin(project);
  const { logs } = await world.ended(id!);
  const { events = [] } = await world.logs.send(
    new GetLogEventsCommand({ logGroupName: logs!.groupName, logStreamName: logs!.streamName, startFromHead: true }),
  );
  return events.find(({ message = '' }) => message.startsWith('first'))!.timestamp! - began;
}

async function measure(engine: TestEngine, warm: number): Promise<void> {
  const world = new ContainerServer(engine);
  world.enter({ PIPEWRIGHT_WARM_CONTAINERS: String(warm) });
  await world.start();
  try {
    const found = await findEngine({ DOCKER_HOST: engine.host, XDG_RUNTIME_DIR: undefined });
    const environment = { type: 'LINUX_CONTAINER', image: BASH_IMAGE, computeType: 'BUILD_GENERAL1_SMALL' } as const;
    const project = await world.project('version: 0.2\nphases: {build: {commands: [echo first]}}\n', { environment });
    const [alone, ours]: [number[], number[]] = [[], []];
    for (let round = 0; round <= ROUNDS; round++) {
      const [a, b] = [await bare(found), await build(world, project)];
      if (warm > 0) while (!(await ready(engine))) await new Promise((resolve) => setTimeout(resolve, 10));
      // The first round warms up.
      if (round === 0) continue;
      alone.push(a);
      ours.push(b);
    }
    const [engineMs, buildMs] = [median(alone), median(ours)];
    console.log(
      `${engine.name.padEnd(7)} warm ${warm}   engine's create+start ${engineMs.toFixed(0).padStart(4)} ms   first line ${buildMs.toFixed(0).padStart(4)} ms   ${(buildMs / engineMs).toFixed(2)} x`,
    );
  } finally {
    await world.end();
  }
}

/** One container waits, and runs. */
async function ready(engine: TestEngine): Promise<boolean> {
  const { client } = engine;
  const states = await client.json<{ State: string }[]>('GET', '/v1.40/containers/json?all=1');
  return states.length === 1 && states[0]!.State === 'running';
}

for (const name of ['docker', 'podman'] as const) {
  const missing = engineMissing(name);
  if (missing !== undefined) {
    console.log(`${name}: ${missing}`);
    continue;
  }
  const engine = await TestEngine.start(name);
  try {
    for (const warm of [0, 1]) await measure(engine, warm);
  } finally {
    await engine.end();
  }
}
process.exit();
