import { Capture, messageText, secondsText, shortName } from './texts.ts';
import type { ParsedTestCase, TestStatus } from './types.ts';
import type { Attributes, XmlHandler } from './xml-reader.ts';

/** What stands in a test case and says how it went; a flaky test's earlier failures (`rerunFailure`, `flakyFailure`) do not count. */
const OUTCOMES: ReadonlyMap<string, TestStatus> = new Map([
  ['failure', 'FAILED'],
  ['error', 'ERROR'],
  ['skipped', 'SKIPPED'],
  ['ignored', 'SKIPPED'],
  ['disabled', 'SKIPPED'],
]);
/** googletest has no element for a test that was not run. */
const NOT_RUN: ReadonlySet<string | undefined> = new Set(['notrun', 'disabled', 'skipped', 'suppressed', 'ignored']);
const WORST: readonly TestStatus[] = ['ERROR', 'FAILED', 'SKIPPED'];

interface Open {
  readonly attributes: Attributes;
  status: TestStatus;
  message: string | undefined;
}

/** JUnit's XML, as dozens of tools write it: https://github.com/testmoapp/junitxml */
export class JUnit implements XmlHandler {
  readonly roots = ['testsuite', 'testsuites'];
  readonly #found: (testCase: ParsedTestCase) => void;
  readonly #suites: string[] = [];
  readonly #text = new Capture();
  #case: Open | undefined;
  #outcome: Attributes | undefined;

  constructor(found: (testCase: ParsedTestCase) => void) {
    this.#found = found;
  }

  open(name: string, attributes: Attributes, path: readonly string[]): void {
    if (name === 'testsuite') this.#suites.push(attributes.get('name') ?? '');
    else if (name === 'testcase') this.#case = { attributes, status: 'SUCCEEDED', message: undefined };
    else if (this.#case && OUTCOMES.has(name) && path.at(-2) === 'testcase') {
      this.#outcome = attributes;
      this.#text.begin();
    }
  }

  text(text: string): void {
    this.#text.add(text);
  }

  close(name: string, path: readonly string[]): void {
    if (name === 'testsuite') this.#suites.pop();
    else if (name === 'testcase') this.#done();
    else if (this.#outcome && path.at(-2) === 'testcase') this.#went(OUTCOMES.get(name), this.#outcome);
  }

  /** Several outcomes of one test: the worst counts, and its message. */
  #went(status: TestStatus | undefined, outcome: Attributes): void {
    this.#outcome = undefined;
    const message = messageText(outcome.get('message') ?? outcome.get('type'), this.#text.take());
    const current = this.#case;
    if (!current || !status) return;
    const worse = current.status === 'SUCCEEDED' || WORST.indexOf(status) < WORST.indexOf(current.status);
    if (worse) Object.assign(current, { status, message });
  }

  #done(): void {
    const current = this.#case;
    this.#case = undefined;
    if (!current) return;
    const { attributes } = current;
    const notRun = NOT_RUN.has(attributes.get('status')?.toLowerCase()) || NOT_RUN.has(attributes.get('result')?.toLowerCase());
    const suite = this.#suites.at(-1) ?? '';
    const prefix = attributes.get('classname') || suite;
    this.#found({
      name: shortName(attributes.get('name') ?? ''),
      ...(prefix !== '' && { prefix: shortName(prefix) }),
      ...(suite !== '' && { suite: shortName(suite) }),
      status: current.status === 'SUCCEEDED' && notRun ? 'SKIPPED' : current.status,
      duration: secondsText(attributes.get('time')),
      ...(current.message !== undefined && { message: current.message }),
    });
  }
}
