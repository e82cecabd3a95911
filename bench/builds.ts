/**
 * From StartBuild to the first line of the first command on the process runtime, beside the bare spawn of a shell that writes one; and
 * what the server and its runner take of the machine while 20 builds run at once. Run: npm run build && node tools/run.mjs bench/builds.ts
 */
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { BatchGetBuildsCommand } from '@aws-sdk/client-codebuild';
import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { BuildServer } from '../test/support/builds.ts';

const ROUNDS = 30;
const now = (): number => performance.timeOrigin + performance.now();
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Milliseconds from the call to the instant that bash writes. */
async function bare(): Promise<number> {
  const began = now();
  const child = spawn('bash', ['-c', 'echo "$EPOCHREALTIME"'], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  for await (const chunk of child.stdout) text += String(chunk);
  return Number(text) * 1000 - began;
}

async function firstLine(world: BuildServer, project: string): Promise<number> {
  const began = now();
  const { id } = await world.begin(project);
  const { logs } = await world.ended(id!);
  const place = { logGroupName: logs!.groupName, logStreamName: logs!.streamName, startFromHead: true };
  const { events = [] } = await world.logs.send(new GetLogEventsCommand(place));
  const line = events.find(({ message = '' }) => /^\d+\.\d+\n?$/.test(message))!.message!;
  return Number(line) * 1000 - began;
}

/** Seconds of processor time of a process without its children. */
function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Seconds that all processors were busy. */
function busySeconds(): number {
  const [user, nice, system, , , irq, soft] = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.split(/\s+/).slice(1).map(Number);
  return (user! + nice! + system! + irq! + soft!) / 100;
}

/** Node programs whose parent this is. */
function childrenOf(parent: number): readonly number[] {
  const isOurs = (name: string): boolean => {
    try {
      const ppid = Number(readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]!.split(' ')[1]);
      return ppid === parent && /^\S*node\0/.test(readFileSync(`/proc/${name}/cmdline`, 'utf8'));
    } catch {
      // It ended meanwhile.
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isOurs(name))
    .map(Number);
}

async function first(): Promise<void> {
  const world = new BuildServer();
  await world.start();
  try {
    const project = await world.project('version: 0.2\nphases: {build: {commands: [\'echo "$EPOCHREALTIME"\']}}\n');
    const [alone, ours]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS + 3; round++) {
      const [a, b] = [await bare(), await firstLine(world, project)];
      if (round < 3) continue;
      alone.push(a);
      ours.push(b);
    }
    const [floor, line] = [median(alone), median(ours)];
    console.log(
      `first line after StartBuild   ${line.toFixed(1)} ms   ${(line - floor).toFixed(1)} ms over the bare spawn (${floor.toFixed(1)} ms)`,
    );
  } finally {
    await world.end();
  }
}

/** Builds that work: each is a second or so of a processor. */
async function twenty(): Promise<void> {
  const world = new BuildServer();
  await world.startProcess();
  try {
    const work = 'i=0; while [ $i -lt 150000 ]; do i=$((i+1)); [ $((i % 500)) -eq 0 ] && echo "line $i"; done; true';
    const project = await world.project(JSON.stringify({ version: '0.2', phases: { build: { commands: [work] } } }));
    const servers = childrenOf(process.pid);
    const own = [...servers, ...servers.flatMap(childrenOf)];
    if (own.length !== 2) throw new Error(`a server and its runner were expected, not ${own.length} programs`);
    const before = own.map(processorSeconds);
    const [busy, began] = [busySeconds(), now()];
    const builds = await Promise.all(Array.from({ length: 20 }, () => world.begin(project)));
    // Seldom: asking is work too.
    const ids = builds.map(({ id }) => id!);
    for (let left = ids; left.length > 0;) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      const { builds: found = [] } = await world.codebuild.send(new BatchGetBuildsCommand({ ids: left }));
      const failed = found.find(({ buildComplete, buildStatus }) => buildComplete === true && buildStatus !== 'SUCCEEDED');
      if (failed) throw new Error(`a build ended as ${failed.buildStatus}`);
      left = found.flatMap(({ id, buildComplete }) => (buildComplete === true ? [] : [id!]));
    }
    const [server = 0, runner = 0] = own.map((pid, index) => processorSeconds(pid) - before[index]!);
    const all = busySeconds() - busy;
    console.log(
      `20 builds at once   ${((now() - began) / 1000).toFixed(1)} s   server ${server.toFixed(1)} s and runner ${runner.toFixed(1)} s of ${all.toFixed(1)} s processor time: ${((100 * (server + runner)) / all).toFixed(0)} %`,
    );
  } finally {
    await world.end();
  }
}

await first();
await twenty();
