/**
 * Durable pipeline actions with the dummy provider, SQLite synchronous=FULL: one pipeline after the other, and 50 at once of
 * 10 actions each; beside the floor, a bare commit a step of the same machine in the same run.
 * Run: node tools/run.mjs bench/engine.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dummyProviders } from '../src/actions/dummy/index.ts';
import { Committer } from '../src/engine/committer.ts';
import { createEngine } from '../src/engine/engine.ts';
import { createEventLog } from '../src/engine/event-log.ts';
import { engineMigrations } from '../src/engine/tables.ts';
import { systemClock } from '../src/kernel/clock.ts';
import { randomIds } from '../src/kernel/ids.ts';
import { silentLogger } from '../src/kernel/log.ts';
import { statement, write } from '../src/ports/database.ts';
import type { CallContext } from '../src/protocol/context.ts';
import type { ActionDeclaration, PipelineDeclaration } from '../src/services/codepipeline/api.gen.ts';
import { createCodePipeline } from '../src/services/codepipeline/index.ts';
import { migrations } from '../src/services/codepipeline/tables.ts';
import { openSqlite } from '../src/store/sqlite/index.ts';

const ACTIONS = 10;
const context: CallContext = {
  principal: { kind: 'root', account: '000000000000', arn: 'arn:aws:iam::000000000000:root', id: '000000000000' },
  account: '000000000000',
  region: 'us-east-1',
  requestId: 'bench',
  signal: new AbortController().signal,
  endpoint: 'http://localhost',
};

function pipeline(name: string): PipelineDeclaration {
  const action = (index: number): ActionDeclaration => ({
    name: `A${index}`,
    actionTypeId: { category: index === 0 ? 'Source' : 'Build', owner: 'Custom', provider: 'Dummy', version: '1' },
    runOrder: Math.max(index, 1),
  });
  const [source, ...rest] = Array.from({ length: ACTIONS }, (_, index) => action(index));
  const stages = [
    { name: 'Source', actions: [source!] },
    { name: 'Build', actions: rest },
  ];
  return { name, roleArn: 'arn:aws:iam::000000000000:role/p', artifactStore: { type: 'S3', location: 'bucket' }, stages };
}

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'bench-engine-'));
  const database = openSqlite({ path: join(dir, 'bench.db') });
  await database.migrate([
    { owner: 'engine', migrations: engineMigrations },
    { owner: 'codepipeline', migrations },
    { owner: 'bench', migrations: [{ id: '1', sql: ['CREATE TABLE floor (id INTEGER PRIMARY KEY, data TEXT)'] }] },
  ]);
  const commits = new Committer(database);
  const bus = createEventLog(database, commits);
  const [clock, ids, log] = [systemClock, randomIds(systemClock), silentLogger];
  const engine = createEngine({ reader: database, commits, clock, ids, log });
  const aws = { as: () => ({}) as never };
  const service = createCodePipeline({ db: database, commits, bus, clock, ids, log, engine, aws, providers: dummyProviders(), rules: [] });
  await engine.start();
  await service.start!();

  const insert = statement('INSERT INTO floor (data) VALUES (?)');
  const floorPerSecond = async (steps: number): Promise<number> => {
    const start = performance.now();
    for (let i = 0; i < steps; i++) await commits.commit([write(insert, ['x'.repeat(200)])]);
    return (steps * 1000) / (performance.now() - start);
  };
  const ended = new Map<string, () => void>();
  bus.onAppend(() => void drain());
  let cursor = 0;
  const drain = async (): Promise<void> => {
    for (const event of await bus.read(cursor, 10_000)) {
      cursor = event.position;
      if (event.detailType.startsWith('CodePipeline Pipeline') && event.detail.state === 'SUCCEEDED')
        ended.get(event.detail['execution-id'] as string)?.();
    }
  };
  const run = async (name: string): Promise<void> => {
    const { pipelineExecutionId = '' } = await service.operations.startPipelineExecution!({ name }, context);
    await new Promise<void>((resolve) => ended.set(pipelineExecutionId, resolve));
    ended.delete(pipelineExecutionId);
  };
  const measure = async (pipelines: number, rounds: number): Promise<{ perSecond: number; cpuMs: number }> => {
    const names = Array.from({ length: pipelines }, (_, index) => `p${pipelines}-${index}`);
    for (const name of names) await service.operations.createPipeline!({ pipeline: pipeline(name) }, context);
    await Promise.all(names.map(run));
    const actions = pipelines * rounds * ACTIONS;
    const cpu = process.cpuUsage();
    const start = performance.now();
    for (let round = 0; round < rounds; round++) await Promise.all(names.map(run));
    const { user, system } = process.cpuUsage(cpu);
    return { perSecond: (actions * 1000) / (performance.now() - start), cpuMs: (user + system) / 1000 / actions };
  };

  const row = (label: string, value: string) => process.stdout.write(`${label.padEnd(52)} ${value}\n`);
  for (let round = 1; round <= 3; round++) {
    const floor = await floorPerSecond(2000);
    const one = await measure(1, 60);
    const fifty = await measure(50, 8);
    row(`run ${round}: floor, one bare commit after the other`, `${floor.toFixed(0)}/s`);
    row('  one pipeline, actions', `${one.perSecond.toFixed(0)}/s = ${(one.perSecond / floor).toFixed(2)} × floor`);
    row('  50 pipelines at once, actions', `${fifty.perSecond.toFixed(0)}/s, ${fifty.cpuMs.toFixed(3)} ms CPU an action`);
    for (const name of ['p1-0', ...Array.from({ length: 50 }, (_, index) => `p50-${index}`)])
      await service.operations.deletePipeline!({ name }, context);
  }
  engine.close();
  await service.stop!();
  await commits.drained();
  await database.close();
  rmSync(dir, { recursive: true });
}

await main();
