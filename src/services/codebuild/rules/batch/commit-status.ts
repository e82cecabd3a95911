import { isTold, knownCommit } from '../build/commit-status.ts';
import type { BatchEvent } from './events.ts';
import type { BatchOrder, BatchState } from './state.ts';

/** The git host is told of each build of the batch, instead of the batch: https://docs.aws.amazon.com/codebuild/latest/userguide/batch-build.html#batch-report-mode */
export const isToldByBuild = ({ config }: Pick<BatchOrder, 'config'>): boolean => config.batchReportMode === 'REPORT_INDIVIDUAL_BUILDS';

/** The commit that the batch builds, as soon as that is known. */
export function batchCommit({ order, resolvedSourceVersion }: Pick<BatchState, 'order' | 'resolvedSourceVersion'>): string | undefined {
  return knownCommit(order?.build, resolvedSourceVersion);
}

/** Whether the event makes a word to the git host due: at the batch's start (and each retry's) and at its end, each as soon as its commit is known. */
export function isBatchStatusDue(event: BatchEvent, state: BatchState): boolean {
  const { order, parts } = state;
  if (!order || isToldByBuild(order) || !isTold(order.build) || batchCommit(state) === undefined) return false;
  if (event.type === 'buildEnded') return knownCommit(order.build) === undefined && parts[0]?.current.uuid === event.uuid;
  return event.type === 'batchSubmitted' || event.type === 'batchRetried' || event.type === 'batchEnded';
}

/** The name of a batch's status where the source says none: AWS tells batches from builds by it. */
export function batchStatusContext({ region, project }: Pick<BatchOrder, 'region' | 'project'>): string {
  return `AWS CodeBuild BuildBatch ${region} (${project})`;
}
