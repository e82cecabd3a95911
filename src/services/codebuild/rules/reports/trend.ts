import { unreachable } from '../../../../kernel/errors.ts';
import type { Report, ReportGroupTrendFieldType, ReportGroupTrendStats, ReportType } from '../../api.gen.ts';
import { percentage } from './summary.ts';

/** Which reports have this value: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_GetReportGroupTrend.html */
export function trendType(field: ReportGroupTrendFieldType): ReportType {
  return field === 'PASS_RATE' || field === 'DURATION' || field === 'TOTAL' ? 'TEST' : 'CODE_COVERAGE';
}

/** The report's value of this field; undefined where it has none. Durations are nanoseconds, rates percent. */
export function trendValue({ testSummary, codeCoverageSummary }: Report, field: ReportGroupTrendFieldType): number | undefined {
  switch (field) {
    case 'PASS_RATE': {
      if (!testSummary) return undefined;
      const passed = testSummary.statusCounts['SUCCEEDED'] ?? 0;
      return percentage(passed, testSummary.total - passed);
    }
    case 'DURATION':
      return testSummary?.durationInNanoSeconds;
    case 'TOTAL':
      return testSummary?.total;
    case 'LINE_COVERAGE':
      return codeCoverageSummary?.lineCoveragePercentage;
    case 'LINES_COVERED':
      return codeCoverageSummary?.linesCovered;
    case 'LINES_MISSED':
      return codeCoverageSummary?.linesMissed;
    case 'BRANCH_COVERAGE':
      return codeCoverageSummary?.branchCoveragePercentage;
    case 'BRANCHES_COVERED':
      return codeCoverageSummary?.branchesCovered;
    case 'BRANCHES_MISSED':
      return codeCoverageSummary?.branchesMissed;
    default:
      return unreachable(field);
  }
}

/** AWS writes numbers as text here. */
export function trendStats(values: readonly number[]): ReportGroupTrendStats {
  if (values.length === 0) return {};
  const average = values.reduce((sum, value) => sum + value, 0) / values.length;
  const [min, max] = values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)], [values[0]!, values[0]!]);
  return { average: String(Math.round(average * 100) / 100), max: String(max), min: String(min) };
}
