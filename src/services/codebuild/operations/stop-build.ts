import type { CallContext } from '../../../protocol/context.ts';
import { isRunning } from '../rules/build/state.ts';
import type { OperationTools } from './tools.ts';

/** How long the answer waits for the build's end: a runner needs a moment, and clients like to be told (ms). */
const PATIENCE_MS = 1_000;

/** Orders the end of a build (its aggregate's id). Resolves when it has ended, or a runner takes its time with it. */
export async function stopAndWait({ builds }: Pick<OperationTools, 'builds'>, { signal }: CallContext, id: string): Promise<void> {
  const { promise, resolve } = deferred();
  const unsubscribe = builds.onStep((stepped, state) => {
    if (stepped === id && !isRunning(state)) resolve();
  });
  const timer = setTimeout(resolve, PATIENCE_MS);
  signal.addEventListener('abort', resolve);
  try {
    if (isRunning(await builds.send(id, { type: 'stop' }))) await promise;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', resolve);
    unsubscribe();
  }
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}
