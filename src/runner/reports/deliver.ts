import { CoverageFiles } from '../../services/codebuild/rules/reports/coverage-files.ts';
import type { ReportFormat } from '../../services/codebuild/rules/reports/formats.ts';
import { coverageTotals, TestTally } from '../../services/codebuild/rules/reports/summary.ts';
import { shortName } from '../../services/codebuild/rules/reports/texts.ts';
import { ReportError, type ParsedTestCase } from '../../services/codebuild/rules/reports/types.ts';
import type { TestCase } from '../../services/pipewright/api.gen.ts';
import type { SelectedFile } from '../artifacts/select.ts';
import type { ReportCalls, ReportTotals } from './calls.ts';
import { readFileInto } from './read.ts';

/** Test cases that a report keeps; all are counted, and of those beyond it failed ones are still kept, up to so many. */
const MOST_CASES = 100_000;
const MOST_FAILED_MORE = 10_000;
/** One call carries no more: entries, and characters of text. */
const BATCH = 500;
const BATCH_TEXT = 1024 * 1024;
/** Bytes of all files of a report. */
const LARGEST = 512 * 1024 * 1024;

/** Sends test cases on as they are read; little of a large report is ever in memory. */
class TestCases {
  readonly tally = new TestTally();
  truncated = false;
  readonly #send: (position: number, testCases: readonly TestCase[]) => Promise<void>;
  #waiting: TestCase[] = [];
  #text = 0;
  #kept = 0;
  #sent = 0;

  constructor(send: (position: number, testCases: readonly TestCase[]) => Promise<void>) {
    this.#send = send;
  }

  add({ suite, duration, ...testCase }: ParsedTestCase, testRawDataPath: string): void {
    this.tally.add({ duration, ...testCase });
    const failed = testCase.status === 'FAILED' || testCase.status === 'ERROR';
    if (this.#kept >= MOST_CASES + (failed ? MOST_FAILED_MORE : 0)) {
      this.truncated = true;
      return;
    }
    this.#kept++;
    const path = testRawDataPath.slice(0, 4096);
    this.#waiting.push({
      ...testCase,
      ...(suite !== undefined && { testSuiteName: suite }),
      durationInNanoSeconds: duration,
      testRawDataPath: path,
    });
    this.#text += (testCase.message?.length ?? 0) + testCase.name.length + (testCase.prefix?.length ?? 0);
  }

  /** Sends full batches; at the end, all that waits. */
  async flush(all: boolean): Promise<void> {
    while (this.#waiting.length >= BATCH || this.#text >= BATCH_TEXT || (all && this.#waiting.length > 0)) {
      const batch = this.#take();
      await this.#send(this.#sent, batch);
      this.#sent += batch.length;
    }
  }

  #take(): readonly TestCase[] {
    let [count, text] = [0, 0];
    for (; count < Math.min(BATCH, this.#waiting.length) && text < BATCH_TEXT; count++) {
      const { message = '', name, prefix = '' } = this.#waiting[count]!;
      text += message.length + name.length + prefix.length;
    }
    const batch = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    this.#text -= text;
    return batch;
  }
}

async function refusing<T>(file: SelectedFile, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ReportError) throw new ReportError(`error processing report: [${file.path}: ${error.message}]`);
    throw error;
  }
}

export interface Delivery {
  readonly calls: ReportCalls;
  readonly reportArn: string;
  readonly sourceDir: string;
  /** A build that is stopped delivers no more. */
  readonly signal: AbortSignal;
}

async function deliverTests(
  format: ReportFormat & { type: 'TEST' },
  files: readonly SelectedFile[],
  delivery: Delivery,
): Promise<ReportTotals> {
  const cases = new TestCases((position, batch) => delivery.calls.testCases(delivery.reportArn, position, batch));
  for (const file of files) {
    const reader = format.read((testCase) => cases.add(testCase, file.path));
    await refusing(
      file,
      readFileInto(file, reader, () => {
        delivery.signal.throwIfAborted();
        return cases.flush(false);
      }),
    );
  }
  await cases.flush(true);
  return { tests: cases.tally.summary(), truncated: cases.truncated };
}

async function deliverCoverage(
  format: ReportFormat & { type: 'CODE_COVERAGE' },
  files: readonly SelectedFile[],
  { calls, reportArn, sourceDir, signal }: Delivery,
): Promise<ReportTotals> {
  const found = new CoverageFiles();
  for (const file of files)
    await refusing(
      file,
      readFileInto(file, format.read(found), async () => signal.throwIfAborted()),
    );
  const inside = `${sourceDir}/`;
  const all = found
    .all()
    .map((file) => ({ ...file, path: shortName(file.path.startsWith(inside) ? file.path.slice(inside.length) : file.path) }));
  for (let at = 0; at < all.length; at += BATCH) await calls.coverages(reportArn, at, all.slice(at, at + BATCH));
  return { coverage: coverageTotals(all), truncated: found.truncated };
}

/** Reads a report's files and sends what they hold; answers what it comes to. Throws ReportError for a file that is no such report. */
export async function deliver(format: ReportFormat, files: readonly SelectedFile[], delivery: Delivery): Promise<ReportTotals> {
  if (files.reduce((sum, { size }) => sum + size, 0) > LARGEST) throw new ReportError('the files of a report may have 512 MB at most');
  return format.type === 'TEST' ? deliverTests(format, files, delivery) : deliverCoverage(format, files, delivery);
}
