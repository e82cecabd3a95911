import type { Action } from '../../services/codebuild/rules/steps/types.ts';
import type { BuildLog } from '../output/build-log.ts';
import type { Expressions } from './expressions.ts';

type Env = Readonly<Record<string, string>>;

/**
 * The inputs of an action: what the step gives, and for the rest what action.yml says. GitHub does not refuse a step that leaves out an
 * input that is required; the action does where it cannot go on. Neither do we, but we say so.
 */
export async function inputsOf(action: Action, given: Env, expressions: Expressions, log: BuildLog): Promise<Env> {
  const names = new Map(Object.keys(action.inputs).map((name) => [name.toLowerCase(), name]));
  const found: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const known = names.get(name.toLowerCase());
    if (known === undefined && name !== 'args' && name !== 'entrypoint') log.agent(`The action has no input ${name}`);
    const { deprecationMessage } = action.inputs[known ?? ''] ?? {};
    if (deprecationMessage !== undefined) log.agent(`The input ${name} is deprecated: ${deprecationMessage}`);
    found[known ?? name] = value;
  }
  for (const [name, input] of Object.entries(action.inputs)) {
    if (found[name] !== undefined) continue;
    if (input.required && input.default === undefined) log.agent(`The action requires the input ${name}, which is not given`);
    found[name] = await expressions.text(input.default ?? '');
  }
  return found;
}

/** As the action's program sees them. */
export const inputVariables = (inputs: Env): Record<string, string> =>
  Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, value]));
