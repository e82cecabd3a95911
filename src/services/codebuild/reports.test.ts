import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { prepareAll } from '../../../test/support/database.ts';
import type { TestCase, TestStatus } from '../pipewright/api.gen.ts';
import { coverageSql, groupSql, reportSql, testCaseSql } from './report-tables.ts';
import { context, refused, World } from './testing/world.ts';

const DAY_MS = 24 * 3_600_000;
const GROUP = 'arn:aws:codebuild:us-east-1:123456789012:report-group';

let world: World;
let count = 0;
beforeAll(async () => {
  world = new World();
  await world.start();
});
afterAll(() => world.end());

const testCase = (name: string, status: TestStatus = 'SUCCEEDED', more: Partial<TestCase> = {}): TestCase => ({
  name,
  status,
  durationInNanoSeconds: 1,
  ...more,
});

async function begun(fileFormat = 'JUNITXML', reportGroup = 'unit') {
  const { id, ...lease } = await world.build(`p${++count}`);
  const { reportArn } = await world.runner.createReport({ ...lease, reportGroup, fileFormat }, context);
  return { id, lease, reportArn, project: `p${count}`, groupArn: `${GROUP}/p${count}-${reportGroup}` };
}

const tests = (counts: Readonly<Partial<Record<TestStatus, number>>>, durationInNanoSeconds = 0) => ({
  total: Object.values(counts).reduce((sum, value) => sum + value, 0),
  statusCounts: counts,
  durationInNanoSeconds,
});

/** Rows that the reports hold in the database. */
async function rows(): Promise<number> {
  const all = ['codebuild_reports', 'codebuild_test_cases', 'codebuild_coverages'].map((table) =>
    world.db.get<{ n: number }>({ sql: `SELECT COUNT(*) AS n FROM ${table}` }),
  );
  return (await Promise.all(all)).reduce((sum, row) => sum + row!.n, 0);
}

it('every statement fits the schema', () => {
  const statements = [groupSql, reportSql, testCaseSql, coverageSql].map((sql) => prepareAll(world.db, sql));
  expect(statements.reduce((sum, n) => sum + n)).toBeGreaterThan(30);
});

describe('report groups', () => {
  it('are made, shown, changed, listed and deleted', async () => {
    const exportConfig = { exportConfigType: 'S3', s3Destination: { bucket: 'b', path: 'p' } } as const;
    const made = await world.call('createReportGroup', { name: 'g1', type: 'TEST', exportConfig, tags: [{ key: 'k', value: 'v' }] });
    const arn = `${GROUP}/g1`;
    const now = world.clock.now();
    expect(made.reportGroup).toEqual({
      arn,
      name: 'g1',
      type: 'TEST',
      exportConfig: { exportConfigType: 'S3', s3Destination: { bucket: 'b', path: 'p', packaging: 'NONE', encryptionDisabled: false } },
      created: now,
      lastModified: now,
      tags: [{ key: 'k', value: 'v' }],
      status: 'ACTIVE',
    });
    expect(await refused(world.call('createReportGroup', { name: 'g1', type: 'TEST', exportConfig }))).toContain('ResourceAlreadyExists');
    world.clock.advance(1000);
    await world.call('createReportGroup', { name: 'g2', type: 'CODE_COVERAGE', exportConfig: { exportConfigType: 'NO_EXPORT' } });
    world.clock.advance(1000);
    await world.call('updateReportGroup', { arn, exportConfig: { exportConfigType: 'NO_EXPORT' }, tags: [] });
    const { reportGroups, reportGroupsNotFound } = await world.call('batchGetReportGroups', { reportGroupArns: [arn, `${GROUP}/none`] });
    expect(reportGroups).toMatchObject([{ exportConfig: { exportConfigType: 'NO_EXPORT' }, tags: [], lastModified: now + 2000 }]);
    expect(reportGroupsNotFound).toEqual([`${GROUP}/none`]);
    const list = async (input: object) => (await world.call('listReportGroups', input)).reportGroups;
    expect(await list({})).toEqual([arn, `${GROUP}/g2`]);
    expect(await list({ sortBy: 'NAME', sortOrder: 'DESCENDING' })).toEqual([`${GROUP}/g2`, arn]);
    expect(await list({ sortBy: 'CREATED_TIME', sortOrder: 'DESCENDING' })).toEqual([`${GROUP}/g2`, arn]);
    expect(await list({ sortBy: 'LAST_MODIFIED_TIME', sortOrder: 'DESCENDING' })).toEqual([arn, `${GROUP}/g2`]);
    const first = await world.call('listReportGroups', { maxResults: 1 });
    expect(await world.call('listReportGroups', { maxResults: 1, nextToken: first.nextToken })).toEqual({ reportGroups: [`${GROUP}/g2`] });
    for (const name of ['g1', 'g2']) await world.call('deleteReportGroup', { arn: `${GROUP}/${name}` });
    expect(await list({})).toEqual([]);
    expect(await world.call('listSharedReportGroups', {})).toEqual({ reportGroups: [] });
  });

  it.each([
    [{ name: '-x', exportConfig: { exportConfigType: 'NO_EXPORT' } }, 'Invalid report group name'],
    [{ name: 'a b', exportConfig: { exportConfigType: 'NO_EXPORT' } }, 'Invalid report group name'],
    [{ name: 'ok', exportConfig: { exportConfigType: 'S3' } }, 'must name a bucket'],
  ] as const)('are refused: %j', async (input, reason) => {
    expect(await refused(world.call('createReportGroup', { type: 'TEST', ...input }))).toContain(reason);
  });

  it('that hold reports are deleted only with them', async () => {
    const { reportArn, groupArn, lease, id } = await begun();
    await world.runner.putTestCases({ ...lease, reportArn, position: 0, testCases: [testCase('a')] }, context);
    expect(await refused(world.call('deleteReportGroup', { arn: groupArn }))).toContain(
      'InvalidInputException: Cannot delete report group',
    );
    await world.call('deleteReportGroup', { arn: groupArn, deleteReports: true });
    expect(await world.call('batchGetReports', { reportArns: [reportArn] })).toEqual({ reports: [], reportsNotFound: [reportArn] });
    expect((await world.call('batchGetBuilds', { ids: [id] })).builds![0]!.reportArns).toBeUndefined();
    await expect.poll(rows).toBe(0);
  });

  it.each(['updateReportGroup', 'listReportsForReportGroup', 'getReportGroupTrend'] as const)(
    'that are not there: %s',
    async (operation) => {
      const arn = `${GROUP}/none`;
      const input = { arn, reportGroupArn: arn, trendField: 'TOTAL' } as const;
      expect(await refused(world.call(operation, input) as Promise<unknown>)).toBe(
        `ResourceNotFoundException: Report group cannot be found: ${arn}`,
      );
    },
  );
});

describe('a report', () => {
  it('is told in calls that may come twice, and stays as it was completed', async () => {
    const { reportArn, lease, groupArn, id } = await begun();
    const again = await world.runner.createReport({ ...lease, reportGroup: 'unit', fileFormat: 'JUNITXML' }, context);
    expect(again).toEqual({ reportArn });
    expect((await world.call('batchGetReports', { reportArns: [reportArn] })).reports![0]).toMatchObject({ status: 'GENERATING' });
    const put = () =>
      world.runner.putTestCases({ ...lease, reportArn, position: 0, testCases: [testCase('a'), testCase('b', 'ERROR')] }, context);
    await put();
    await put();
    const complete = () => world.runner.completeReport({ ...lease, reportArn, tests: tests({ SUCCEEDED: 1, ERROR: 1 }, 5) }, context);
    await complete();
    await world.runner.completeReport({ ...lease, reportArn }, context);
    const [report] = (await world.call('batchGetReports', { reportArns: [reportArn] })).reports!;
    expect(report).toMatchObject({ status: 'FAILED', testSummary: { total: 2, durationInNanoSeconds: 5 }, reportGroupArn: groupArn });
    expect(report!.name).toBe(groupArn.split('/')[1]);
    expect((await world.call('describeTestCases', { reportArn })).testCases!.map(({ name }) => name)).toEqual(['a', 'b']);
    expect((await world.call('batchGetBuilds', { ids: [id] })).builds![0]!.reportArns).toEqual([reportArn]);
  });

  it('is nobody else’s, and ends with its build', async () => {
    const [mine, other] = [await begun(), await begun()];
    const input = { reportArn: mine.reportArn, position: 0, testCases: [testCase('a')] };
    expect(await refused(world.runner.putTestCases({ ...other.lease, ...input }, context))).toContain('is no report of this build');
    await world.runner.completeBuild({ ...mine.lease, buildStatus: 'STOPPED', phases: [] }, context);
    expect((await world.call('batchGetReports', { reportArns: [mine.reportArn] })).reports![0]!.status).toBe('INCOMPLETE');
    expect(await refused(world.runner.putTestCases({ ...mine.lease, ...input }, context))).toContain('StaleLeaseException');
  });

  it('is listed by its age and its status, page by page', async () => {
    const { lease, reportArn, groupArn } = await begun();
    const arns = [reportArn];
    // A group named by its ARN takes the reports of any build.
    for (let n = 0; n < 4; n++) {
      const { id: _, ...next } = await world.build(`p${++count}`);
      arns.push((await world.runner.createReport({ ...next, reportGroup: groupArn, fileFormat: 'JUNITXML' }, context)).reportArn);
    }
    await world.runner.completeReport({ ...lease, reportArn, tests: tests({ SUCCEEDED: 1 }) }, context);
    const list = (input: object) => world.call('listReportsForReportGroup', { reportGroupArn: groupArn, ...input });
    expect((await list({})).reports).toEqual(arns.toReversed());
    expect((await list({ sortOrder: 'ASCENDING' })).reports).toEqual(arns);
    expect((await list({ filter: { status: 'SUCCEEDED' } })).reports).toEqual([reportArn]);
    const seen: string[] = [];
    for (let nextToken: string | undefined, first = true; first || nextToken !== undefined; first = false) {
      const page = await list({ maxResults: 2, sortOrder: 'ASCENDING', nextToken });
      seen.push(...page.reports!);
      nextToken = page.nextToken;
    }
    expect(seen).toEqual(arns);
    const all = await world.call('listReports', { filter: { status: 'GENERATING' }, sortOrder: 'DESCENDING', maxResults: 4 });
    expect(all.reports).toEqual(arns.slice(1).toReversed());
    expect(await refused(list({ nextToken: all.nextToken }))).toContain('Invalid token');
  });

  it('is deleted, with all that hangs on it, and is gone after thirty days', async () => {
    const { reportArn, lease, groupArn } = await begun();
    const later = await begun('LCOVINFO');
    await world.runner.putTestCases({ ...lease, reportArn, position: 0, testCases: [testCase('a')] }, context);
    const before = await rows();
    await world.call('deleteReport', { arn: reportArn });
    expect(await refused(world.call('describeTestCases', { reportArn }))).toContain('ResourceNotFoundException');
    expect((await world.call('listReportsForReportGroup', { reportGroupArn: groupArn })).reports).toEqual([]);
    await expect.poll(rows).toBe(before - 2);
    world.clock.advance(30 * DAY_MS);
    expect((await world.call('batchGetReports', { reportArns: [later.reportArn] })).reports).toEqual([]);
    world.ring();
    await expect.poll(rows).toBe(0);
  });
});

describe('coverage', () => {
  it('is sorted and bounded by its percentage, page by page', async () => {
    const { reportArn, lease, groupArn } = await begun('JACOCOXML');
    const covered = [50, 100, 0, 50, 80];
    const codeCoverages = covered.map((linesCovered, n) => ({
      path: `src/${'edcba'[n]}.java`,
      linesCovered,
      linesMissed: 100 - linesCovered,
      branchesCovered: n,
      branchesMissed: 0,
    }));
    await world.runner.putCodeCoverages({ ...lease, reportArn, position: 0, codeCoverages }, context);
    const coverage = { linesCovered: 280, linesMissed: 220, branchesCovered: 10, branchesMissed: 30 };
    await world.runner.completeReport({ ...lease, reportArn, coverage }, context);
    const describe = async (input: object) => {
      const seen: string[] = [];
      for (let nextToken: string | undefined, first = true; first || nextToken !== undefined; first = false) {
        const page = await world.call('describeCodeCoverages', { reportArn, maxResults: 2, nextToken, ...input });
        seen.push(
          ...page.codeCoverages!.map(({ filePath, lineCoveragePercentage }) => `${filePath!.slice(4, 5)}${lineCoveragePercentage}`),
        );
        nextToken = page.nextToken;
      }
      return seen.join(' ');
    };
    expect(await describe({})).toBe('a80 b50 c0 d100 e50');
    expect(await describe({ sortOrder: 'DESCENDING' })).toBe('e50 d100 c0 b50 a80');
    expect(await describe({ sortBy: 'LINE_COVERAGE_PERCENTAGE' })).toBe('c0 e50 b50 a80 d100');
    expect(await describe({ sortBy: 'LINE_COVERAGE_PERCENTAGE', sortOrder: 'DESCENDING' })).toBe('d100 a80 b50 e50 c0');
    expect(await describe({ minLineCoveragePercentage: 50, maxLineCoveragePercentage: 80 })).toBe('a80 b50 e50');
    expect((await world.call('describeCodeCoverages', { reportArn, maxResults: 1 })).codeCoverages![0]).toMatchObject({
      reportARN: reportArn,
      filePath: 'src/a.java',
      linesCovered: 80,
      branchCoveragePercentage: 100,
    });
    const trend = async (trendField: 'LINE_COVERAGE') =>
      (await world.call('getReportGroupTrend', { reportGroupArn: groupArn, trendField })).stats!.max;
    const fields = ['LINE_COVERAGE', 'LINES_COVERED', 'LINES_MISSED', 'BRANCH_COVERAGE', 'BRANCHES_COVERED', 'BRANCHES_MISSED'] as const;
    const values = await Promise.all(fields.map((field) => trend(field as 'LINE_COVERAGE')));
    expect(values).toEqual(['56', '280', '220', '25', '10', '30']);
    expect(await refused(trend('PASS_RATE' as 'LINE_COVERAGE'))).toContain('does not fit a report group of type CODE_COVERAGE');
  });
});

describe('trends of tests', () => {
  it('tell of the newest reports that came to an end', async () => {
    const { reportArn, lease, groupArn } = await begun();
    await world.runner.completeReport({ ...lease, reportArn, tests: tests({ SUCCEEDED: 3, FAILED: 1 }, 100) }, context);
    const { id: _, ...next } = await world.build(`p${++count}`);
    const { reportArn: newest } = await world.runner.createReport({ ...next, reportGroup: groupArn, fileFormat: 'junitxml' }, context);
    await world.runner.completeReport({ ...next, reportArn: newest, tests: tests({ SUCCEEDED: 2 }, 300) }, context);
    const { id: __, ...last } = await world.build(`p${++count}`);
    await world.runner.createReport({ ...last, reportGroup: groupArn, fileFormat: 'junitxml' }, context);
    const trend = (trendField: 'PASS_RATE' | 'DURATION' | 'TOTAL') =>
      world.call('getReportGroupTrend', { reportGroupArn: groupArn, trendField });
    expect(await trend('PASS_RATE')).toEqual({
      stats: { average: '87.5', max: '100', min: '75' },
      rawData: [
        { reportArn: newest, data: '100' },
        { reportArn, data: '75' },
      ],
    });
    expect((await trend('DURATION')).stats).toEqual({ average: '200', max: '300', min: '100' });
    expect((await trend('TOTAL')).stats).toEqual({ average: '3', max: '4', min: '2' });
  });
});

describe('a report of 100,000 test cases', () => {
  const MOST = 100_000;
  const MS = 20;
  let reportArn: string;
  beforeAll(async () => {
    const { lease, ...report } = await begun();
    reportArn = report.reportArn;
    for (let position = 0; position < MOST; position += 500) {
      const testCases = Array.from({ length: 500 }, (_, i) => {
        const n = position + i;
        const more = { prefix: `com.example.Some${n % 300}Test`, message: n % 100 === 0 ? 'stack line\n'.repeat(30) : '' };
        return testCase(`does thing number ${n}${n === 99_999 ? ' 100% sure_ly' : ''}`, n % 1000 === 0 ? 'FAILED' : 'SUCCEEDED', more);
      });
      await world.runner.putTestCases({ ...lease, reportArn, position, testCases }, context);
    }
    await world.runner.completeReport({ ...lease, reportArn, tests: tests({ SUCCEEDED: 99_900, FAILED: 100 }) }, context);
  });

  /** All pages, and how long the slowest of them took. */
  async function pages(filter: { status?: string; keyword?: string }, most = Infinity) {
    const names: string[] = [];
    let [slowest, calls] = [0, 0];
    for (let nextToken: string | undefined; calls === 0 || (nextToken !== undefined && calls < most); calls++) {
      const from = performance.now();
      const page = await world.call('describeTestCases', { reportArn, filter, nextToken });
      slowest = Math.max(slowest, performance.now() - from);
      names.push(...page.testCases!.map(({ name }) => name!));
      nextToken = page.nextToken;
    }
    return { names, slowest, calls };
  }

  it('is read page by page, from any place, without harm', async () => {
    const { names, slowest } = await pages({});
    expect(names).toHaveLength(MOST);
    expect(new Set(names).size).toBe(MOST);
    // The first call of a process compiles; CI's machines are slow: the figure is the bench's.
    expect(slowest).toBeLessThan(MS * 5);
  });

  it('finds what failed, and keywords in names and prefixes', async () => {
    const failed = await pages({ status: 'FAILED' });
    expect(failed.names).toHaveLength(100);
    expect(failed.calls).toBe(1);
    expect((await pages({ keyword: 'Some7Test' })).names).toHaveLength(334);
    expect((await pages({ keyword: 'some100test', status: 'FAILED' })).names).toHaveLength(33);
    expect((await pages({ keyword: '100% sure_ly' })).names).toEqual(['does thing number 99999 100% sure_ly']);
    const none = await pages({ keyword: 'nowhere' });
    expect(none).toMatchObject({ names: [], calls: 4 });
    expect(none.slowest).toBeLessThan(MS * 5);
  });

  it('is removed in pieces', async () => {
    const before = await rows();
    await world.call('deleteReport', { arn: reportArn });
    await expect.poll(rows, { timeout: 30_000 }).toBe(before - MOST - 1);
  });
});
