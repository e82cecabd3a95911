import type { RetryPolicy } from '../api.gen.ts';

/** https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-event-delivery.html: 24 hours and 185 times, unless the target says else. */
const MOST_RETRIES = 185;
const OLDEST_SECONDS = 86_400;
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 300_000;

export interface Failure {
  /** Whether another try could go otherwise. */
  readonly permanent: boolean;
  readonly reason: string;
}

export type Verdict =
  | { readonly kind: 'retry'; /** Epoch ms. */ readonly due: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** What becomes of a delivery whose attempt number `attempt` (from 1) failed `now`; `ingested` is when the event came. Epoch ms. */
export function afterFailure(
  failure: Failure,
  { attempt, ingested, now }: { readonly attempt: number; readonly ingested: number; readonly now: number },
  policy: RetryPolicy = {},
): Verdict {
  const { MaximumRetryAttempts: retries = MOST_RETRIES, MaximumEventAgeInSeconds: age = OLDEST_SECONDS } = policy;
  if (failure.permanent) return { kind: 'failed', reason: failure.reason };
  if (attempt > retries) return { kind: 'failed', reason: `${failure.reason} (after ${attempt} attempts)` };
  const due = now + Math.min(FIRST_WAIT * 2 ** Math.min(attempt - 1, 20), LONGEST_WAIT);
  if (due - ingested > age * 1000) return { kind: 'failed', reason: `${failure.reason} (the event is too old to try again)` };
  return { kind: 'retry', due };
}
