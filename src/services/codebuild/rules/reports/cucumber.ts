import { field, isMap, list, text } from './json-reader.ts';
import { messageText, shortName } from './texts.ts';
import { ReportError, type ParsedTestCase, type TestStatus } from './types.ts';

/** From the best to the worst; a scenario is as its worst step. Steps that nobody wrote fail a scenario, as they do a run of Cucumber. */
const STEPS: readonly (readonly [string, TestStatus])[] = [
  ['passed', 'SUCCEEDED'],
  ['skipped', 'SKIPPED'],
  ['pending', 'SKIPPED'],
  ['unknown', 'UNKNOWN'],
  ['undefined', 'FAILED'],
  ['ambiguous', 'FAILED'],
  ['failed', 'FAILED'],
];
const ORDER: readonly string[] = STEPS.map(([name]) => name);
const STATUSES: ReadonlyMap<string, TestStatus> = new Map(STEPS);

interface Step {
  readonly name: string;
  readonly status: string;
  /** Nanoseconds. */
  readonly duration: number;
  readonly error: string | undefined;
}

function stepOf(step: unknown): Step {
  const result = field(step, 'result');
  const duration = field(result, 'duration');
  const status = text(field(result, 'status'))?.toLowerCase() ?? 'unknown';
  return {
    name: `${text(field(step, 'keyword')) ?? ''}${text(field(step, 'name')) ?? ''}`.trim(),
    status: STATUSES.has(status) ? status : 'unknown',
    duration: typeof duration === 'number' && duration > 0 ? Math.min(Math.round(duration), Number.MAX_SAFE_INTEGER) : 0,
    error: text(field(result, 'error_message')),
  };
}

/** A scenario's steps with the hooks around all of them and around each. */
function steps(element: unknown): readonly Step[] {
  const own = list(field(element, 'steps')).flatMap((step) => [
    ...list(field(step, 'before')).map(stepOf),
    stepOf(step),
    ...list(field(step, 'after')).map(stepOf),
  ]);
  return [...list(field(element, 'before')).map(stepOf), ...own, ...list(field(element, 'after')).map(stepOf)];
}

function message(worst: Step | undefined): string | undefined {
  if (!worst || worst.status === 'passed') return undefined;
  const what = worst.status === 'failed' ? '' : `${worst.status} step`;
  return messageText([what, worst.name].filter((part) => part !== '').join(': '), (worst.error ?? '').trim());
}

function testCase(feature: unknown, scenario: unknown, all: readonly Step[]): ParsedTestCase {
  const rank = ({ status }: Step): number => ORDER.indexOf(status);
  const worst = all.reduce<Step | undefined>((found, step) => (!found || rank(step) > rank(found) ? step : found), undefined);
  const prefix = text(field(feature, 'name')) || text(field(feature, 'uri')) || '';
  const told = message(worst);
  return {
    name: shortName(text(field(scenario, 'name')) || text(field(scenario, 'id')) || ''),
    ...(prefix !== '' && { prefix: shortName(prefix), suite: shortName(prefix) }),
    // A scenario without steps has shown nothing.
    status: STATUSES.get(worst?.status ?? 'unknown') ?? 'UNKNOWN',
    duration: Math.min(
      all.reduce((sum, { duration }) => sum + duration, 0),
      Number.MAX_SAFE_INTEGER,
    ),
    ...(told !== undefined && { message: told }),
  };
}

/** Cucumber's JSON: features with scenarios with steps. A background's steps belong to the scenario behind it. */
export function cucumber(value: unknown, found: (testCase: ParsedTestCase) => void): void {
  if (!Array.isArray(value)) throw new ReportError('expected a list of features, as Cucumber’s JSON formatter writes it');
  for (const feature of value as readonly unknown[]) {
    if (!isMap(feature) || !('elements' in feature || 'name' in feature || 'uri' in feature))
      throw new ReportError('expected a feature with name and elements, as Cucumber’s JSON formatter writes it');
    let background: readonly Step[] = [];
    for (const element of list(field(feature, 'elements'))) {
      if (text(field(element, 'type')) === 'background') {
        background = steps(element);
        continue;
      }
      found(testCase(feature, element, [...background, ...steps(element)]));
      background = [];
    }
  }
}
