/**
 * CodePipeline at size: 10,000 pipelines with 1,000,000 past executions (list and state calls, start-up), 200 pipelines of 10
 * parallel actions at once (how long a transition waits), a pipeline of 500 actions (how long the rules take to decide).
 * Run: node tools/run.mjs bench/scale.ts [PIPELINES EXECUTIONS]
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dummyProviders } from '../src/actions/dummy/index.ts';
import { dummyRule } from '../src/conditions/dummy/index.ts';
import { Committer } from '../src/engine/committer.ts';
import { createEngine } from '../src/engine/engine.ts';
import { createEventLog } from '../src/engine/event-log.ts';
import { engineMigrations } from '../src/engine/tables.ts';
import { systemClock } from '../src/kernel/clock.ts';
import { randomIds } from '../src/kernel/ids.ts';
import { silentLogger } from '../src/kernel/log.ts';
import { write, type Database, type Write } from '../src/ports/database.ts';
import type { CallContext } from '../src/protocol/context.ts';
import type { ActionDeclaration, PipelineDeclaration } from '../src/services/codepipeline/api.gen.ts';
import { createCodePipeline } from '../src/services/codepipeline/index.ts';
import type { ActionJob, ActionProvider, Progress } from '../src/services/codepipeline/provider.ts';
import { fixedCatalogue } from '../src/services/codepipeline/rules/catalogue.ts';
import { decide } from '../src/services/codepipeline/rules/decide.ts';
import { evolve } from '../src/services/codepipeline/rules/evolve.ts';
import type { PipelineEvent } from '../src/services/codepipeline/rules/events.ts';
import { emptyPipeline } from '../src/services/codepipeline/rules/state.ts';
import { migrations, sql } from '../src/services/codepipeline/tables.ts';
import { openSqlite } from '../src/store/sqlite/index.ts';

const [ACCOUNT, REGION] = ['000000000000', 'us-east-1'];
const context: CallContext = {
  principal: { kind: 'root', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, id: ACCOUNT },
  account: ACCOUNT,
  region: REGION,
  requestId: 'bench',
  signal: new AbortController().signal,
  endpoint: 'http://localhost',
};
const [clock, ids, log] = [systemClock, randomIds(systemClock), silentLogger];

function row(label: string, value: string): void {
  process.stdout.write(`${label.padEnd(64)} ${value}\n`);
}

function action(name: string, category: 'Source' | 'Build', runOrder: number, seconds = 0): ActionDeclaration {
  return {
    name,
    actionTypeId: { category, owner: 'Custom', provider: 'Dummy', version: '1' },
    runOrder,
    configuration: { Seconds: seconds.toFixed(3) },
  };
}

function pipeline(name: string, stages: readonly (readonly ActionDeclaration[])[]): PipelineDeclaration {
  const all = [[action('Src', 'Source', 1)], ...stages].map((actions, index) => ({ name: `Stage${index}`, actions }));
  return { name, roleArn: `arn:aws:iam::${ACCOUNT}:role/p`, artifactStore: { type: 'S3', location: 'bucket' }, stages: all };
}

/** When each stage's first action was asked to start, and when its last one answered, by `pipeline/stage`. */
type Marks = Map<string, { asked: number; answered: number }>;

function marking(marks: Marks): readonly ActionProvider[] {
  const answered = ({ pipeline: { name }, stage }: ActionJob, progress: Progress): Progress => {
    if (progress.kind !== 'running') marks.get(`${name}/${stage}`)!.answered = performance.now();
    return progress;
  };
  return dummyProviders().map((provider) => ({
    ...provider,
    async start(job, tools) {
      const key = `${job.pipeline.name}/${job.stage}`;
      if (!marks.has(key)) marks.set(key, { asked: performance.now(), answered: 0 });
      return answered(job, await provider.start(job, tools));
    },
    poll: async (job, ref, tools) => answered(job, await provider.poll(job, ref, tools)),
  }));
}

function open(database: Database, providers: readonly ActionProvider[] = dummyProviders()) {
  const commits = new Committer(database);
  const bus = createEventLog(database, commits);
  const engine = createEngine({ reader: database, commits, clock, ids, log });
  const aws = { as: () => ({}) as never };
  const tools = { db: database, commits, bus, clock, ids, log, engine, aws, providers, rules: [dummyRule()] };
  const service = createCodePipeline(tools);
  const start = async (): Promise<number> => {
    const before = performance.now();
    await engine.start();
    await service.start!();
    return performance.now() - before;
  };
  const stop = async (): Promise<void> => {
    engine.close();
    await service.stop!();
    await commits.drained();
  };
  return { commits, bus, service, api: service.operations, start, stop };
}

type World = ReturnType<typeof open>;

/** What so many finished executions of a pipeline leave in the tables: as the service wrote the first one. */
async function fill({ commits }: World, database: Database, names: readonly string[], executions: number): Promise<void> {
  const key = [ACCOUNT, REGION];
  const { data } = (await database.get<{ data: string }>(sql.executionsBefore, ...key, names[0]!, '~', 1))!;
  const detail = (await database.get<{ data: string }>(sql.actionsBefore, ...key, names[0]!, '~', 1))!.data;
  const each = Math.round(executions / names.length);
  for (let from = 0; from < names.length; from += 20) {
    const unit: Write[] = [];
    for (const name of names.slice(from, from + 20)) {
      for (let n = 0; n < each; n++) {
        const [id, run] = [ids.uuid(), ids.uuid()];
        unit.push(write(sql.upsertExecution, [...key, name, id, 'Succeeded', clock.now(), JSON.stringify({ ...JSON.parse(data), id })]));
        unit.push(
          write(sql.upsertAction, [
            ...key,
            name,
            run,
            id,
            clock.now(),
            JSON.stringify({ ...JSON.parse(detail), actionExecutionId: run, pipelineExecutionId: id }),
          ]),
        );
      }
    }
    await commits.commit(unit);
  }
}

async function percentile99(calls: number, call: (n: number) => Promise<unknown>): Promise<string> {
  const times: number[] = [];
  for (let n = 0; n < calls; n++) {
    const start = performance.now();
    await call(n);
    times.push(performance.now() - start);
  }
  const sorted = times.toSorted((a, b) => a - b);
  return `median ${sorted[calls >> 1]!.toFixed(2)} ms, 99th percentile ${sorted[Math.floor(calls * 0.99)]!.toFixed(2)} ms`;
}

async function size(database: Database, pipelines: number, executions: number): Promise<void> {
  const empty = open(database);
  const started = await empty.start();
  const names = Array.from({ length: pipelines }, (_, n) => `pipeline-${String(n).padStart(5, '0')}`);
  for (const name of names) await empty.api.createPipeline!({ pipeline: pipeline(name, [[action('Build', 'Build', 1)]]) }, context);
  await empty.api.startPipelineExecution!({ name: names[0]! }, context);
  await succeeded(empty, 1);
  await fill(empty, database, names, executions);
  await empty.stop();
  const full = open(database);
  row(
    `${pipelines} pipelines, ${executions} executions: start-up`,
    `${(await full.start()).toFixed(0)} ms, with none ${started.toFixed(0)} ms`,
  );
  const { api } = full;
  const some = (n: number) => names[(n * 7919) % names.length]!;
  row('  ListPipelines (1000 a page)', await percentile99(200, () => api.listPipelines!({}, context)));
  row('  ListPipelineExecutions (100)', await percentile99(500, (n) => api.listPipelineExecutions!({ pipelineName: some(n) }, context)));
  row('  ListActionExecutions (100)', await percentile99(500, (n) => api.listActionExecutions!({ pipelineName: some(n) }, context)));
  row('  GetPipelineState', await percentile99(2000, (n) => api.getPipelineState!({ name: some(n) }, context)));
  row('  GetPipeline', await percentile99(2000, (n) => api.getPipeline!({ name: some(n) }, context)));
  await full.stop();
}

/** Waits until so many executions have succeeded. */
function succeeded({ bus }: World, count: number): Promise<void> {
  let [cursor, seen] = [0, 0];
  return new Promise<void>((resolve) => {
    const read = async (): Promise<void> => {
      for (const { position, detailType, detail } of await bus.read(cursor, 10_000)) {
        if (position <= cursor) continue;
        cursor = position;
        if (detailType.startsWith('CodePipeline Pipeline') && detail.state === 'SUCCEEDED') seen++;
      }
      if (seen >= count) resolve();
    };
    bus.onAppend(() => void read());
    void read();
  });
}

/** `seconds`: how long the actions take, each its own part of it. */
async function burst(database: Database, pipelines: number, seconds: number): Promise<void> {
  const marks: Marks = new Map();
  const world = open(database, marking(marks));
  await world.start();
  const names = Array.from({ length: pipelines }, (_, n) => `burst-${seconds}-${n}`);
  const stage = (s: number, name: string) =>
    Array.from({ length: 10 }, (_, n) => action(`A${n}`, 'Build', 1, seconds * fraction(`${name}/${s}/${n}`)));
  for (const name of names)
    await world.api.createPipeline!(
      {
        pipeline: pipeline(
          name,
          [0, 1, 2].map((s) => stage(s, name)),
        ),
      },
      context,
    );
  const start = performance.now();
  const ended = succeeded(world, pipelines);
  await Promise.all(names.map((name) => world.api.startPipelineExecution!({ name }, context)));
  await ended;
  const total = performance.now() - start;
  const waits = names.flatMap((name) =>
    [1, 2].map((s) => marks.get(`${name}/Stage${s + 1}`)!.asked - marks.get(`${name}/Stage${s}`)!.answered),
  );
  const sorted = waits.toSorted((a, b) => a - b);
  row(`${pipelines} pipelines of 3 × 10 parallel actions of up to ${seconds} s`, `${total.toFixed(0)} ms`);
  const [median, longest] = [sorted[sorted.length >> 1]!, sorted.at(-1)!];
  row("  from a stage's last result to the next one's first action", `median ${median.toFixed(1)} ms, longest ${longest.toFixed(1)} ms`);
  await world.stop();
}

/** A number between 0 and 1 that is always the same for the same text. */
function fraction(text: string): number {
  return createHash('sha256').update(text).digest().readUInt32BE() / 2 ** 32;
}

/** The rules alone: every step of a pipeline of 500 actions in a row of 50 stages. */
function decisions(): void {
  const actions = fixedCatalogue(dummyProviders());
  const catalogues = { actions, rules: fixedCatalogue([dummyRule()]) };
  const stages = Array.from({ length: 49 }, (_, s) =>
    Array.from({ length: s === 48 ? 19 : 10 }, (_, n) => action(`A${s}-${n}`, 'Build', n + 1)),
  );
  const declaration = { ...pipeline('long', stages), version: 1 };
  let state = evolve(emptyPipeline(`${ACCOUNT}/${REGION}/long`), { type: 'pipelineCreated', declaration, at: 0 });
  const begin = {
    executionId: ids.uuid(),
    version: 1,
    trigger: { type: 'StartPipelineExecution', detail: '' },
    variables: {},
    overrides: [],
  } as const;
  const apply = (events: readonly PipelineEvent[]): void => {
    for (const event of events) state = evolve(state, event);
  };
  apply([{ type: 'executionStarted', ...begin, stage: 'Stage0', at: 0 }]);
  const times: number[] = [];
  while (Object.keys(state.executions).length > 0) {
    const start = performance.now();
    for (let events = decide(state, { now: 0, id: () => ids.uuid() }, catalogues); events.length > 0;) {
      apply(events);
      events = decide(state, { now: 0, id: () => ids.uuid() }, catalogues);
    }
    times.push(performance.now() - start);
    const execution = Object.values(state.executions)[0];
    if (!execution) break;
    const run = Object.values(execution.passage.runs).find(({ status }) => status === 'InProgress')!;
    const place = { executionId: execution.id, stage: execution.stage, action: run.action };
    apply([{ type: 'actionSucceeded', ...place, variables: {}, at: 0 }]);
  }
  const sorted = times.toSorted((a, b) => a - b);
  row(
    `500 actions: ${times.length} decisions`,
    `median ${sorted[times.length >> 1]!.toFixed(3)} ms, longest ${sorted.at(-1)!.toFixed(2)} ms`,
  );
}

async function main(): Promise<void> {
  const [pipelines = 10_000, executions = 1_000_000] = process.argv.slice(2).map(Number);
  const dir = mkdtempSync(join(tmpdir(), 'bench-scale-'));
  // The engine's own timer keeps no process alive.
  const alive = setInterval(() => {}, 1_000);
  try {
    decisions();
    const measures = {
      spread: (database: Database) => burst(database, 200, 2),
      burst: (database: Database) => burst(database, 200, 0),
      size: (database: Database) => size(database, pipelines, executions),
    };
    for (const [name, measure] of Object.entries(measures)) {
      const database = openSqlite({ path: join(dir, `${name}.db`) });
      await database.migrate([
        { owner: 'engine', migrations: engineMigrations },
        { owner: 'codepipeline', migrations },
      ]);
      await measure(database);
      await database.close();
    }
  } finally {
    clearInterval(alive);
    rmSync(dir, { recursive: true });
  }
}

await main();
