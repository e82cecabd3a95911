import type { CodeCoverageReportSummary, ReportStatusType, TestReportSummary } from '../../api.gen.ts';
import { coverageTotals, coverageView } from './summary.ts';

// How the reports of a fan-out's builds become one: https://docs.aws.amazon.com/codebuild/latest/userguide/parallel-test-auto-merge.html

/** `undefined` stands for a build that made no such report. What failed outweighs what is missing: AWS does not say which goes first. */
export function mergedStatus(statuses: readonly (ReportStatusType | undefined)[]): ReportStatusType {
  if (statuses.includes('FAILED')) return 'FAILED';
  return statuses.every((status) => status === 'SUCCEEDED') ? 'SUCCEEDED' : 'INCOMPLETE';
}

/** The builds ran at the same time: what they took is what the longest took. */
export function mergedTests(summaries: readonly TestReportSummary[]): TestReportSummary | undefined {
  if (summaries.length === 0) return undefined;
  const statusCounts: Record<string, number> = {};
  for (const summary of summaries)
    for (const [status, count] of Object.entries(summary.statusCounts)) statusCounts[status] = (statusCounts[status] ?? 0) + count;
  return {
    total: summaries.reduce((sum, { total }) => sum + total, 0),
    statusCounts,
    durationInNanoSeconds: Math.max(...summaries.map(({ durationInNanoSeconds }) => durationInNanoSeconds)),
  };
}

export function mergedCoverage(summaries: readonly CodeCoverageReportSummary[]): CodeCoverageReportSummary | undefined {
  if (summaries.length === 0) return undefined;
  const counts = summaries.map(({ linesCovered = 0, linesMissed = 0, branchesCovered = 0, branchesMissed = 0 }) => ({
    path: '',
    linesCovered,
    linesMissed,
    branchesCovered,
    branchesMissed,
  }));
  return coverageView(coverageTotals(counts));
}

/** Whether a build's account of a file is the better one: more of its lines are covered, or as many and more of its branches. */
export function coversMore(one: CodeCoverageReportSummary, other: CodeCoverageReportSummary): boolean {
  const [lines, otherLines] = [one.lineCoveragePercentage ?? 0, other.lineCoveragePercentage ?? 0];
  if (lines !== otherLines) return lines > otherLines;
  return (one.branchCoveragePercentage ?? 0) > (other.branchCoveragePercentage ?? 0);
}
