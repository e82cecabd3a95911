import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { noFaults, type Faults } from '../../kernel/fault.ts';
import type { Batchspec, CodeCoverage, Lease, TestCase } from '../pipewright/api.gen.ts';
import type { BuildBatch, Report } from './api.gen.ts';
import { Batches, task } from './testing/batches.ts';
import { context } from './testing/world.ts';

const GROUP = 'arn:aws:codebuild:us-east-1:123456789012:report-group';

const fanout = (total: number): Batchspec => ({
  fastFail: false,
  tasks: Array.from({ length: total }, (_, index) => task(`build_${index + 1}`, { shard: { index, total } })),
});

let world: Batches;
beforeEach(async () => {
  world = new Batches();
  await world.start();
});
afterEach(() => world.end());

/** A batch whose builds are about to begin, of `total` shards. */
async function begun(project: string, total: number): Promise<string> {
  await world.project(project);
  const id = await world.begin(project);
  await world.complete((await world.lease()).buildArn, 'SUCCEEDED', fanout(total));
  return id;
}

const create = async (lease: Lease, fileFormat: string, reportGroup: string) =>
  (await world.runner.createReport({ ...lease, reportGroup, fileFormat }, context)).reportArn;

/** A report of these test cases by name, each as failed or not. */
async function tested(lease: Lease, cases: Readonly<Record<string, boolean>>, reportGroup = 'unit'): Promise<string> {
  const { buildArn, epoch } = lease;
  const reportArn = await create({ buildArn, epoch }, 'JUNITXML', reportGroup);
  const testCases = Object.entries(cases).map(([name, fine]): TestCase => ({
    name,
    status: fine ? 'SUCCEEDED' : 'FAILED',
    durationInNanoSeconds: 10,
  }));
  if (testCases.length > 0) await world.runner.putTestCases({ buildArn, epoch, reportArn, position: 0, testCases }, context);
  const failed = testCases.filter(({ status }) => status === 'FAILED').length;
  const statusCounts = { SUCCEEDED: testCases.length - failed, FAILED: failed };
  const tests = { total: testCases.length, statusCounts, durationInNanoSeconds: testCases.length * 10 };
  await world.runner.completeReport({ buildArn, epoch, reportArn, tests }, context);
  return reportArn;
}

const counts = (path: string, linesCovered: number, linesMissed: number, branchesCovered = 0, branchesMissed = 0): CodeCoverage => ({
  path,
  linesCovered,
  linesMissed,
  branchesCovered,
  branchesMissed,
});

async function covered({ buildArn, epoch }: Lease, codeCoverages: readonly CodeCoverage[]): Promise<void> {
  const reportArn = await create({ buildArn, epoch }, 'CLOVERXML', 'coverage');
  await world.runner.putCodeCoverages({ buildArn, epoch, reportArn, position: 0, codeCoverages }, context);
  const sum = (key: Exclude<keyof CodeCoverage, 'path'>) => codeCoverages.reduce((total, file) => total + (file[key] ?? 0), 0);
  const { path: _path, ...coverage } = counts('', sum('linesCovered'), sum('linesMissed'), sum('branchesCovered'), sum('branchesMissed'));
  await world.runner.completeReport({ buildArn, epoch, reportArn, coverage }, context);
}

async function reports({ reportArns = [] }: BuildBatch): Promise<readonly Report[]> {
  return reportArns.length === 0 ? [] : (await world.call('batchGetReports', { reportArns })).reports!;
}

const names = async (reportArn: string) => (await world.call('describeTestCases', { reportArn })).testCases!.map(({ name }) => name);

describe('the reports of a fan-out', () => {
  it('become one of the group that the buildspec means; each build has groups of its own', async () => {
    const id = await begun('tests', 3);
    const own: string[] = [];
    const shards: readonly Readonly<Record<string, boolean>>[] = [{ a: true, b: true }, { c: true }, { d: true, e: true, f: true }];
    for (const cases of shards) {
      const lease = await world.lease();
      own.push(await tested(lease, cases));
      await world.complete(lease.buildArn, 'SUCCEEDED');
    }
    const batch = await world.ended(id);
    const [merged, ...others] = await reports(batch);
    expect(others).toEqual([]);
    expect(merged).toMatchObject({
      type: 'TEST',
      status: 'SUCCEEDED',
      executionId: batch.arn,
      reportGroupArn: `${GROUP}/tests-unit`,
      truncated: false,
      testSummary: { total: 6, statusCounts: { SUCCEEDED: 6, FAILED: 0 }, durationInNanoSeconds: 30 },
    });
    expect(await names(merged!.arn!)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    const { reportGroups } = await world.call('listReportGroups', {});
    expect(reportGroups).toEqual(
      ['', 'BuildFanoutShard1', 'BuildFanoutShard2', 'BuildFanoutShard3'].map((end) => `${GROUP}/tests-unit${end}`),
    );
    expect(await world.call('listReportsForReportGroup', { reportGroupArn: `${GROUP}/tests-unit` })).toEqual({ reports: [merged!.arn] });
    const builds = batch.buildGroups!.slice(1).map(({ currentBuildSummary }) => currentBuildSummary!.arn!);
    expect((await world.call('batchGetBuilds', { ids: builds })).builds!.map(({ reportArns }) => reportArns)).toEqual(
      own.map((arn) => [arn]),
    );
    expect(await names(own[1]!)).toEqual(['c']);
  });

  it.each([
    ['FAILED', [{ a: true }, { b: false }, undefined]],
    ['INCOMPLETE', [{ a: true }, undefined, { b: true }]],
    ['SUCCEEDED', [{ a: true }, {}, {}]],
  ] as const)('are together %s, of %j', async (status, builds) => {
    const id = await begun('together', builds.length);
    for (const cases of builds) {
      const lease = await world.lease();
      if (cases) await tested(lease, cases);
      await world.complete(lease.buildArn, 'SUCCEEDED');
    }
    expect((await reports(await world.ended(id))).map((report) => report.status)).toEqual([status]);
  });

  it('are INCOMPLETE where a build ended before its report was whole', async () => {
    const id = await begun('cut', 2);
    const [one, two] = [await world.lease(), await world.lease()];
    await tested(one, { a: true });
    await world.complete(one.buildArn, 'SUCCEEDED');
    await create({ buildArn: two.buildArn, epoch: 1 }, 'JUNITXML', 'unit');
    await world.complete(two.buildArn, 'FAILED');
    const batch = await world.ended(id);
    expect(batch.buildBatchStatus).toBe('FAILED');
    expect(await reports(batch)).toMatchObject([{ status: 'INCOMPLETE', testSummary: { total: 1 } }]);
  });

  it('of coverage have all lines in sum, and of each file the build that covered most of it', async () => {
    const id = await begun('covered', 2);
    const files = [
      [counts('a', 1, 9), counts('both', 5, 5, 1, 1), counts('tie', 5, 5, 0, 2)],
      [counts('b', 10, 0), counts('both', 6, 4, 0, 2), counts('tie', 5, 5, 1, 1)],
    ];
    for (const some of files) {
      const lease = await world.lease();
      await covered(lease, some);
      await world.complete(lease.buildArn, 'SUCCEEDED');
    }
    const [merged] = await reports(await world.ended(id));
    expect(merged).toMatchObject({
      type: 'CODE_COVERAGE',
      status: 'SUCCEEDED',
      codeCoverageSummary: {
        linesCovered: 32,
        linesMissed: 28,
        lineCoveragePercentage: 53.33,
        branchesCovered: 2,
        branchesMissed: 6,
        branchCoveragePercentage: 25,
      },
    });
    const { codeCoverages } = await world.call('describeCodeCoverages', { reportArn: merged!.arn! });
    expect(codeCoverages!.map((file) => [file.filePath, file.linesCovered, file.branchesCovered])).toEqual([
      ['a', 1, 0],
      ['b', 10, 0],
      ['both', 6, 0],
      ['tie', 5, 1],
    ]);
  });

  it('of a group that is named by its ARN are merged there, and exported as it says', async () => {
    const exportConfig = { exportConfigType: 'S3', s3Destination: { bucket: 'bucket', path: 'raw' } } as const;
    await world.call('createReportGroup', { name: 'shared', type: 'TEST', exportConfig });
    const id = await begun('by-arn', 1);
    const { buildArn, epoch } = await world.lease();
    const wanted = { buildArn, epoch, reportGroup: `${GROUP}/shared`, fileFormat: 'JUNITXML' };
    const made = await world.runner.createReport(wanted, context);
    expect(made.export).toMatchObject({ bucket: 'bucket', key: expect.stringMatching(/^raw\/sharedBuildFanoutShard1\//) as string });
    await world.complete(buildArn, 'SUCCEEDED');
    const [merged] = await reports(await world.ended(id));
    expect(merged).toMatchObject({ reportGroupArn: `${GROUP}/shared`, exportConfig });
  });

  it('are merged anew when the batch is retried, with those of the builds that are not run again', async () => {
    const id = await begun('retried', 2);
    const [one, two] = [await world.lease(), await world.lease()];
    await tested(one, { a: true });
    await tested(two, { b: false });
    await world.complete(one.buildArn, 'SUCCEEDED');
    await world.complete(two.buildArn, 'FAILED');
    const [failed] = await reports(await world.ended(id));
    await world.call('retryBuildBatch', { id, retryType: 'RETRY_FAILED_BUILDS' });
    const again = await world.lease();
    await tested(again, { b: true });
    await world.complete(again.buildArn, 'SUCCEEDED');
    const [merged, ...others] = await reports(await world.ended(id));
    expect([merged!.status, merged!.testSummary!.total, others]).toEqual(['SUCCEEDED', 2, []]);
    expect(merged!.arn).not.toBe(failed!.arn);
    // The group's trend has both tries.
    expect((await world.call('listReportsForReportGroup', { reportGroupArn: `${GROUP}/retried-unit` })).reports).toHaveLength(2);
  });

  it('are merged where the batch is stopped, too; one that is deleted is not named any more', async () => {
    const id = await begun('stopped', 2);
    const [one] = [await world.lease(), await world.lease()];
    await tested(one, { a: true });
    await world.complete(one.buildArn, 'SUCCEEDED');
    await world.call('stopBuildBatch', { id });
    const { buildGroups } = await world.get(id);
    await world.settled();
    await world.complete(buildGroups!.at(-1)!.currentBuildSummary!.arn!, 'FAILED');
    const batch = await world.ended(id);
    expect(batch.buildBatchStatus).toBe('STOPPED');
    const [merged] = await reports(batch);
    expect(merged).toMatchObject({ status: 'INCOMPLETE' });
    await world.call('deleteReport', { arn: merged!.arn! });
    expect((await world.get(id)).reportArns).toEqual([]);
  });

  it('of more test cases than one commit takes are all there', async () => {
    const id = await begun('many', 2);
    for (const prefix of ['a', 'b']) {
      const lease = await world.lease();
      await tested(lease, Object.fromEntries(Array.from({ length: 2_500 }, (_, index) => [`${prefix}${index}`, true])));
      await world.complete(lease.buildArn, 'SUCCEEDED');
    }
    const [merged] = await reports(await world.ended(id));
    const rows = await world.db.all<{ name: string }>(
      { sql: 'SELECT name FROM codebuild_test_cases WHERE report = ? ORDER BY position' },
      merged!.arn!.split(':').at(-1)!,
    );
    expect([rows.length, rows[0]!.name, rows[2_500]!.name, rows.at(-1)!.name]).toEqual([5_000, 'a0', 'b0', 'b2499']);
  });
});

/** Dead from the n-th fault point on that is passed once it is armed. */
class ArmedKill implements Faults {
  #left = Infinity;

  arm(at: number): void {
    this.#left = at;
  }

  get dead(): boolean {
    return this.#left <= 0;
  }

  hit(): void {
    if (--this.#left <= 0) throw new Error('killed');
  }
}

it('killed anywhere while it merges, ends with one whole report', async () => {
  for (let at = 1; ; at++) {
    const faults = new ArmedKill();
    await world.end();
    world = new Batches();
    world.faults = faults;
    await world.start();
    const id = await begun('killed', 2);
    const leases = [await world.lease(), await world.lease()];
    for (const [index, lease] of leases.entries()) {
      await tested(lease, { [`t${index}`]: true });
      await covered(lease, [counts('same', index, 1)]);
    }
    await world.complete(leases[0]!.buildArn, 'SUCCEEDED');
    await world.settled();
    faults.arm(at);
    await world.complete(leases[1]!.buildArn, 'SUCCEEDED').catch(() => undefined);
    await world.eventually(async () => faults.dead || (await world.get(id)).complete);
    const { dead } = faults;
    await world.stop().catch(() => undefined);
    world.faults = noFaults;
    await world.start();
    await world.complete(leases[1]!.buildArn, 'SUCCEEDED').catch(() => undefined);
    const merged = await reports(await world.ended(id));
    const summary = merged.map(({ status, testSummary, codeCoverageSummary }) => [
      status,
      testSummary?.total,
      codeCoverageSummary?.linesCovered,
    ]);
    expect(summary, `killed at point ${at}`).toEqual([
      ['SUCCEEDED', 2, undefined],
      ['SUCCEEDED', undefined, 1],
    ]);
    expect(await names(merged[0]!.arn!)).toEqual(['t0', 't1']);
    expect((await world.call('listReports', {})).reports).toHaveLength(6);
    if (dead) continue;
    expect(at).toBeGreaterThan(10);
    break;
  }
}, 120_000);

it('of builds that are no fan-out stay as they are', async () => {
  await world.project('list');
  const id = await world.begin('list');
  await world.complete((await world.lease()).buildArn, 'SUCCEEDED', { fastFail: false, tasks: [task('a')] });
  const lease = await world.lease();
  const own = await tested(lease, { a: true });
  await world.complete(lease.buildArn, 'SUCCEEDED');
  expect((await world.ended(id)).reportArns).toEqual([own]);
  expect(own).toContain(':report/list-unit:');
});
