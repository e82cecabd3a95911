import type { CodeCoverage, CompleteReportInput, CreateReportOutput, TestCase } from '../../services/pipewright/api.gen.ts';

/** Neither tests nor coverage: the report stays incomplete. */
export type ReportTotals = Pick<CompleteReportInput, 'truncated' | 'tests' | 'coverage'>;

/** How a build's reports are delivered. */
export interface ReportCalls {
  /** `reportGroup`: as the buildspec names it. */
  create(reportGroup: string, fileFormat: string): Promise<CreateReportOutput>;
  /** `position`: of the first of them in the report. */
  testCases(reportArn: string, position: number, testCases: readonly TestCase[]): Promise<void>;
  coverages(reportArn: string, position: number, codeCoverages: readonly CodeCoverage[]): Promise<void>;
  complete(reportArn: string, totals: ReportTotals): Promise<void>;
}
