import type { PhaseContext } from '../../services/pipewright/api.gen.ts';

/** Thrown inside a phase when the build is stopped or out of time. */
export class Interrupted extends Error {}

/** Does the work unless or until the signal aborts; then ends what runs (`stop`), waits for the work's end and throws Interrupted. */
export async function interruptible(work: () => Promise<void>, signal: AbortSignal, stop: () => Promise<void>): Promise<void> {
  let interrupt = () => {};
  const interrupted = new Promise<never>((_resolve, reject) => {
    interrupt = () => reject(new Interrupted());
    signal.addEventListener('abort', interrupt, { once: true });
  });
  if (signal.aborted) interrupt();
  const working = work();
  try {
    await Promise.race([working, interrupted]);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw signal.aborted ? new Interrupted() : error;
    await stop();
    await working.catch(() => undefined);
    throw error;
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}

/** How an interrupted build ended: AWS's words, and ours for what does not happen there. */
export function interruption(reason: unknown): { readonly status: 'STOPPED' | 'TIMED_OUT' | 'FAULT'; readonly context?: PhaseContext } {
  if (reason === 'STOPPED') return { status: 'STOPPED' };
  if (reason === 'TIMED_OUT') return { status: 'TIMED_OUT', context: { statusCode: 'BUILD_TIMED_OUT', message: 'Build has timed out. ' } };
  return {
    status: 'FAULT',
    context: { statusCode: 'INTERNAL_SERVICE_ERROR', message: 'The runner was stopped while the build was running.' },
  };
}
