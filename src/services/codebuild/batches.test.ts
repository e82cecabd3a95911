import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareAll } from '../../../test/support/database.ts';
import type { Faults } from '../../kernel/fault.ts';
import { noFaults } from '../../kernel/fault.ts';
import type { Batchspec } from '../pipewright/api.gen.ts';
import type { BuildBatch, StartBuildBatchInput } from './api.gen.ts';
import { batchSql } from './batch-tables.ts';
import { Batches, RUNNER, task, TWO } from './testing/batches.ts';
import { context, refused } from './testing/world.ts';

const MINUTE = 60_000;

let world: Batches;
beforeEach(async () => {
  world = new Batches();
  await world.start();
});
afterEach(() => world.end());

it('every statement fits the schema', () => {
  expect(prepareAll(world.db, batchSql)).toBe(Object.keys(batchSql).length);
});

describe('a batch build', () => {
  it('reads the batchspec in a build of its own, knows its builds before they begin, and tells each of its place', async () => {
    await world.project('shown');
    const id = await world.begin('shown', { sourceVersion: 'v', environmentVariablesOverride: [{ name: 'A', value: '1' }] });
    const reader = await world.lease();
    expect(reader.batchPart).toEqual({ kind: 'BATCHSPEC', inputs: [] });
    await world.complete(reader.buildArn, 'SUCCEEDED', TWO);
    const a = await world.lease();
    const batch = await world.get(id);
    expect(batch.buildGroups!.map(({ currentBuildSummary: { arn, buildStatus } = {} }) => [arn, buildStatus])).toEqual([
      [reader.buildArn, 'SUCCEEDED'],
      [a.buildArn, 'IN_PROGRESS'],
      [expect.stringMatching(/:build\/shown:[0-9a-f-]{36}$/), 'PENDING'],
    ]);
    expect(a.builtinVariables).toContainEqual({ name: 'CODEBUILD_BATCH_BUILD_IDENTIFIER', value: 'a' });
    expect(a.variables).toContainEqual({ name: 'A', value: '1' });
    expect(a.batchPart).toBeUndefined();
    expect(batch).toMatchObject({
      id,
      arn: `arn:aws:codebuild:us-east-1:123456789012:build-batch/${id}`,
      sourceVersion: 'v',
      buildBatchNumber: 1,
      currentPhase: 'IN_PROGRESS',
      buildBatchConfig: {
        serviceRole: 'arn:aws:iam::123456789012:role/batches',
        restrictions: { maximumBuildsAllowed: 100 },
        timeoutInMins: 480,
      },
    });
    const { builds } = await world.call('batchGetBuilds', { ids: [a.buildArn] });
    expect(builds![0]!.buildBatchArn).toBe(batch.arn);
  });

  it('is the one that a token began', async () => {
    await world.project('token');
    const id = await world.begin('token', { idempotencyToken: 't' });
    expect(await world.begin('token', { idempotencyToken: 't' })).toBe(id);
    expect((await world.get(await world.begin('token'))).buildBatchNumber).toBe(2);
  });

  it('fails where the batchspec cannot be read, with the reason of the build that tried', async () => {
    await world.project('unreadable');
    const id = await world.begin('unreadable');
    const { buildArn } = await world.lease();
    const failed = { phaseType: 'DOWNLOAD_SOURCE', phaseStatus: 'FAILED', startTime: 1, endTime: 2 } as const;
    const phases = [{ ...failed, contexts: [{ statusCode: 'YAML_FILE_ERROR', message: 'no such file' }] }];
    await world.runner.completeBuild({ buildArn, epoch: 1, buildStatus: 'FAILED', phases }, context);
    const batch = await world.ended(id);
    expect(batch.phases![1]).toMatchObject({ phaseType: 'DOWNLOAD_BATCHSPEC', contexts: [{ message: 'no such file' }] });
  });

  it('does not trust a runner that tells of tasks that wait for each other', async () => {
    await world.project('liar');
    const id = await world.begin('liar');
    const tasks = [task('a', { dependsOn: ['b'] }), task('b', { dependsOn: ['a'] })];
    await world.complete((await world.lease()).buildArn, 'SUCCEEDED', { fastFail: false, tasks });
    expect((await world.ended(id)).phases![1]!.contexts![0]!.message).toContain('in a circle');
  });

  it('times out, ends its builds and says so', async () => {
    await world.project('slow', { serviceRole: 'batches', timeoutInMins: 5 });
    const id = await world.begin('slow');
    await world.complete((await world.lease()).buildArn, 'SUCCEEDED', TWO);
    const a = await world.lease();
    world.clock.advance(5 * MINUTE);
    // The runner lives all the while.
    await world.runner.heartbeat({ ...RUNNER, leases: [a] }, context);
    world.ring();
    const { stop } = await orders(a);
    expect(stop).toEqual([{ buildArn: a.buildArn, reason: 'STOPPED' }]);
    await world.runner.completeBuild({ buildArn: a.buildArn, epoch: 1, buildStatus: 'STOPPED', phases: [] }, context);
    const batch = await world.ended(id);
    expect(batch.buildBatchStatus).toBe('TIMED_OUT');
    expect(batch.phases!.slice(2).map(({ phaseType, phaseStatus }) => [phaseType, phaseStatus])).toEqual([
      ['IN_PROGRESS', 'TIMED_OUT'],
      ['FAILED', undefined],
    ]);
    expect(batch.buildGroups!.map(({ currentBuildSummary }) => currentBuildSummary!.buildStatus)).toEqual([
      'SUCCEEDED',
      'STOPPED',
      'STOPPED',
    ]);
  });

  /** What the runner is told of this lease, once there is something to tell. */
  async function orders(lease: { buildArn: string; epoch: number }) {
    for (let turn = 0; turn < 1000; turn++) {
      const told = await world.runner.heartbeat({ ...RUNNER, leases: [lease] }, context);
      if (told.stop!.length > 0) return told;
      await new Promise((resolve) => setImmediate(resolve));
    }
    throw new Error('nothing is told');
  }

  it('is stopped before its batchspec is read, and begins nothing', async () => {
    await world.project('early');
    const id = await world.begin('early');
    await world.call('stopBuildBatch', { id });
    expect((await world.ended(id)).buildBatchStatus).toBe('STOPPED');
    expect((await world.runner.leaseBuild(RUNNER, context)).job).toBeUndefined();
  });

  it('reads the batchspec again where that failed, when it is retried', async () => {
    await world.project('reread');
    const id = await world.begin('reread');
    await world.complete((await world.lease()).buildArn, 'FAILED');
    await world.ended(id);
    await world.call('retryBuildBatch', { id, retryType: 'RETRY_FAILED_BUILDS' });
    await world.complete((await world.lease()).buildArn, 'SUCCEEDED', { fastFail: false, tasks: [task('a')] });
    await world.complete((await world.lease()).buildArn, 'SUCCEEDED');
    const batch = await world.ended(id);
    expect(batch.buildBatchStatus).toBe('SUCCEEDED');
    expect(batch.buildGroups![0]!.priorBuildSummaryList).toMatchObject([{ buildStatus: 'FAILED' }]);
  });

  it('runs all its builds again where a retry says so, and counts its time anew', async () => {
    await world.project('again');
    const before = await world.ran('again', ['SUCCEEDED', 'FAILED']);
    expect(before.buildBatchStatus).toBe('FAILED');
    world.clock.advance(600 * MINUTE);
    await world.call('retryBuildBatch', { id: before.id!, retryType: 'RETRY_ALL_BUILDS' });
    for (const _ of TWO.tasks) await world.complete((await world.lease()).buildArn, 'SUCCEEDED');
    const after = await world.ended(before.id!);
    expect(after.buildBatchStatus).toBe('SUCCEEDED');
    expect(after.buildGroups!.map(({ priorBuildSummaryList = [] }) => priorBuildSummaryList.length)).toEqual([0, 1, 1]);
  });

  it('fails as a fault where its project is gone', async () => {
    await world.project('gone');
    const id = await world.begin('gone');
    const { buildArn } = await world.lease();
    await world.call('deleteProject', { name: 'gone' });
    await world.complete(buildArn, 'SUCCEEDED', TWO);
    const batch = await world.ended(id);
    expect(batch.buildBatchStatus).toBe('FAILED');
    expect(batch.buildGroups![1]!.currentBuildSummary!.buildStatus).toBe('FAULT');
  });
});

describe('the fleet of a task', () => {
  const fleet = async (name: string) => {
    const made = { baseCapacity: 1, environmentType: 'LINUX_CONTAINER', computeType: 'BUILD_GENERAL1_LARGE' } as const;
    return (await world.call('createFleet', { name, ...made })).fleet!.arn!;
  };

  it('may be told by its name: its build runs there', async () => {
    await world.project('fleets');
    const fleetArn = await fleet('gpu');
    const id = await world.begin('fleets');
    const tasks = [task('named', { fleet: 'gpu' }), task('by_arn', { fleet: fleetArn })];
    await world.complete((await world.lease()).buildArn, 'SUCCEEDED', { fastFail: false, tasks });
    for (const _ of tasks) {
      const { buildArn } = await world.lease();
      const { builds } = await world.call('batchGetBuilds', { ids: [buildArn] });
      expect(builds![0]!.environment!.fleet).toEqual({ fleetArn });
      await world.complete(buildArn, 'SUCCEEDED');
    }
    expect((await world.ended(id)).buildBatchStatus).toBe('SUCCEEDED');
  });

  it('that is not there fails its build instead of letting it wait for ever', async () => {
    await world.project('fleetless');
    const id = await world.begin('fleetless');
    const tasks = [task('a', { fleet: 'none' })];
    await world.complete((await world.lease()).buildArn, 'SUCCEEDED', { fastFail: false, tasks });
    const batch = await world.ended(id);
    expect(batch.buildGroups![1]!.currentBuildSummary!.buildStatus).toBe('FAULT');
    expect(batch.phases!.at(-2)!.contexts![0]!.message).toContain('Fleet cannot be found: none');
  });
});

describe('a debug session', () => {
  const sessions = async (input: Partial<StartBuildBatchInput>, tasks: Batchspec['tasks']) => {
    await world.project('debug');
    await world.begin('debug', input);
    const reader = await world.lease();
    await world.complete(reader.buildArn, 'SUCCEEDED', { fastFail: false, tasks });
    const jobs = [];
    for (const _ of tasks) jobs.push(await world.lease());
    return [reader, ...jobs].map(({ debugSession = false }) => debugSession);
  };

  it('is there in the tasks that ask for one', async () => {
    expect(await sessions({}, [task('a', { debugSession: true }), task('b')])).toEqual([false, true, false]);
  });

  it('is there in all of them where the start asks for it', async () => {
    const tasks = [task('a'), task('b', { debugSession: false })];
    expect(await sessions({ debugSessionEnabled: true }, tasks)).toEqual([false, true, true]);
  });
});

describe('a batch of a project', () => {
  it('shows the VPC that its builds are in', async () => {
    await world.project('private');
    const vpcConfig = { vpcId: 'vpc-1', subnets: ['subnet-1'], securityGroupIds: ['sg-1'] };
    await world.call('updateProject', { name: 'private', vpcConfig });
    expect((await world.get(await world.begin('private'))).vpcConfig).toEqual(vpcConfig);
  });

  it('that everybody may see has builds that everybody may see', async () => {
    await world.project('open');
    const resourceAccessRole = 'arn:aws:iam::123456789012:role/public';
    const projectArn = 'arn:aws:codebuild:us-east-1:123456789012:project/open';
    await world.call('updateProjectVisibility', { projectArn, projectVisibility: 'PUBLIC_READ', resourceAccessRole });
    await world.begin('open');
    await world.complete((await world.lease()).buildArn, 'SUCCEEDED', { fastFail: false, tasks: [task('a')] });
    const { builtinVariables, buildId } = await world.lease();
    const url = builtinVariables.find(({ name }) => name === 'CODEBUILD_PUBLIC_BUILD_URL')?.value;
    expect(url).toMatch(new RegExp(`^http://pipewright\\.test/_pipewright/builds/.*/${buildId.split(':')[1]}$`));
  });
});

describe('batches', () => {
  it('name the reports of their builds', async () => {
    await world.project('reported');
    const id = await world.begin('reported');
    await world.complete((await world.lease()).buildArn, 'SUCCEEDED', TWO);
    const reports: string[] = [];
    for (const _ of TWO.tasks) {
      const { buildArn } = await world.lease();
      const { reportArn } = await world.runner.createReport({ buildArn, epoch: 1, reportGroup: 'unit', fileFormat: 'JUNITXML' }, context);
      reports.push(reportArn);
      await world.complete(buildArn, 'SUCCEEDED');
    }
    expect((await world.ended(id)).reportArns).toEqual(reports);
  });

  it('are listed by time, a page at a time, by project and status', async () => {
    await world.project('listed');
    const ids: string[] = [];
    for (let index = 0; index < 5; index++) {
      ids.push((await world.ran('listed', index % 2 === 0 ? undefined : ['FAILED'])).id!);
      world.clock.advance(1);
    }
    const list = async (input: Parameters<typeof pages>[0]) => pages({ projectName: 'listed', ...input });
    expect(await list({ sortOrder: 'ASCENDING', maxResults: 2 })).toEqual([ids.slice(0, 2), ids.slice(2, 4), ids.slice(4)]);
    expect(await list({ maxResults: 4 })).toEqual([ids.toReversed().slice(0, 4), ids.slice(0, 1)]);
    expect(await list({ filter: { status: 'FAILED' } })).toEqual([[ids[3], ids[1]]]);
    const { ids: all } = await world.call('listBuildBatches', { sortOrder: 'DESCENDING', maxResults: 2 });
    expect(all).toEqual([ids[4], ids[3]]);
    expect(await refused(world.call('listBuildBatches', { nextToken: 'x' }))).toBe('InvalidInputException: Invalid token.');
  });

  async function pages(input: Parameters<typeof world.call<'listBuildBatchesForProject'>>[1]): Promise<readonly (readonly string[])[]> {
    const found: (readonly string[])[] = [];
    let nextToken: string | undefined;
    do {
      const page = await world.call('listBuildBatchesForProject', { ...input, ...(nextToken !== undefined && { nextToken }) });
      found.push(page.ids!);
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return found;
  }

  it('are deleted with their builds', async () => {
    await world.project('deleted');
    const running = await world.begin('deleted');
    expect(await refused(world.call('deleteBuildBatch', { id: running }))).toContain('is in progress');
    await world.call('stopBuildBatch', { id: running });
    await world.ended(running);
    const { id, buildGroups } = await world.ran('deleted');
    const builds = buildGroups!.map(({ currentBuildSummary }) => currentBuildSummary!.arn!);
    const answer = await world.call('deleteBuildBatch', { id: id! });
    expect(answer).toEqual({ statusCode: 'BATCH_DELETED', buildsDeleted: builds, buildsNotDeleted: [] });
    expect(await world.call('batchGetBuildBatches', { ids: [id!] })).toEqual({ buildBatches: [], buildBatchesNotFound: [id] });
    expect((await world.call('batchGetBuilds', { ids: builds })).builds).toEqual([]);
    expect((await world.call('deleteBuildBatch', { id: id! })).statusCode).toBe('BATCH_NOT_FOUND');
  });

  it('are announced when they begin and end, under our own name', async () => {
    await world.project('announced');
    const { id, arn } = await world.ran('announced');
    const rows = await world.db.all<{ data: string }>({
      sql: `SELECT * FROM bus_events WHERE source = 'pipewright.codebuild' ORDER BY position`,
    } as never);
    const mine = rows.map((row) => JSON.stringify(row)).filter((text) => text.includes(id!));
    expect(mine.map((text) => /build-batch-status\\*":\\*"([A-Z_]+)/.exec(text)?.[1])).toEqual(['IN_PROGRESS', 'SUCCEEDED']);
    expect(mine[0]).toContain(arn);
  });

  it.each([
    ['no service role', {}, {}, 'Batch builds are not enabled: the project has no service role in its build batch config'],
    ['too long a time', { serviceRole: 'r' }, { timeoutInMins: 2161 }, 'timeoutInMins must be between 5 and 2160'],
    ['too many builds', { serviceRole: 'r' }, { restrictions: { maximumBuildsAllowed: 101 } }, 'must be between 1 and 100'],
  ])('are refused with %s', async (name, config, buildBatchConfigOverride, message) => {
    const project = name.replaceAll(' ', '-');
    await world.project(project, config);
    const call = world.call('startBuildBatch', { projectName: project, buildBatchConfigOverride });
    expect(await refused(call)).toMatch(/^InvalidInputException: /);
    expect(await refused(world.call('startBuildBatch', { projectName: project, buildBatchConfigOverride }))).toContain(message);
  });

  it('settings that cannot be are refused with the project', async () => {
    expect(await refused(world.project('bad', { serviceRole: 'r', timeoutInMins: 4 }))).toContain(
      'timeoutInMins must be between 5 and 2160',
    );
  });

  it('that are unknown are not found', async () => {
    for (const operation of ['stopBuildBatch', 'retryBuildBatch'] as const)
      expect(await refused(world.call(operation, { id: 'p:x' }))).toBe('ResourceNotFoundException: Build batch cannot be found: p:x');
    expect(await refused(world.call('startBuildBatch', { projectName: 'none' }))).toContain('ResourceNotFoundException');
    expect(await refused(world.call('listBuildBatchesForProject', { projectName: 'none' }))).toContain('ResourceNotFoundException');
  });
});

/** Dead from the n-th fault point on. */
class KillAt implements Faults {
  readonly #at: number;
  #passed = 0;
  constructor(at: number) {
    this.#at = at;
  }

  get dead(): boolean {
    return this.#passed >= this.#at;
  }

  hit(): void {
    if (++this.#passed >= this.#at) throw new Error('killed');
  }
}

/** One turn of a runner that answers every build it can: those too whose lease was told to nobody. */
async function turn(crashing: Batches): Promise<void> {
  const { job } = await crashing.runner.leaseBuild(RUNNER, context);
  const rows = await crashing.db.all<{ data: string }>({ sql: `SELECT data FROM codebuild_builds WHERE status = 'IN_PROGRESS'` });
  for (const row of rows) {
    const { arn } = JSON.parse(row.data) as { arn: string };
    const first = rows.length === 1 && (job?.batchPart !== undefined || (await isReader(crashing, arn)));
    await crashing.complete(arn, 'SUCCEEDED', first ? TWO : undefined).catch(() => undefined);
  }
  await new Promise((resolve) => setImmediate(resolve));
}

async function isReader(crashing: Batches, arn: string): Promise<boolean> {
  const [batch] = await crashing.db.all<{ data: string }>({ sql: 'SELECT data FROM codebuild_batches' });
  return (JSON.parse(batch!.data) as BuildBatch).buildGroups![0]!.currentBuildSummary!.arn === arn;
}

it('killed anywhere, goes on: each of its builds exists once, and it ends as it would have', async () => {
  for (let at = 1; ; at++) {
    const crashing = new Batches();
    await crashing.start();
    await crashing.project('pp');
    await crashing.stop();
    const faults = new KillAt(at);
    crashing.faults = faults;
    await crashing.start().catch(() => undefined);
    const begin = () => crashing.begin('pp', { idempotencyToken: 'once' });
    const play = async () => {
      const id = await begin();
      for (let turns = 0; turns < 500 && !faults.dead; turns++) {
        await turn(crashing);
        if ((await crashing.get(id)).complete) return;
      }
    };
    await play().catch(() => undefined);
    const { dead } = faults;
    await crashing.stop().catch(() => undefined);
    crashing.faults = noFaults;
    await crashing.start();
    const id = await begin();
    for (let turns = 0; turns < 500 && !(await crashing.get(id)).complete; turns++) await turn(crashing);
    const batch = await crashing.get(id);
    const rows = await crashing.db.all<{ id: string }>({ sql: 'SELECT id FROM codebuild_builds' });
    expect([batch.buildBatchStatus, batch.buildBatchNumber, rows.length], `killed at point ${at}`).toEqual(['SUCCEEDED', 1, 3]);
    await crashing.end();
    if (dead) continue;
    expect(at).toBeGreaterThan(40);
    break;
  }
}, 120_000);
