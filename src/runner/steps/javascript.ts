import { join } from 'node:path';
import { stateVariables, type ActionCall } from './action-call.ts';
import { inputVariables } from './inputs.ts';
import { invoke, type Told } from './invoke.ts';
import type { Session } from './session.ts';
import { StepError } from './step-error.ts';

/** Runs a part of a JavaScript action with the build's own node, whichever that is. */
export async function runJavaScript(session: Session, call: ActionCall, file: string, using: string): Promise<Told> {
  const { action, uses, scope, env, inputs, state } = call;
  if ((await session.build.execute('command -v node >/dev/null 2>&1')) !== 0)
    throw new StepError(
      `${uses} is a JavaScript action (${using}), and there is no node on the PATH of the build: take an image that has it, or install it before`,
    );
  const told = await invoke(session, scope, {
    argv: ['node', join(action.folder, file)],
    env: { ...env, ...inputVariables(inputs), ...stateVariables(state) },
    cwd: session.build.sourceDirectory,
  });
  Object.assign(state, told.state);
  return told;
}
