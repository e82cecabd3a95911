import { Capture, messageText, secondsText, shortName } from './texts.ts';
import type { ParsedTestCase, TestStatus } from './types.ts';
import type { Attributes, XmlHandler } from './xml-reader.ts';

const STATUSES: ReadonlyMap<string, TestStatus> = new Map([
  // NUnit 2
  ['success', 'SUCCEEDED'],
  ['failure', 'FAILED'],
  ['error', 'ERROR'],
  ['ignored', 'SKIPPED'],
  ['notrunnable', 'ERROR'],
  ['cancelled', 'ERROR'],
  // NUnit 3, where Inconclusive stays what AWS has no word for
  ['passed', 'SUCCEEDED'],
  ['warning', 'SUCCEEDED'],
  ['failed', 'FAILED'],
  ['skipped', 'SKIPPED'],
]);
/** NUnit 3 says by a label that a test did not merely fail. */
const ERRORS: ReadonlySet<string | undefined> = new Set(['error', 'invalid', 'cancelled']);

function statusOf(attributes: Attributes): TestStatus {
  const result = attributes.get('result')?.toLowerCase();
  if (result !== undefined) {
    const status = STATUSES.get(result) ?? 'UNKNOWN';
    return status === 'FAILED' && ERRORS.has(attributes.get('label')?.toLowerCase()) ? 'ERROR' : status;
  }
  // NUnit before 2.5
  if (attributes.get('executed')?.toLowerCase() === 'false') return 'SKIPPED';
  const success = attributes.get('success')?.toLowerCase();
  return success === 'true' ? 'SUCCEEDED' : success === 'false' ? 'FAILED' : 'UNKNOWN';
}

/** `Space.Class.Method("a.b")` in its class and the rest; arguments may hold dots. */
function split(fullName: string): { readonly prefix: string; readonly name: string } {
  const bracket = fullName.search(/[(<]/);
  const dot = fullName.lastIndexOf('.', bracket < 0 ? undefined : bracket);
  return dot <= 0 ? { prefix: '', name: fullName } : { prefix: fullName.slice(0, dot), name: fullName.slice(dot + 1) };
}

function named(attributes: Attributes): { readonly prefix: string; readonly name: string } {
  const name = attributes.get('name') ?? '';
  const classname = attributes.get('classname');
  if (classname !== undefined) return { prefix: classname, name };
  const full = attributes.get('fullname') ?? name;
  return full.endsWith(`.${name}`) ? { prefix: full.slice(0, full.length - name.length - 1), name } : split(full);
}

/** The results of NUnit 2 (`test-results`) and 3 (`test-run`): https://docs.nunit.org/articles/nunit/technical-notes/usage/Test-Result-XML-Format.html */
export class NUnit implements XmlHandler {
  readonly roots = ['test-results', 'test-run'];
  readonly #found: (testCase: ParsedTestCase) => void;
  readonly #suites: string[] = [];
  readonly #text = new Capture();
  #case: Attributes | undefined;
  #message = '';
  #trace = '';

  constructor(found: (testCase: ParsedTestCase) => void) {
    this.#found = found;
  }

  open(name: string, attributes: Attributes, path: readonly string[]): void {
    if (name === 'test-suite') this.#suites.push(attributes.get('name') ?? '');
    else if (name === 'test-case') [this.#case, this.#message, this.#trace] = [attributes, '', ''];
    else if (this.#case && this.#isPart(name, path)) this.#text.begin();
  }

  text(text: string): void {
    this.#text.add(text);
  }

  close(name: string, path: readonly string[]): void {
    if (name === 'test-suite') this.#suites.pop();
    else if (name === 'test-case') this.#done();
    else if (this.#case && this.#isPart(name, path)) {
      if (name === 'message') this.#message = this.#text.take();
      else this.#trace = this.#text.take();
    }
  }

  #isPart(name: string, path: readonly string[]): boolean {
    const parent = path.at(-2);
    return (name === 'message' || name === 'stack-trace') && (parent === 'failure' || parent === 'reason') && path.at(-3) === 'test-case';
  }

  #done(): void {
    const attributes = this.#case;
    this.#case = undefined;
    if (!attributes) return;
    const { prefix, name } = named(attributes);
    const message = messageText(this.#message, this.#trace);
    const suite = this.#suites.at(-1) ?? '';
    this.#found({
      name: shortName(name),
      ...(prefix !== '' && { prefix: shortName(prefix) }),
      ...(suite !== '' && { suite: shortName(suite) }),
      status: statusOf(attributes),
      duration: secondsText(attributes.get('duration') ?? attributes.get('time')),
      ...(message !== undefined && { message }),
    });
  }
}
