import type { PipewrightClient } from '../client/client.ts';
import type { Report, TestCase } from '../services/codebuild/api.gen.ts';
import type { Paint } from './paint.ts';
import { duration } from './render.ts';
import { printable } from './screen.ts';

/** A report, with the first of its test cases that failed. */
export interface ShownReport {
  readonly report: Report;
  readonly failed: readonly TestCase[];
}

export interface ResultOptions {
  readonly paint: Paint;
  /** Failed test cases shown of each report, and lines of each message. */
  readonly cases: number;
  readonly messageLines: number;
  /** How to see all of them; empty where this is all. */
  readonly more: string;
}

/** At the end of a log: enough to begin with. */
export const BRIEF = { cases: 10, messageLines: 5 } as const;
/** Where somebody asked for it; the API answers no more at once. */
export const LONG = { cases: 100, messageLines: 200 } as const;

async function failedCases(client: PipewrightClient, reportArn: string, most: number): Promise<readonly TestCase[]> {
  const found: TestCase[] = [];
  for (const status of ['FAILED', 'ERROR']) {
    if (found.length >= most) break;
    const filter = { status };
    const { testCases = [] } = await client.codebuild.describeTestCases({ reportArn, filter, maxResults: most - found.length });
    found.push(...testCases);
  }
  return found;
}

/** The reports of a build, in the order in which they were made. */
export async function reportsOfBuild(client: PipewrightClient, buildId: string, most: number): Promise<readonly ShownReport[]> {
  const { builds = [] } = await client.codebuild.batchGetBuilds({ ids: [buildId] });
  const reportArns = builds[0]?.reportArns ?? [];
  if (reportArns.length === 0) return [];
  const { reports = [] } = await client.codebuild.batchGetReports({ reportArns: reportArns.slice(0, 100) });
  const shown: ShownReport[] = [];
  for (const report of reports) {
    const fails = report.type === 'TEST' && report.status === 'FAILED';
    shown.push({ report, failed: fails ? await failedCases(client, report.arn ?? '', most) : [] });
  }
  return shown;
}

const WORDS = { FAILED: 'failed', ERROR: 'in error', SUCCEEDED: 'passed', SKIPPED: 'skipped', UNKNOWN: 'unknown' } as const;

function counts({ statusCounts = {}, total = 0, durationInNanoSeconds = 0 }: Partial<NonNullable<Report['testSummary']>>): string {
  const parts = Object.entries(WORDS).flatMap(([status, word]) =>
    (statusCounts[status] ?? 0) > 0 ? [`${statusCounts[status]} ${word}`] : [],
  );
  return `${total === 0 ? 'no test cases' : parts.join(', ')} in ${duration(durationInNanoSeconds / 1e6)}`;
}

function coverage(summary: NonNullable<Report['codeCoverageSummary']>): string {
  const { lineCoveragePercentage = 0, linesCovered = 0, linesMissed = 0 } = summary;
  const { branchCoveragePercentage, branchesCovered = 0, branchesMissed = 0 } = summary;
  const lines = `${lineCoveragePercentage}% of lines (${linesCovered} of ${linesCovered + linesMissed})`;
  if (branchCoveragePercentage === undefined) return lines;
  return `${lines}, ${branchCoveragePercentage}% of branches (${branchesCovered} of ${branchesCovered + branchesMissed})`;
}

function total({ report }: ShownReport, { paint }: ResultOptions): string {
  const { name: group = '', status = '', testSummary, codeCoverageSummary } = report;
  const said = testSummary ? counts(testSummary) : codeCoverageSummary ? coverage(codeCoverageSummary) : status.toLowerCase();
  const good = status === 'SUCCEEDED';
  return `${paint(good ? 'good' : 'bad', good ? '✓' : status === 'GENERATING' ? '…' : '✗')} ${group}: ${said}`;
}

function failedLines({ report, failed }: ShownReport, { paint, cases, messageLines, more }: ResultOptions): readonly string[] {
  const { FAILED = 0, ERROR = 0 } = report.testSummary?.statusCounts ?? {};
  const shown = failed.slice(0, cases);
  const left = FAILED + ERROR - shown.length;
  const lines = shown.flatMap(({ prefix = '', name = '', message = '' }) => [
    `${paint('bad', '✗')} ${paint('strong', printable(prefix === '' || name.startsWith(prefix) ? name : `${prefix} ${name}`))}`,
    ...message
      .split('\n')
      .slice(0, message === '' ? 0 : messageLines)
      .map((line) => `    ${paint('quiet', printable(line))}`.trimEnd()),
  ]);
  return left > 0 ? [...lines, paint('quiet', `and ${left} more that failed${more && `: ${more}`}`)] : lines;
}

/** How the tests of a build went: first what failed and why, last the totals of each report. */
export function resultLines(reports: readonly ShownReport[], options: ResultOptions): readonly string[] {
  return [...reports.flatMap((shown) => failedLines(shown, options)), ...reports.map((shown) => total(shown, options))];
}
