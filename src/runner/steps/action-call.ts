import type { LoadedAction } from './actions.ts';
import type { ListScope } from './scope.ts';

type Env = Readonly<Record<string, string>>;

/** A step's use of an action: what its parts (pre, main, post) have in common. */
export interface ActionCall {
  /** As the step writes it. */
  readonly uses: string;
  readonly action: LoadedAction;
  /** The list that the step is in, with the action's own facts. */
  readonly scope: ListScope;
  /** The step's variables. */
  readonly env: Env;
  readonly inputs: Env;
  /** What the parts before have saved; this one adds to it. */
  readonly state: Record<string, string>;
}

export const stateVariables = (state: Env): Record<string, string> =>
  Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]));
