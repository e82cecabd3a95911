import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import { write, type Commits, type Reader, type Write } from '../../ports/database.ts';
import type { CodeCoverageReportSummary } from './api.gen.ts';
import { findGroup, REPORT_KEPT_MS, type GroupData, type ReportData, type ReportRow } from './operations/report-tools.ts';
import { coverageSql, reportSql, testCaseSql } from './report-tables.ts';
import { batchArn, batchId } from './rules/batch/state.ts';
import { groupOfArn, reportArn, wantedGroup } from './rules/reports/names.ts';
import { coversMore, mergedCoverage, mergedStatus, mergedTests } from './rules/reports/merge.ts';

export interface MergeTools {
  readonly db: Reader;
  readonly commits: Commits;
  readonly clock: Clock;
  readonly ids: Ids;
}

/** What is to be merged: the reports of one try of a fan-out. */
export interface MergeOrder {
  readonly account: string;
  readonly region: string;
  readonly project: string;
  /** Of the batch. */
  readonly uuid: string;
  /** Tells a batch's tries apart: each has merged reports of its own. */
  readonly attempt: number;
  /** The builds that began, in the order of the fan-out. */
  readonly builds: readonly string[];
  /** How many there were to be. */
  readonly shards: number;
}

type Row = ReportRow & { readonly wanted: string };

/** Rows that one commit copies at most: others wait for it no longer than for a large build. */
const AT_ONCE = 2_000;

/**
 * Makes one report of those of the same name of a fan-out's builds, with all their test cases or files; answers the reports' ARNs. May be
 * called again, and finds what it did before: https://docs.aws.amazon.com/codebuild/latest/userguide/parallel-test-auto-merge.html
 */
export async function mergeReports(tools: MergeTools, order: MergeOrder): Promise<readonly string[]> {
  const { account, region, project } = order;
  const byName = new Map<string, Row[]>();
  for (const build of order.builds) {
    const rows = await tools.db.all<Row>(reportSql.wantedOfBuild, account, region, `${project}:${build}`, tools.clock.now());
    for (const row of rows) byName.set(row.wanted, [...(byName.get(row.wanted) ?? []), row]);
  }
  const arns: string[] = [];
  for (const [wanted, rows] of byName) {
    const merged = await merge(tools, order, wanted, rows);
    if (merged) arns.push(reportArn(order, merged.group, merged.id));
  }
  return arns;
}

async function merge(tools: MergeTools, order: MergeOrder, wanted: string, rows: readonly Row[]): Promise<ReportRow | undefined> {
  const report = await begun(tools, order, wanted, rows[0]!);
  if (report?.status !== 'GENERATING') return report;
  if (report.type === 'TEST') await copyTestCases(tools, report.id, rows);
  else await mergeCoverages(tools, report.id, rows);
  const { status, data } = ending(order, rows);
  const whole = JSON.stringify({ ...(JSON.parse(report.data) as ReportData), ...data });
  await tools.commits.commit([write(reportSql.complete, [status, whole, order.account, order.region, report.id])]);
  return report;
}

/** The merged report, made unless it is there; undefined where somebody has removed its group meanwhile. */
async function begun(tools: MergeTools, order: MergeOrder, wanted: string, { type }: Row): Promise<ReportRow | undefined> {
  const { account, region, project, attempt } = order;
  const key = `${attempt}/${wanted}`;
  const find = () => tools.db.get<ReportRow>(reportSql.ofWanted, account, region, batchId(order), key);
  const before = await find();
  if (before) return before;
  const names = wantedGroup(project, wanted);
  const group = await findGroup(tools, order, 'name' in names ? names.name : groupOfArn(order, names.arn));
  if (group?.type !== type) return undefined;
  const { exportConfig } = JSON.parse(group.data) as GroupData;
  const data = JSON.stringify({
    exportConfig: exportConfig ?? { exportConfigType: 'NO_EXPORT' },
    executionId: batchArn(order),
  } satisfies ReportData);
  const now = tools.clock.now();
  const row = [account, region, tools.ids.uuid(), group.name, type, batchId(order), key, now, now + REPORT_KEPT_MS, data];
  await tools.commits.commit([write(reportSql.insert, row)]);
  return find();
}

function ending({ shards }: MergeOrder, rows: readonly Row[]) {
  const data = rows.map((row) => JSON.parse(row.data) as ReportData);
  const missing = Array.from({ length: shards - rows.length }, () => undefined);
  const testSummary = mergedTests(data.flatMap((one) => one.testSummary ?? []));
  const codeCoverageSummary = mergedCoverage(data.flatMap((one) => one.codeCoverageSummary ?? []));
  return {
    status: mergedStatus([...rows.map(({ status }) => status), ...missing]),
    data: {
      truncated: data.some(({ truncated }) => truncated),
      ...(testSummary && { testSummary }),
      ...(codeCoverageSummary && { codeCoverageSummary }),
    },
  };
}

/** All test cases of all builds, one build's behind the other's. */
async function copyTestCases({ db, commits }: MergeTools, report: string, rows: readonly Row[]): Promise<void> {
  let offset = 0;
  for (const { id } of rows) {
    const count = ((await db.get<{ last: number | null }>(testCaseSql.last, id))?.last ?? -1) + 1;
    for (let from = 0; from < count; from += AT_ONCE)
      await commits.commit([write(testCaseSql.copy, [report, offset, id, from, from + AT_ONCE])]);
    offset += count;
  }
}

interface FileRow {
  readonly position: number;
  readonly path: string;
  readonly data: string;
}

/** Every file once, as the build tells it that covered most of it. */
async function mergeCoverages({ db, commits }: MergeTools, report: string, rows: readonly Row[]): Promise<void> {
  const best = new Map<string, CodeCoverageReportSummary>();
  for (const { id } of rows) {
    for (let page = await db.all<FileRow>(coverageSql.from, id, -1, AT_ONCE); page.length > 0;) {
      for (const { path, data } of page) {
        const coverage = JSON.parse(data) as CodeCoverageReportSummary;
        const known = best.get(path);
        if (!known || coversMore(coverage, known)) best.set(path, coverage);
      }
      page = await db.all<FileRow>(coverageSql.from, id, page.at(-1)!.position, AT_ONCE);
    }
  }
  // In the same order whenever it is done: what a try before this has written stays.
  const files = [...best].toSorted(([a], [b]) => (a < b ? -1 : 1));
  for (let from = 0; from < files.length; from += AT_ONCE) {
    const some = files.slice(from, from + AT_ONCE);
    await commits.commit(some.map(([path, coverage], index) => coverageWrite(report, from + index, path, coverage)));
  }
}

function coverageWrite(report: string, position: number, path: string, coverage: CodeCoverageReportSummary): Write {
  return write(coverageSql.put, [report, position, path, coverage.lineCoveragePercentage ?? 0, JSON.stringify(coverage)]);
}
