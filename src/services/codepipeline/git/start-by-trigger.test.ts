import { afterEach, beforeEach, expect, it } from 'vitest';
import { testDatabase } from '../../../../test/support/database.ts';
import { Committer } from '../../../engine/committer.ts';
import { createEngine, type Engine } from '../../../engine/engine.ts';
import { createEventLog } from '../../../engine/event-log.ts';
import { engineMigrations } from '../../../engine/tables.ts';
import { ManualClock } from '../../../kernel/clock.ts';
import { gitEventDetail, GIT_EVENT_SOURCE, type GitPush } from '../../../kernel/git-event.ts';
import { randomIds } from '../../../kernel/ids.ts';
import { silentLogger } from '../../../kernel/log.ts';
import type { GitConnections } from '../../../ports/connections.ts';
import type { Git } from '../../../ports/git.ts';
import type { SecretBox } from '../../../ports/secrets.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { createCodePipeline, type CodePipeline } from '../index.ts';
import type { ActionProvider, ActionTypeId } from '../provider.ts';
import { migrations } from '../tables.ts';
import { decisionsOf } from './trigger-log.ts';
import { insertWork } from './work-queue.ts';

const PLACE = { account: '123456789012', region: 'us-east-1' };
const CONNECTION = 'arn:aws:codeconnections:us-east-1:123456789012:connection/c';
const context = {
  ...PLACE,
  principal: { kind: 'root', account: PLACE.account, arn: 'arn:aws:iam::123456789012:root', id: 'r' },
} as CallContext;

/** An action that takes its time for ever. */
const waits = (type: ActionTypeId): ActionProvider => ({
  type,
  settings: Object.fromEntries(
    ['ConnectionArn', 'FullRepositoryId', 'BranchName'].map((name) => [name, { required: false, type: 'String', description: `${name}.` }]),
  ),
  artifacts: { inputs: { min: 0, max: 1 }, outputs: { min: 0, max: 1 } },
  timeoutMinutes: 60,
  start: async (job) => ({ kind: 'running', ref: { id: job.id }, wakeOn: [] }),
  poll: async (job) => ({ kind: 'running', ref: { id: job.id }, wakeOn: [] }),
  async stop() {},
});
const source = waits({ category: 'Source', owner: 'AWS', provider: 'CodeStarSourceConnection', version: '1' });
const build = waits({ category: 'Build', owner: 'AWS', provider: 'Wait', version: '1' });
const connections: GitConnections = {
  repository: async () => ({ url: 'https://nowhere', access: {}, providerType: 'GitHub' }),
  report: async () => undefined,
  register: async () => undefined,
  deregister: async () => undefined,
};

let db: Awaited<ReturnType<typeof testDatabase>>;
let commits: Committer;
let engine: Engine;
let service: CodePipeline;
const clock = new ManualClock();
const ids = randomIds(clock);

async function boot(): Promise<void> {
  commits = new Committer(db);
  const bus = createEventLog(db, commits);
  const tools = { db, commits, bus, clock, ids, log: silentLogger };
  engine = createEngine({ reader: db, commits, clock, ids, log: silentLogger });
  const gitHosts = { git: {} as Git, connections, secrets: {} as SecretBox, endpoint: () => 'http://here' };
  service = createCodePipeline({ ...tools, engine, aws: { as: () => ({}) as never }, providers: [source, build], rules: [], gitHosts });
  await engine.start();
  await service.start!();
}

async function halt(): Promise<void> {
  engine.close();
  await service.stop!();
  await commits.drained();
}

const executions = async () =>
  (await service.operations.listPipelineExecutions!({ pipelineName: 'p' }, context)).pipelineExecutionSummaries ?? [];

/** Looks after every commit until there are so many decisions. */
async function decided(count: number) {
  for (;;) {
    const found = await decisionsOf(db, PLACE, 'p', 10);
    if (found.length >= count) return found;
    await new Promise((resolve) => setImmediate(resolve));
  }
}

beforeEach(async () => {
  db = await testDatabase([
    { owner: 'engine', migrations: engineMigrations },
    { owner: 'codepipeline', migrations },
  ]);
  await boot();
  await service.operations.createPipeline!(
    {
      pipeline: {
        name: 'p',
        roleArn: 'arn:aws:iam::123456789012:role/r',
        pipelineType: 'V2',
        artifactStore: { type: 'S3', location: 'bucket' },
        triggers: [{ providerType: 'CodeStarSourceConnection', gitConfiguration: { sourceActionName: 'Hub' } }],
        stages: [
          {
            name: 'Source',
            actions: [
              {
                name: 'Hub',
                actionTypeId: source.type,
                configuration: { ConnectionArn: CONNECTION, FullRepositoryId: 'a/b', BranchName: 'main' },
              },
            ],
          },
          { name: 'Build', actions: [{ name: 'Wait', actionTypeId: build.type }] },
        ],
      },
    },
    context,
  );
});
afterEach(async () => {
  await halt();
  await db.close();
});

it('an event that is worked on again, as after a crash, starts nothing twice', async () => {
  const before = (await executions()).length;
  const event: GitPush = { kind: 'push', ref: 'branch', name: 'main', repository: 'A/b', commit: 'c'.repeat(40) };
  const bus = createEventLog(db, commits);
  const detail = gitEventDetail(CONNECTION, event);
  const frame = { source: GIT_EVENT_SOURCE, detailType: 'Git Push', resources: [CONNECTION], detail, bus: 'default' };
  await commits.commit([bus.write({ ...PLACE, ...frame, id: 'e1', time: clock.now() })]);
  const [first] = await decided(1);
  expect(first).toMatchObject({ verdict: 'STARTED', source: 'Hub' });
  // The same work, as it stood before its end was written.
  const data = { arn: CONNECTION, event, id: 'e1', pipelineId: '123456789012/us-east-1/p', action: 'Hub' };
  await halt();
  await commits.commit([insertWork({ id: 'again', lane: 'again', seq: 1, kind: 'git-event', data }, clock.now())]);
  await boot();
  const [second] = await decided(2);
  expect(second).toMatchObject({ verdict: 'STARTED', executionId: first!.executionId });
  expect(await executions()).toHaveLength(before + 1);
});
