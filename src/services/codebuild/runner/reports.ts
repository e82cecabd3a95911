import { WriteConflict, write, type Write } from '../../../ports/database.ts';
import {
  errors,
  type Api,
  type CodeCoverage,
  type CompleteReportInput,
  type CreateReportOutput,
  type TestCase,
} from '../../pipewright/api.gen.ts';
import type { ReportExportConfig, ReportStatusType, ReportType } from '../api.gen.ts';
import { findReport, REPORT_KEPT_MS, type ReportData, type ReportRow } from '../operations/report-tools.ts';
import type { TestCaseData } from '../operations/report-details.ts';
import type { OperationTools } from '../operations/tools.ts';
import { coverageSql, reportSql, testCaseSql } from '../report-tables.ts';
import type { BuildSpec } from '../rules/build/state.ts';
import { findFormat, FORMAT_NAMES } from '../rules/reports/formats.ts';
import { reportArn } from '../rules/reports/names.ts';
import { coverageView, testsFailed } from '../rules/reports/summary.ts';
import { leasedBuild } from './leased.ts';
import { groupFor } from './report-groups.ts';

/** The operations through which runners deliver reports; all of them may be called again with the same input. */
export type ReportUploads = Pick<Api, 'createReport' | 'putTestCases' | 'putCodeCoverages' | 'completeReport'>;

/** Builds that begin a group's first report at the same instant meet. */
const TRIES = 20;

const buildOf = ({ project, uuid }: BuildSpec): string => `${project}:${uuid}`;

function typeOf(format: string): ReportType {
  const found = findFormat(format);
  if (!found) throw errors.InvalidInputException(`unknown file format ${format}; there are ${FORMAT_NAMES.join(', ')}`);
  return found.type;
}

/** Where the raw files of a report go: `PATH/GROUP/REPORT` in the bucket. */
function exportOf({ exportConfigType, s3Destination }: ReportExportConfig, { group, id }: Pick<ReportRow, 'group' | 'id'>) {
  if (exportConfigType !== 'S3' || !s3Destination?.bucket) return undefined;
  const { bucket, path = '', packaging = 'NONE' } = s3Destination;
  const key = [path.replace(/^\/+|\/+$/g, ''), group, id].filter((part) => part !== '').join('/');
  return { bucket, key, packaging };
}

function created(spec: BuildSpec, row: Pick<ReportRow, 'group' | 'id' | 'data'>): CreateReportOutput {
  const destination = exportOf((JSON.parse(row.data) as ReportData).exportConfig, row);
  return { reportArn: reportArn(spec, row.group, row.id), ...(destination && { export: destination }) };
}

async function create(tools: OperationTools, spec: BuildSpec, wanted: string, type: ReportType): Promise<CreateReportOutput> {
  const { account, region } = spec;
  const build = buildOf(spec);
  for (let tries = 0; ; tries++) {
    const before = await tools.db.get<ReportRow>(reportSql.ofWanted, account, region, build, wanted);
    if (before) return created(spec, before);
    const { group, exportConfig, writes } = await groupFor(tools, spec, wanted, type);
    const id = tools.ids.uuid();
    const now = tools.clock.now();
    const data = JSON.stringify({ exportConfig } satisfies ReportData);
    const row = [account, region, id, group, type, build, wanted, now, now + REPORT_KEPT_MS, data];
    try {
      await tools.commits.commit([...writes, write(reportSql.insert, row)]);
      return created(spec, { group, id, data });
    } catch (error) {
      // The group, or this very report, was made meanwhile: look again.
      if (!(error instanceof WriteConflict) || tries === TRIES) throw error;
    }
  }
}

/** The build's report that is still being made; a call that comes after its completion has been heard already. */
async function open(tools: OperationTools, spec: BuildSpec, arn: string): Promise<ReportRow | undefined> {
  const row = await findReport(tools, spec, arn);
  if (row?.build !== buildOf(spec)) throw errors.InvalidInputException(`${arn} is no report of this build`);
  return row.status === 'GENERATING' ? row : undefined;
}

function testCaseWrite(report: string, position: number, testCase: TestCase): Write {
  const { name, prefix = '', status, ...more } = testCase;
  return write(testCaseSql.put, [report, position, status, name, prefix, JSON.stringify(more satisfies TestCaseData)]);
}

function coverageWrite(report: string, position: number, { path, ...counts }: CodeCoverage): Write {
  const view = coverageView(counts);
  return write(coverageSql.put, [report, position, path, view.lineCoveragePercentage ?? 0, JSON.stringify(view)]);
}

function ending({ truncated = false, tests, coverage }: CompleteReportInput): { status: ReportStatusType; data: Partial<ReportData> } {
  if (tests) return { status: testsFailed(tests) ? 'FAILED' : 'SUCCEEDED', data: { truncated, testSummary: tests } };
  if (coverage) return { status: 'SUCCEEDED', data: { truncated, codeCoverageSummary: coverageView(coverage) } };
  return { status: 'INCOMPLETE', data: { truncated } };
}

export function reportUploads(tools: OperationTools): ReportUploads {
  return {
    async createReport({ buildArn, epoch, reportGroup, fileFormat }) {
      const spec = await leasedBuild(tools, buildArn, epoch);
      return create(tools, spec, reportGroup, typeOf(fileFormat));
    },

    async putTestCases({ buildArn, epoch, reportArn: arn, position, testCases }) {
      const report = await open(tools, await leasedBuild(tools, buildArn, epoch), arn);
      if (report) await tools.commits.commit(testCases.map((testCase, index) => testCaseWrite(report.id, position + index, testCase)));
      return {};
    },

    async putCodeCoverages({ buildArn, epoch, reportArn: arn, position, codeCoverages }) {
      const report = await open(tools, await leasedBuild(tools, buildArn, epoch), arn);
      if (report) await tools.commits.commit(codeCoverages.map((file, index) => coverageWrite(report.id, position + index, file)));
      return {};
    },

    async completeReport(input) {
      const spec = await leasedBuild(tools, input.buildArn, input.epoch);
      const report = await open(tools, spec, input.reportArn);
      if (!report) return {};
      const { status, data } = ending(input);
      const whole = JSON.stringify({ ...(JSON.parse(report.data) as ReportData), ...data });
      await tools.commits.commit([write(reportSql.complete, [status, whole, spec.account, spec.region, report.id])]);
      return {};
    },
  };
}
