/**
 * From StartBuild to the first line of the first command, in containers of Docker and of Podman, beside what the engine itself takes to
 * create and start the same container through its API in the same run, and beside its own command line; and with containers made ahead.
 * Where gitlab-ci-local is installed, beside a job of its in the same image.
 * Run as root on Linux, with the engines installed: npm run build && node tools/run.mjs bench/containers.ts
 */
import { execFileSync, spawn, type SpawnOptions } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
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

/** Milliseconds from a program's start to the word `first` in its output; undefined where there is no such program. */
function spoken(command: string, args: readonly string[], options: SpawnOptions): Promise<number | undefined> {
  const began = performance.now();
  const child = spawn(command, [...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let [took, text]: [number | undefined, string] = [undefined, ''];
  for (const stream of [child.stdout!, child.stderr!])
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (/^(\S+ *> *)?first$/m.test(stripVTControlCharacters(text))) took ??= performance.now() - began;
    });
  return new Promise((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => (error.code === 'ENOENT' ? resolve(undefined) : reject(error)));
    child.once('close', (code) => (code === 0 ? resolve(took) : reject(new Error(`ended with ${code}: ${text.trim().slice(-300)}`))));
  });
}

/** What people would run instead, by name. */
function peersOf(engine: TestEngine, folder: string): Readonly<Record<string, () => Promise<number | undefined>>> {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, DOCKER_HOST: engine.host };
  const run = ['run', '--rm', '--network', 'host', '--pull', 'never', '--entrypoint', '/bin/sh', BASH_IMAGE, '-c', 'echo first'];
  const remote = engine.name === 'podman' ? ['--remote', '--url', engine.host] : [];
  const own = { [`${engine.name} run`]: () => spoken(engine.name, [...remote, ...run], { env }) };
  if (engine.name !== 'docker') return own;
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: folder, stdio: 'ignore' });
  writeFileSync(join(folder, '.gitlab-ci.yml'), `job: {image: {name: '${BASH_IMAGE}', entrypoint: ['']}, script: ['echo first']}\n`);
  git('init', '--quiet');
  git('remote', 'add', 'origin', 'git@gitlab.com:group/project.git');
  git('add', '.');
  git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'a job');
  return { ...own, 'gitlab-ci-local': () => spoken('gitlab-ci-local', ['--pull-policy', 'if-not-present', 'job'], { cwd: folder, env }) };
}

async function peers(engine: TestEngine): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'pipewright-bench-'));
  try {
    for (const [name, run] of Object.entries(peersOf(engine, folder))) {
      try {
        const times: (number | undefined)[] = [];
        for (let round = 0; round <= ROUNDS; round++) times.push(await run());
        const known = times.slice(1).filter((took) => took !== undefined);
        console.log(known.length > 0 ? `${name}: first line ${median(known).toFixed(0)} ms` : `${name}: not installed`);
      } catch (error) {
        console.log(`${name}: ${(error as Error).message}`);
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
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
    await peers(engine);
  } finally {
    await engine.end();
  }
}
process.exit();
