/** https://docs.aws.amazon.com/codebuild/latest/userguide/test-report.html */
export type TestStatus = 'SUCCEEDED' | 'FAILED' | 'ERROR' | 'SKIPPED' | 'UNKNOWN';

export const TEST_STATUSES: readonly TestStatus[] = ['SUCCEEDED', 'FAILED', 'ERROR', 'SKIPPED', 'UNKNOWN'];

export interface ParsedTestCase {
  readonly name: string;
  /** What related cases share: the class, or the feature. */
  readonly prefix?: string;
  readonly suite?: string;
  readonly status: TestStatus;
  /** Whole nanoseconds. */
  readonly duration: number;
  readonly message?: string;
}

/** How much of one source file the tests reached. */
export interface FileCoverage {
  readonly path: string;
  readonly linesCovered: number;
  readonly linesMissed: number;
  readonly branchesCovered: number;
  readonly branchesMissed: number;
}

/** Takes a report's text as it comes, in pieces of any size; throws ReportError where it is not what it should be. */
export interface ReportReader {
  write(text: string): void;
  /** The text is over. */
  end(): void;
}

/** A report that cannot be read; the message says why, for people. */
export class ReportError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ReportError';
  }
}
