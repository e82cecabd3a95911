import type { Step } from '../../services/codebuild/rules/steps/types.ts';
import type { ActionRun } from './action-run.ts';
import { Expressions } from './expressions.ts';
import { FailedProgram, type Told } from './invoke.ts';
import type { StepStatus } from './results.ts';
import type { ListScope } from './scope.ts';
import { runScript } from './script.ts';
import type { Session } from './session.ts';
import { StepError } from './step-error.ts';

type Env = Readonly<Record<string, string>>;

export interface StepFailure {
  readonly name: string;
  readonly reason: string;
}

interface Ended {
  readonly outcome: StepStatus;
  readonly conclusion: StepStatus;
  readonly outputs: Env;
  readonly failure?: StepFailure;
}

const SKIPPED: Ended = { outcome: 'skipped', conclusion: 'skipped', outputs: {} };

/** What AWS shows for a step without a name is what it runs. */
const defaultName = ({ uses, run = '' }: Step): string => uses ?? run.trimStart().split('\n', 1)[0]!;

/** Runs the steps one after the other; those after a failure only where their `if` says so. Answers the first failure that counts. */
export async function runSteps(
  session: Session,
  actions: ActionRun,
  steps: readonly Step[],
  scope: ListScope,
): Promise<StepFailure | undefined> {
  let first: StepFailure | undefined;
  for (const step of steps) {
    const { outcome, conclusion, outputs, failure } = await runStep(session, actions, step, scope);
    if (step.id !== undefined) scope.results.set(step.id, { outcome, conclusion, outputs });
    if (conclusion !== 'failure') continue;
    scope.progress.status = 'failure';
    first ??= failure;
  }
  return first;
}

async function runStep(session: Session, actions: ActionRun, step: Step, scope: ListScope): Promise<Ended> {
  let name = defaultName(step);
  let expressions = new Expressions(session, scope);
  try {
    const env = await expressions.texts(step.env);
    expressions = new Expressions(session, scope, env);
    if (!(await expressions.condition(step.if))) return SKIPPED;
    name = await expressions.text(step.name ?? name);
    session.build.log.agent(`Running step ${name}`);
    const timed = await withDeadline(step, scope, expressions);
    const { outputs } = await (step.uses === undefined
      ? runScript(session, timed, { step, env, expressions })
      : actions.main({ step, env, scope, timed }));
    return { outcome: 'success', conclusion: 'success', outputs };
  } catch (error) {
    if (!(error instanceof StepError)) throw error;
    const told: Partial<Told> = error instanceof FailedProgram ? error.told : {};
    return failed({ session, step, expressions }, { name, reason: error.message }, told.outputs ?? {});
  }
}

/** The scope in which the step ends in time. A copy: only its deadline is another. */
async function withDeadline(step: Step, scope: ListScope, expressions: Expressions): Promise<ListScope> {
  if (step.timeoutMinutes === undefined) return scope;
  const text = await expressions.text(step.timeoutMinutes);
  const minutes = Number(text);
  if (text.trim() === '' || !(minutes > 0)) throw new StepError(`timeout-minutes cannot be ${JSON.stringify(text)}`);
  const deadline = Math.min(scope.deadline ?? Infinity, performance.now() + minutes * 60_000);
  return { ...scope, deadline };
}

interface FailedStep {
  readonly session: Session;
  readonly step: Step;
  readonly expressions: Expressions;
}

async function failed({ session, step, expressions }: FailedStep, failure: StepFailure, outputs: Env): Promise<Ended> {
  session.build.log.agent(`Step did not exit successfully ${failure.name} ${failure.reason}`);
  const goesOn = await expressions.text(step.continueOnError ?? 'false').catch((error: unknown) => {
    if (error instanceof StepError) return 'false';
    throw error;
  });
  return { outcome: 'failure', conclusion: goesOn.trim().toLowerCase() === 'true' ? 'success' : 'failure', outputs, failure };
}
