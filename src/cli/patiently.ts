import { asFailure, EXIT } from './failure.ts';

const PAUSE_MS = 500;

function isPassing(error: unknown): boolean {
  const { status, message } = error as { status?: number; message?: string };
  return (
    asFailure(error).exit === EXIT.unreachable || (status !== undefined && status >= 500 && status !== 501) || message === 'socket hang up'
  );
}

/** Repeats a call that may be repeated while the server is away, for up to `forMs`. */
export async function patiently<T>(call: () => Promise<T>, forMs = 60_000): Promise<T> {
  const until = Date.now() + forMs;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isPassing(error) || Date.now() > until) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}
