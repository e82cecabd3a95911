import { unreachable } from '../../kernel/errors.ts';
import type { Step } from '../../services/codebuild/rules/steps/types.ts';
import type { ActionCall } from './action-call.ts';
import type { Actions } from './actions.ts';
import { checkedOut } from './checkout.ts';
import { runDocker } from './docker-action.ts';
import { Expressions } from './expressions.ts';
import { inputsOf } from './inputs.ts';
import type { Told } from './invoke.ts';
import { runJavaScript } from './javascript.ts';
import { Posts } from './posts.ts';
import type { ListScope } from './scope.ts';
import type { Session } from './session.ts';
import { StepError } from './step-error.ts';

type Env = Readonly<Record<string, string>>;
export type Part = 'pre' | 'main' | 'post';

/** GitHub's own limit. */
const DEEPEST = 9;
const NOTHING: Told = { outputs: {}, state: {} };

/** A step that uses an action, with what was evaluated of it. */
export interface Use {
  readonly step: Step;
  readonly scope: ListScope;
  readonly env: Env;
}

/** `timed`: the scope with the step's deadline, which its post does not have. */
export interface TimedUse extends Use {
  readonly timed: ListScope;
}

/** Runs actions: their three parts, and composite ones step by step. */
export class ActionRun {
  readonly #session: Session;
  readonly #actions: Actions;
  readonly posts = new Posts();
  /** Those whose pre has run. */
  readonly #prepared = new Map<Step, ActionCall>();
  readonly #runList: (steps: readonly Step[], scope: ListScope) => Promise<void>;

  constructor(session: Session, actions: Actions, runList: (steps: readonly Step[], scope: ListScope) => Promise<void>) {
    this.#session = session;
    this.#actions = actions;
    this.#runList = runList;
  }

  /** Before the first step of a phase: fetches the action and runs its pre. Local actions may not be there yet. */
  async prepare(use: Use): Promise<void> {
    const { step } = use;
    if (step.uses === undefined || step.uses.startsWith('.') || /^actions\/checkout@/i.test(step.uses)) return;
    const action = await this.#actions.load(step.uses);
    const { runs } = action.definition;
    if (runs.kind === 'composite' || (runs.kind === 'javascript' ? runs.pre : runs.preEntrypoint) === undefined) return;
    const call = await this.#call(use, {});
    this.#prepared.set(step, call);
    this.posts.add(step, call);
    await this.part('pre', call);
  }

  /** The step itself. */
  async main(use: TimedUse): Promise<Told> {
    const { step, scope, timed } = use;
    const uses = step.uses ?? '';
    const given = await new Expressions(this.#session, scope, use.env).texts(step.with);
    const outputs = checkedOut(this.#session, uses, given);
    if (outputs) return { outputs, state: {} };
    const before = this.#prepared.get(step);
    const call = await this.#call(use, before?.state ?? {});
    const main = { ...call, scope: { ...timed, action: call.action.facts } };
    if (call.action.definition.runs.kind === 'composite') return this.#composite(main);
    this.posts.add(step, call);
    // Within a composite action there was no earlier moment.
    if (!before && scope.depth > 0) await this.part('pre', main);
    return this.part('main', main);
  }

  /** One part of an action that has it; its own condition holds for pre and post. */
  async part(part: Part, call: ActionCall): Promise<Told> {
    const { runs } = call.action.definition;
    switch (runs.kind) {
      case 'javascript': {
        const file = runs[part];
        if (file === undefined || !(await this.#wanted(part, call, part === 'pre' ? runs.preIf : runs.postIf))) return NOTHING;
        return runJavaScript(this.#session, call, file, runs.using);
      }
      case 'docker': {
        const entrypoint = part === 'main' ? runs.entrypoint : part === 'pre' ? runs.preEntrypoint : runs.postEntrypoint;
        return part !== 'main' && entrypoint === undefined ? NOTHING : runDocker(this.#session, call, runs, entrypoint);
      }
      case 'composite':
        return NOTHING;
      default:
        return unreachable(runs);
    }
  }

  #wanted(part: Part, { scope, env }: ActionCall, condition = 'always()'): Promise<boolean> {
    return part === 'main' ? Promise.resolve(true) : new Expressions(this.#session, scope, env).condition(condition);
  }

  async #call({ step, scope, env }: Use, state: Record<string, string>): Promise<ActionCall> {
    const uses = step.uses ?? '';
    const action = await this.#actions.load(uses);
    const inner = { ...scope, action: action.facts };
    const expressions = new Expressions(this.#session, inner, env);
    const inputs = await inputsOf(action.definition, await expressions.texts(step.with), expressions, this.#session.build.log);
    return { uses, action, scope: inner, env, inputs, state };
  }

  async #composite({ action, scope, env, inputs, uses }: ActionCall): Promise<Told> {
    const { runs, outputs } = action.definition;
    if (runs.kind !== 'composite') throw new StepError(`${uses} is no composite action`);
    if (scope.depth >= DEEPEST) throw new StepError(`${uses} is nested too deeply in composite actions`);
    const inner: ListScope = {
      ...scope,
      results: new Map(),
      inputs,
      env: { ...scope.env, ...env },
      progress: { status: 'success' },
      depth: scope.depth + 1,
    };
    await this.#runList(runs.steps, inner);
    const told = { outputs: await new Expressions(this.#session, inner).texts(outputs), state: {} };
    if (inner.progress.status === 'failure') throw new StepError('one of its steps failed');
    return told;
  }
}
