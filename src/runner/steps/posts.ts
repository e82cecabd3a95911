import type { Step } from '../../services/codebuild/rules/steps/types.ts';
import type { ActionCall } from './action-call.ts';

/** What actions want done when the steps of the phase are over: the last first. */
export class Posts {
  readonly #calls = new Map<Step, ActionCall>();

  /** Of a step whose pre or main has begun; its main's call takes the place of its pre's. */
  add(step: Step, call: ActionCall): void {
    this.#calls.set(step, call);
  }

  get pending(): readonly (readonly [Step, ActionCall])[] {
    return [...this.#calls].reverse();
  }
}
