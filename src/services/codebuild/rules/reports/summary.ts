import type { CodeCoverageReportSummary, TestReportSummary } from '../../api.gen.ts';
import { TEST_STATUSES, type FileCoverage, type ParsedTestCase, type TestStatus } from './types.ts';

/** Counts test cases as they are read. */
export class TestTally {
  readonly #counts = new Map<TestStatus, number>(TEST_STATUSES.map((status) => [status, 0]));
  #total = 0;
  #duration = 0;

  add({ status, duration }: ParsedTestCase): void {
    this.#counts.set(status, (this.#counts.get(status) ?? 0) + 1);
    this.#total++;
    this.#duration = Math.min(this.#duration + duration, Number.MAX_SAFE_INTEGER);
  }

  summary(): TestReportSummary {
    return { total: this.#total, statusCounts: Object.fromEntries(this.#counts), durationInNanoSeconds: this.#duration };
  }
}

/** Some test cases did not succeed; those that were skipped or that nobody knows of are no failures. */
export function testsFailed({ statusCounts }: TestReportSummary): boolean {
  return (statusCounts['FAILED'] ?? 0) + (statusCounts['ERROR'] ?? 0) > 0;
}

/** Two digits after the point; undefined of nothing. */
export function percentage(covered: number, missed: number): number | undefined {
  return covered + missed === 0 ? undefined : Math.round((covered / (covered + missed)) * 10_000) / 100;
}

/** Lines and branches with their percentages, as AWS shows them; of no branches there is no percentage. */
export function coverageView(counts: Omit<FileCoverage, 'path'>): CodeCoverageReportSummary {
  const { linesCovered, linesMissed, branchesCovered, branchesMissed } = counts;
  const branches = percentage(branchesCovered, branchesMissed);
  return {
    lineCoveragePercentage: percentage(linesCovered, linesMissed) ?? 0,
    linesCovered,
    linesMissed,
    ...(branches !== undefined && { branchCoveragePercentage: branches }),
    branchesCovered,
    branchesMissed,
  };
}

/** All files together. */
export function coverageTotals(files: readonly FileCoverage[]): Omit<FileCoverage, 'path'> {
  const sum = (key: Exclude<keyof FileCoverage, 'path'>): number => files.reduce((total, file) => total + file[key], 0);
  return {
    linesCovered: sum('linesCovered'),
    linesMissed: sum('linesMissed'),
    branchesCovered: sum('branchesCovered'),
    branchesMissed: sum('branchesMissed'),
  };
}
