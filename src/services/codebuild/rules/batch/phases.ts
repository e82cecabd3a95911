import type { BuildBatchPhaseType, PhaseContexts } from '../../api.gen.ts';
import type { FinalStatus } from '../build/state.ts';
import type { BatchPhase } from './state.ts';

type Ended = NonNullable<BatchPhase['phaseStatus']>;

/** Ends the phase under way. A phase that succeeds has no contexts. */
export function endPhase(phases: readonly BatchPhase[], at: number, phaseStatus: Ended, contexts?: PhaseContexts): readonly BatchPhase[] {
  const last = phases.at(-1);
  if (!last || last.endTime !== undefined) return phases;
  const durationInSeconds = Math.floor((at - (last.startTime ?? at)) / 1000);
  return [...phases.slice(0, -1), { ...last, phaseStatus, endTime: at, durationInSeconds, ...(contexts && { contexts }) }];
}

export function beginPhase(phases: readonly BatchPhase[], phaseType: BuildBatchPhaseType, at: number): readonly BatchPhase[] {
  return [...phases, { phaseType, startTime: at }];
}

export function nextPhase(phases: readonly BatchPhase[], phaseType: BuildBatchPhaseType, at: number): readonly BatchPhase[] {
  return beginPhase(endPhase(phases, at, 'SUCCEEDED'), phaseType, at);
}

/** A batch's last phase is named for how it ended, and has no end: a retry gives it one, and the status RETRY. */
export function closePhases(phases: readonly BatchPhase[], at: number, status: FinalStatus, message?: string): readonly BatchPhase[] {
  // A phase that builds have failed is a CLIENT_ERROR at AWS.
  const phaseStatus = status === 'FAILED' ? 'CLIENT_ERROR' : status;
  const contexts = message === undefined ? undefined : [{ statusCode: phaseStatus, message }];
  const last = status === 'SUCCEEDED' || status === 'STOPPED' ? status : 'FAILED';
  return beginPhase(endPhase(phases, at, phaseStatus, contexts), last, at);
}
