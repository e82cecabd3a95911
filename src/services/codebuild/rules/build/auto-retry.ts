import type { AutoRetryConfig } from '../../api.gen.ts';
import type { BuildEvent } from './events.ts';
import type { BuildState } from './state.ts';

const RETRIED: ReadonlySet<string> = new Set(['FAILED', 'FAULT', 'TIMED_OUT']);

/** Whether a build's end starts another. Batches retry as a whole; not for pipelines: https://docs.aws.amazon.com/codebuild/latest/userguide/auto-retry-build.html */
export function isRetryDue(event: BuildEvent, { spec }: BuildState): boolean {
  if (event.type !== 'buildEnded' || !RETRIED.has(event.status) || !spec?.autoRetry || spec.batch) return false;
  return spec.autoRetry.number < spec.autoRetry.limit && !spec.initiator.startsWith('codepipeline/');
}

export function autoRetryView({ spec, nextAutoRetry }: BuildState): AutoRetryConfig | undefined {
  if (!spec?.autoRetry) return undefined;
  const { limit, number, previous } = spec.autoRetry;
  return {
    autoRetryLimit: limit,
    autoRetryNumber: number,
    ...(nextAutoRetry !== undefined && { nextAutoRetry }),
    ...(previous !== undefined && { previousAutoRetry: previous }),
  };
}
