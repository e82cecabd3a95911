import { createClient, type PipewrightClient } from '../client/client.ts';
import type { BuildCredentials } from '../services/pipewright/api.gen.ts';

/** The AWS API under the build's role. Close it when the build ends. */
export function buildClient(
  endpoint: string,
  region: string,
  credentials: BuildCredentials | undefined,
  signal: AbortSignal,
): PipewrightClient {
  return createClient({ endpoint, region, signal, ...(credentials && { credentials }) });
}

const AWAY = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH']);

/** The server could not be reached, or failed itself: the same call may succeed later. */
export function isPassing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, status } = error as Error & { code?: string; status?: number };
  return AWAY.has(code ?? '') || (status !== undefined && status >= 500 && status !== 501) || error.message === 'socket hang up';
}

const WAITS_MS = [50, 100, 250, 500, 1000, 2000];

/** Repeats a call until the server takes it, the signal aborts, or `forMs` have gone by. */
export async function insist<T>(call: () => Promise<T>, signal: AbortSignal, forMs: number): Promise<T> {
  const until = Date.now() + forMs;
  for (let attempt = 0; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (signal.aborted || !isPassing(error) || Date.now() > until) throw error;
      await pause(WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)]!, signal);
    }
  }
}

/** Resolves after so many ms, or at once when the signal aborts. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
    if (signal.aborted) done();
  });
}
