import type { Value, ValueMap } from '../../services/codebuild/rules/expressions/value.ts';

export type StepStatus = 'success' | 'failure' | 'skipped';

/** How a step went, as the `steps` context shows it. `conclusion` is after continue-on-error. */
export interface StepResult {
  readonly outcome: StepStatus;
  readonly conclusion: StepStatus;
  readonly outputs: Readonly<Record<string, string>>;
}

export const stepsContext = (results: ReadonlyMap<string, StepResult>): ValueMap =>
  Object.fromEntries([...results].map(([id, { outputs, outcome, conclusion }]): [string, Value] => [id, { outputs, outcome, conclusion }]));
