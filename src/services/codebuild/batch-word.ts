import type { Effect } from '../../engine/process.ts';
import type { BatchCommand } from './rules/batch/events.ts';
import type { BuildEvent } from './rules/build/events.ts';
import { aggregateId, type BuildState } from './rules/build/state.ts';

/** What a build that ends tells its batch: an effect of the build, so that no crash keeps it back. */
export interface BatchWord {
  /** The batch's aggregate. */
  readonly batch: string;
  readonly ended: Extract<BatchCommand, { type: 'ended' }>;
}

export type TellBatch = (word: BatchWord) => Promise<void>;
export type BuildEnded = Extract<BuildEvent, { type: 'buildEnded' }>;

export const TELL_BATCH = 'tell-batch';

function reasonOf({ phases }: BuildState): string | undefined {
  const failed = phases.find(({ phaseStatus }) => phaseStatus !== undefined && phaseStatus !== 'SUCCEEDED');
  return failed?.contexts?.find(({ message }) => message)?.message;
}

export function wordToBatch(state: BuildState, { status, built, batchspec }: BuildEnded): readonly Effect[] {
  const { spec, resolvedSourceVersion } = state;
  if (!spec?.batch) return [];
  const message = status === 'SUCCEEDED' ? undefined : reasonOf(state);
  const ended: BatchWord['ended'] = {
    type: 'ended',
    uuid: spec.uuid,
    status,
    built,
    ...(resolvedSourceVersion !== undefined && { resolvedSourceVersion }),
    ...(batchspec && { batchspec }),
    ...(message !== undefined && { message }),
  };
  const payload: BatchWord = { batch: aggregateId(spec.account, spec.region, spec.batch.id), ended };
  // A second telling finds the build ended already.
  return [{ id: `${state.id}/batch`, kind: TELL_BATCH, honest: 'repeatable', payload }];
}
