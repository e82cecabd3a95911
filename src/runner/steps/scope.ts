import type { Value, ValueMap } from '../../services/codebuild/rules/expressions/value.ts';
import { stepsContext, type StepResult } from './results.ts';
import type { Session } from './session.ts';

type Env = Readonly<Record<string, string>>;

/** What the steps of one list see of each other and of what is around them: a phase's, or a composite action's. */
export interface ListScope {
  readonly results: Map<string, StepResult>;
  /** Of the composite action. */
  readonly inputs: Env;
  /** Of the step that uses the composite action. */
  readonly env: Env;
  /** Of the composite action, for the github context. */
  readonly action: Env;
  /** How the list goes so far: one object, however often the scope is copied. */
  readonly progress: { status: 'success' | 'failure' };
  /** Lists around this one. */
  readonly depth: number;
  /** When it is ended, by performance.now(). */
  readonly deadline?: number;
}

/** The contexts of an expression in a step whose own variables are `env`. */
export function contextsOf(session: Session, scope: ListScope, env: Env = {}): ValueMap {
  const none: ValueMap = {};
  const token = session.facts['token'];
  const contexts: Record<string, Value> = {
    github: { ...session.facts, ...scope.action, event: none },
    env: { ...session.environment, ...scope.env, ...env },
    job: { status: scope.progress.status },
    steps: stepsContext(scope.results),
    runner: session.runner,
    secrets: { ...session.build.secrets, ...(token !== undefined && { GITHUB_TOKEN: token }) },
    inputs: scope.inputs,
    vars: none,
    strategy: none,
    matrix: none,
    needs: none,
  };
  return contexts;
}
