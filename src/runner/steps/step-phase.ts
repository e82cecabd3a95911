import type { Phase } from '../../services/codebuild/rules/buildspec/types.ts';
import type { Step } from '../../services/codebuild/rules/steps/types.ts';
import { PhaseFailure } from '../build/failure.ts';
import { ActionRun } from './action-run.ts';
import { Actions } from './actions.ts';
import { Expressions } from './expressions.ts';
import type { ListScope } from './scope.ts';
import { Session } from './session.ts';
import type { StepBuild } from './step-build.ts';
import { StepError } from './step-error.ts';
import { runSteps, type StepFailure } from './step-list.ts';

/** The steps of a build's phases: https://docs.aws.amazon.com/codebuild/latest/userguide/action-runner-buildspec.html */
export class StepPhases {
  readonly #session: Session;
  readonly #actions: Actions;

  constructor(build: StepBuild) {
    this.#session = new Session(build);
    this.#actions = new Actions(this.#session);
  }

  /** Runs the steps of a phase as GitHub runs those of a job. Answers the failure; rejects where it could not be told. */
  async run(phase: Phase): Promise<PhaseFailure | undefined> {
    const steps = phase.steps ?? [];
    await this.#session.enter(phase.name);
    // Of an earlier try of the phase.
    for (const { id } of steps) if (id !== undefined) this.#session.results.delete(id);
    const scope: ListScope = { results: this.#session.results, inputs: {}, env: {}, action: {}, progress: { status: 'success' }, depth: 0 };
    const run = new ActionRun(this.#session, this.#actions, async (inner, innerScope) => {
      await runSteps(this.#session, run, inner, innerScope);
    });
    const early = await this.#prepare(run, steps, scope);
    const main = await runSteps(this.#session, run, steps, scope);
    const late = await this.#finish(run, scope);
    const failure = early ?? main ?? late;
    return failure && new PhaseFailure('COMMAND_EXECUTION_ERROR', `Error while executing step: ${failure.name}. Reason: ${failure.reason}`);
  }

  async #prepare(run: ActionRun, steps: readonly Step[], scope: ListScope): Promise<StepFailure | undefined> {
    for (const step of steps) {
      try {
        const env = await new Expressions(this.#session, scope).texts(step.env);
        await run.prepare({ step, scope, env });
      } catch (error) {
        if (!(error instanceof StepError)) throw error;
        // An action that cannot be had fails the step that uses it, if that is to run at all.
        if (!run.posts.pending.some(([prepared]) => prepared === step)) continue;
        return this.#failed(scope, { name: `Pre ${step.uses ?? ''}`, reason: error.message });
      }
    }
    return undefined;
  }

  async #finish(run: ActionRun, scope: ListScope): Promise<StepFailure | undefined> {
    let first: StepFailure | undefined;
    for (const [, call] of run.posts.pending) {
      const { runs } = call.action.definition;
      const wanted = runs.kind === 'javascript' ? runs.post : runs.kind === 'docker' ? runs.postEntrypoint : undefined;
      if (wanted === undefined) continue;
      const name = `Post ${call.uses}`;
      this.#session.build.log.agent(`Running step ${name}`);
      try {
        await run.part('post', call);
      } catch (error) {
        if (!(error instanceof StepError)) throw error;
        first ??= this.#failed(scope, { name, reason: error.message });
      }
    }
    return first;
  }

  #failed(scope: ListScope, failure: StepFailure): StepFailure {
    this.#session.build.log.agent(`Step did not exit successfully ${failure.name} ${failure.reason}`);
    scope.progress.status = 'failure';
    return failure;
  }
}
