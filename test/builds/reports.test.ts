import {
  BatchDeleteBuildsCommand,
  BatchGetReportGroupsCommand,
  BatchGetReportsCommand,
  CreateReportGroupCommand,
  DescribeCodeCoveragesCommand,
  DescribeTestCasesCommand,
  GetReportGroupTrendCommand,
  ListReportGroupsCommand,
  ListReportsForReportGroupCommand,
  type Build,
  type Report,
} from '@aws-sdk/client-codebuild';
import { CreateBucketCommand, ListObjectsV2Command } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BuildServer, phasesOf } from '../support/builds.ts';

const world = new BuildServer();
const BUCKET = 'raw-reports';
beforeAll(async () => {
  await world.start();
  await world.s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});
afterAll(() => world.end());

const GROUP = 'arn:aws:codebuild:us-east-1:000000000000:report-group';

const JUNIT = `cat > out/unit.xml <<'XML'
<testsuite name="cart">
  <testcase classname="cart" name="adds" time="0.5"/>
  <testcase classname="cart" name="refuses zero" time="0.25"><failure message="expected 0">at cart.js:3</failure></testcase>
  <testcase classname="cart" name="later"><skipped/></testcase>
</testsuite>
XML`;
const COBERTURA = `cat > out/coverage.xml <<XML
<coverage><packages><package><classes>
  <class filename="$PWD/src/cart.py"><lines><line number="1" hits="1"/><line number="2" hits="0" branch="true" condition-coverage="50% (1/2)"/></lines></class>
  <class filename="src/shop.py"><lines><line number="1" hits="3"/></lines></class>
</classes></package></packages></coverage>
XML`;

const spec = (commands: readonly string[], reports: object): string =>
  JSON.stringify({ version: '0.2', phases: { build: { commands: ['mkdir -p out', ...commands] } }, reports });
const reportsOf = async (build: Build): Promise<readonly Report[]> =>
  (await world.codebuild.send(new BatchGetReportsCommand({ reportArns: build.reportArns }))).reports!;
const uploadOf = (build: Build) => build.phases!.find(({ phaseType }) => phaseType === 'UPLOAD_ARTIFACTS')!;

describe('a build that makes reports', () => {
  it('shows its tests and its coverage, also where the tests failed', async () => {
    const text = spec([JUNIT, COBERTURA, 'touch out/unit.txt', 'exit 1'], {
      unit: { files: ['un*'], 'base-directory': 'out', 'file-format': 'JunitXml' },
      lines: { files: ['out/coverage.xml'], 'file-format': 'CoberturaXml' },
    });
    const build = await world.run(text);
    expect(build.buildStatus).toBe('FAILED');
    expect(uploadOf(build).phaseStatus).toBe('SUCCEEDED');
    const [unit, lines] = await reportsOf(build);
    const name = build.projectName!;
    expect(unit).toMatchObject({
      type: 'TEST',
      status: 'FAILED',
      truncated: false,
      executionId: build.arn,
      reportGroupArn: `${GROUP}/${name}-unit`,
      exportConfig: { exportConfigType: 'NO_EXPORT' },
      testSummary: {
        total: 3,
        statusCounts: { SUCCEEDED: 1, FAILED: 1, ERROR: 0, SKIPPED: 1, UNKNOWN: 0 },
        durationInNanoSeconds: 750_000_000,
      },
    });
    expect(unit!.arn).toMatch(new RegExp(`^arn:aws:codebuild:us-east-1:000000000000:report/${name}-unit:[0-9a-f-]{36}$`));
    expect(unit!.expired!.getTime() - unit!.created!.getTime()).toBe(30 * 24 * 3_600_000);
    expect(lines).toMatchObject({
      type: 'CODE_COVERAGE',
      status: 'SUCCEEDED',
      codeCoverageSummary: { lineCoveragePercentage: 66.67, linesCovered: 2, linesMissed: 1, branchCoveragePercentage: 50 },
    });
    const { testCases } = await world.codebuild.send(new DescribeTestCasesCommand({ reportArn: unit!.arn, filter: { status: 'FAILED' } }));
    expect(testCases).toEqual([
      {
        reportArn: unit!.arn,
        testRawDataPath: 'unit.xml',
        prefix: 'cart',
        name: 'refuses zero',
        status: 'FAILED',
        durationInNanoSeconds: 250_000_000,
        message: 'expected 0\nat cart.js:3',
        testSuiteName: 'cart',
        expired: unit!.expired,
      },
    ]);
    const { codeCoverages } = await world.codebuild.send(new DescribeCodeCoveragesCommand({ reportArn: lines!.arn }));
    // A path inside of the workspace, which is another for each build, is told relative to it.
    expect(codeCoverages!.map(({ filePath, lineCoveragePercentage }) => [filePath, lineCoveragePercentage])).toEqual([
      ['src/cart.py', 50],
      ['src/shop.py', 100],
    ]);
    expect(await world.log(build)).toContain('3 test case(s), 1 SUCCEEDED, 1 FAILED, 1 SKIPPED');
  });

  it('says what is missing or no report, and still keeps the others and the artifacts', async () => {
    const text = spec([JUNIT, COBERTURA, 'echo kept > kept'], {
      missing: { files: ['nowhere/*.xml'] },
      folder: { files: ['*.xml'], 'base-directory': 'nowhere' },
      wrong: { files: ['out/coverage.xml'] },
      odd: { files: ['out/unit.xml'], 'file-format': 'JUNIT5' },
      [`${GROUP}/not-there`]: { files: ['out/unit.xml'] },
      good: { files: ['out/unit.xml'] },
    });
    const artifacts = { ...(JSON.parse(text) as object), artifacts: { files: ['kept'] } };
    const build = await world.run(JSON.stringify(artifacts), {}, { artifacts: { type: 'S3', location: BUCKET, name: 'kept' } });
    expect(build.buildStatus).toBe('FAILED');
    expect(phasesOf(build)).toContain('UPLOAD_ARTIFACTS FAILED');
    expect(uploadOf(build).contexts).toEqual([
      {
        statusCode: 'CLIENT_ERROR',
        message:
          'Error in UPLOAD_ARTIFACTS phase: [missing: [report files not found in build], ' +
          'folder: [no matching base directory path found for nowhere], ' +
          'wrong: [error processing report: [out/coverage.xml: expected element type <testsuite> or <testsuites> but have <coverage> (line 1)]], ' +
          'odd: [unknown file format JUNIT5; there are JUNITXML, CUCUMBERJSON, NUNITXML, NUNIT3XML, TESTNGXML, VISUALSTUDIOTRX, CLOVERXML, COBERTURAXML, JACOCOXML, SIMPLECOV, LCOVINFO], ' +
          `${GROUP}/not-there: [the report group ${GROUP}/not-there does not exist]]`,
      },
    ]);
    expect(build.artifacts!.location).toBe(`arn:aws:s3:::${BUCKET}/kept`);
    const made = await reportsOf(build);
    expect(made.map(({ reportGroupArn, status }) => [reportGroupArn!.split('-').at(-1), status])).toEqual([
      ['missing', 'INCOMPLETE'],
      ['folder', 'INCOMPLETE'],
      ['wrong', 'INCOMPLETE'],
      ['good', 'FAILED'],
    ]);
  });

  it('uses a report group that is there, and copies the raw files to its bucket', async () => {
    const groups = ['NONE', 'ZIP'].map((packaging) => ({ packaging, name: `raw-${packaging}`, arn: `${GROUP}/raw-${packaging}` }));
    for (const { name, packaging } of groups) {
      const s3Destination = { bucket: BUCKET, path: '/exported/', packaging: packaging as 'NONE', encryptionDisabled: true };
      await world.codebuild.send(
        new CreateReportGroupCommand({ name, type: 'TEST', exportConfig: { exportConfigType: 'S3', s3Destination } }),
      );
    }
    const text = spec([JUNIT], {
      [groups[0]!.arn]: { files: ['out/*.xml'], 'discard-paths': 'yes' },
      [groups[1]!.arn]: { files: 'out/*.xml' },
    });
    const build = await world.run(text);
    expect(build.buildStatus).toBe('SUCCEEDED');
    const ids = build.reportArns!.map((arn) => arn.split(':').at(-1));
    const { Contents } = await world.s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: 'exported/' }));
    expect(Contents!.map(({ Key }) => Key)).toEqual([`exported/raw-NONE/${ids[0]}/unit.xml`, `exported/raw-ZIP/${ids[1]}.zip`]);
    const { testCases } = await world.codebuild.send(new DescribeTestCasesCommand({ reportArn: build.reportArns![0], maxResults: 1 }));
    expect(testCases![0]!.testRawDataPath).toBe('unit.xml');
  });

  it('refuses coverage for a group of tests', async () => {
    const project = await world.project(spec([JUNIT, COBERTURA], { same: { files: 'out/unit.xml' } }));
    const first = await world.ended((await world.begin(project)).id!);
    expect(first.buildStatus).toBe('SUCCEEDED');
    const text = spec([COBERTURA], { same: { files: 'out/coverage.xml', 'file-format': 'COBERTURAXML' } });
    const second = await world.ended((await world.begin(project, { buildspecOverride: text })).id!);
    expect(uploadOf(second).contexts![0]!.message).toBe(
      `Error in UPLOAD_ARTIFACTS phase: [same: [the report group ${project}-same is of type TEST, the file format is for CODE_COVERAGE]]`,
    );
    const { reportGroups } = await world.codebuild.send(new BatchGetReportGroupsCommand({ reportGroupArns: [`${GROUP}/${project}-same`] }));
    expect(reportGroups![0]).toMatchObject({ type: 'TEST', status: 'ACTIVE', exportConfig: { exportConfigType: 'NO_EXPORT' } });
  });

  it('gathers a trend over its builds, which may begin their first reports at once', async () => {
    const project = await world.project(spec([JUNIT], { unit: { files: 'out/*.xml' } }));
    const begun = await Promise.all(Array.from({ length: 4 }, () => world.begin(project)));
    const builds = await Promise.all(begun.map(({ id }) => world.ended(id!)));
    expect(builds.map(({ buildStatus }) => buildStatus)).toEqual(Array<string>(4).fill('SUCCEEDED'));
    const reportGroupArn = `${GROUP}/${project}-unit`;
    const trend = await world.codebuild.send(new GetReportGroupTrendCommand({ reportGroupArn, trendField: 'PASS_RATE', numOfReports: 3 }));
    expect(trend.stats).toEqual({ average: '33.33', max: '33.33', min: '33.33' });
    expect(trend.rawData).toHaveLength(3);
    const { reports } = await world.codebuild.send(new ListReportsForReportGroupCommand({ reportGroupArn, sortOrder: 'ASCENDING' }));
    expect(new Set(reports)).toEqual(new Set(builds.map(({ reportArns }) => reportArns![0])));
    const { reportGroups } = await world.codebuild.send(new ListReportGroupsCommand({ sortBy: 'CREATED_TIME', sortOrder: 'DESCENDING' }));
    expect(reportGroups![0]).toBe(reportGroupArn);
    // Reports outlive their builds.
    await world.codebuild.send(new BatchDeleteBuildsCommand({ ids: [builds[0]!.id!] }));
    expect(await reportsOf(builds[0]!)).toHaveLength(1);
  });
});
