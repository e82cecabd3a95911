import { Capture, messageText, nanoseconds, shortName } from './texts.ts';
import type { ParsedTestCase, TestStatus } from './types.ts';
import type { Attributes, XmlHandler } from './xml-reader.ts';

const STATUSES: ReadonlyMap<string, TestStatus> = new Map([
  ['PASS', 'SUCCEEDED'],
  ['FAIL', 'FAILED'],
  ['SKIP', 'SKIPPED'],
  // It failed, but as often as it may.
  ['SUCCESS_PERCENTAGE_FAILURE', 'SUCCEEDED'],
]);

/** `testng-results.xml`. Methods that set up and tear down are no tests. */
export class TestNg implements XmlHandler {
  readonly roots = ['testng-results'];
  readonly #found: (testCase: ParsedTestCase) => void;
  readonly #text = new Capture();
  #suite = '';
  #class = '';
  #method: Attributes | undefined;
  #message = '';
  #trace = '';

  constructor(found: (testCase: ParsedTestCase) => void) {
    this.#found = found;
  }

  open(name: string, attributes: Attributes, path: readonly string[]): void {
    if (name === 'suite') this.#suite = attributes.get('name') ?? '';
    else if (name === 'class' && path.at(-2) === 'test') this.#class = attributes.get('name') ?? '';
    else if (name === 'test-method') [this.#method, this.#message, this.#trace] = [attributes, '', ''];
    else if (this.#method && name === 'exception') this.#message = attributes.get('class') ?? '';
    else if (this.#isPart(name, path)) this.#text.begin();
  }

  text(text: string): void {
    this.#text.add(text);
  }

  close(name: string, path: readonly string[]): void {
    if (name === 'test-method') this.#done();
    else if (this.#isPart(name, path)) {
      const text = this.#text.take();
      if (name === 'message') this.#message = text || this.#message;
      else this.#trace = text;
    }
  }

  #isPart(name: string, path: readonly string[]): boolean {
    return (name === 'message' || name === 'full-stacktrace' || name === 'short-stacktrace') && path.at(-2) === 'exception';
  }

  #done(): void {
    const method = this.#method;
    this.#method = undefined;
    if (!method || method.get('is-config')?.toLowerCase() === 'true') return;
    const message = messageText(this.#message, this.#trace);
    this.#found({
      name: shortName(method.get('name') ?? ''),
      ...(this.#class !== '' && { prefix: shortName(this.#class) }),
      ...(this.#suite !== '' && { suite: shortName(this.#suite) }),
      status: STATUSES.get(method.get('status') ?? '') ?? 'UNKNOWN',
      duration: nanoseconds(Number(method.get('duration-ms')) / 1000),
      ...(message !== undefined && { message }),
    });
  }
}
