import { Capture, messageText, nanoseconds, shortName } from './texts.ts';
import { ReportError, type ParsedTestCase, type TestStatus } from './types.ts';
import type { Attributes, XmlHandler } from './xml-reader.ts';

const STATUSES: ReadonlyMap<string, TestStatus> = new Map([
  ['passed', 'SUCCEEDED'],
  ['passedbutrunaborted', 'SUCCEEDED'],
  ['completed', 'SUCCEEDED'],
  ['warning', 'SUCCEEDED'],
  ['failed', 'FAILED'],
  ['error', 'ERROR'],
  ['timeout', 'ERROR'],
  ['aborted', 'ERROR'],
  ['disconnected', 'ERROR'],
  ['notexecuted', 'SKIPPED'],
  ['notrunnable', 'SKIPPED'],
  ['pending', 'SKIPPED'],
]);
const RESULTS: ReadonlySet<string> = new Set(['UnitTestResult', 'TestResult', 'GenericTestResult', 'ManualTestResult', 'WebTestResult']);
/** Results wait for the definitions behind them, which know their classes: so many characters of messages may wait. */
const MOST_WAITING = 64 * 1024 * 1024;

interface Result {
  readonly attributes: Attributes;
  message: string;
  trace: string;
  /** It only sums up the rows of a data-driven test. */
  isParent: boolean;
}

/** `HH:MM:SS.fffffff`, days in front where it took any. */
function duration(text: string | undefined): number {
  const match = /^(?:(\d+)\.)?(\d+):(\d+):(\d+(?:\.\d+)?)$/.exec(text?.trim() ?? '');
  if (!match) return 0;
  const [, days = '0', hours, minutes, seconds] = match;
  return nanoseconds(((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60 + Number(seconds));
}

/** Old files name the class with its assembly behind a comma. */
const className = (text: string): string => text.split(',', 1)[0]!.trim();

/** Visual Studio's test results (`TestRun`), as `dotnet test --logger trx` writes them. */
export class Trx implements XmlHandler {
  readonly roots = ['TestRun'];
  readonly #found: (testCase: ParsedTestCase) => void;
  readonly #text = new Capture();
  readonly #open: Result[] = [];
  readonly #results: Result[] = [];
  readonly #classes = new Map<string, string>();
  #waiting = 0;
  #definition: string | undefined;

  constructor(found: (testCase: ParsedTestCase) => void) {
    this.#found = found;
  }

  open(name: string, attributes: Attributes, path: readonly string[]): void {
    if (RESULTS.has(name)) this.#begin(attributes);
    else if (name === 'UnitTest') this.#definition = attributes.get('id');
    else if (name === 'TestMethod' && this.#definition !== undefined)
      this.#classes.set(this.#definition, className(attributes.get('className') ?? ''));
    else if (this.#isPart(name, path)) this.#text.begin();
  }

  text(text: string): void {
    this.#text.add(text);
  }

  close(name: string, path: readonly string[]): void {
    if (RESULTS.has(name)) this.#done();
    else if (name === 'UnitTest') this.#definition = undefined;
    else if (this.#isPart(name, path)) {
      const result = this.#open.at(-1);
      const text = this.#text.take();
      if (result) result[name === 'Message' ? 'message' : 'trace'] = text;
    }
  }

  end(): void {
    for (const { attributes, message, trace } of this.#results) {
      const prefix = this.#classes.get(attributes.get('testId') ?? '') ?? '';
      const testName = attributes.get('testName') ?? '';
      const text = messageText(message, trace);
      this.#found({
        // xunit writes the class before the name.
        name: shortName(prefix !== '' && testName.startsWith(`${prefix}.`) ? testName.slice(prefix.length + 1) : testName),
        ...(prefix !== '' && { prefix: shortName(prefix) }),
        status: STATUSES.get(attributes.get('outcome')?.toLowerCase() ?? '') ?? 'UNKNOWN',
        duration: duration(attributes.get('duration')),
        ...(text !== undefined && { message: text }),
      });
    }
  }

  #begin(attributes: Attributes): void {
    const parent = this.#open.at(-1);
    if (parent) parent.isParent = true;
    const wanted = ['testId', 'testName', 'outcome', 'duration'].flatMap((name) => {
      const value = attributes.get(name);
      return value === undefined ? [] : [[name, value] as const];
    });
    this.#open.push({ attributes: new Map(wanted), message: '', trace: '', isParent: false });
  }

  #done(): void {
    const result = this.#open.pop();
    if (!result || result.isParent) return;
    this.#waiting += result.message.length + result.trace.length + (result.attributes.get('testName')?.length ?? 0) + 200;
    if (this.#waiting > MOST_WAITING) throw new ReportError('the results of a TRX file may have 64 MB at most');
    this.#results.push(result);
  }

  #isPart(name: string, path: readonly string[]): boolean {
    return (name === 'Message' || name === 'StackTrace') && path.at(-2) === 'ErrorInfo';
  }
}
