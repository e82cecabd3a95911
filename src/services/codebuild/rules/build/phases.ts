import type { BuildPhase, BuildPhaseType, PhaseContexts, StatusType } from '../../api.gen.ts';

/** AWS's order: https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html */
const ORDER: readonly BuildPhaseType[] = [
  'SUBMITTED',
  'QUEUED',
  'PROVISIONING',
  'DOWNLOAD_SOURCE',
  'INSTALL',
  'PRE_BUILD',
  'BUILD',
  'POST_BUILD',
  'UPLOAD_ARTIFACTS',
  'FINALIZING',
  'COMPLETED',
];

/** The phases with newer word of some of them: by type, in AWS's order. Provisioning ends when the runner's first phase begins. */
export function mergePhases(known: readonly BuildPhase[], reported: readonly BuildPhase[]): readonly BuildPhase[] {
  const byType = new Map([...known, ...reported].map((phase) => [phase.phaseType, phase]));
  const provisioning = byType.get('PROVISIONING');
  const next = reported.find(({ phaseType }) => ORDER.indexOf(phaseType!) > ORDER.indexOf('PROVISIONING') && phaseType !== 'COMPLETED');
  if (provisioning && provisioning.endTime === undefined && next?.startTime !== undefined) {
    byType.set('PROVISIONING', endedPhase(provisioning, next.startTime, 'SUCCEEDED'));
  }
  return ORDER.flatMap((type) => byType.get(type) ?? []);
}

/** A phase that has ended; AWS counts its duration in whole seconds. */
export function endedPhase(phase: BuildPhase, at: number, phaseStatus: StatusType, contexts?: PhaseContexts): BuildPhase {
  const startTime = phase.startTime ?? at;
  const known = contexts ?? phase.contexts;
  return { ...phase, phaseStatus, endTime: at, durationInSeconds: Math.floor((at - startTime) / 1000), ...(known && { contexts: known }) };
}

export function withDuration(phase: BuildPhase): BuildPhase {
  if (phase.startTime === undefined || phase.endTime === undefined) return phase;
  return { ...phase, durationInSeconds: Math.floor((phase.endTime - phase.startTime) / 1000) };
}

/** Ends whatever phase is open with the build's own status, and adds COMPLETED. */
export function closePhases(phases: readonly BuildPhase[], at: number, status: StatusType, message?: string): readonly BuildPhase[] {
  const contexts = message === undefined ? undefined : [{ statusCode: status, message }];
  const closed = phases.map((phase) => {
    if (phase.phaseType === 'COMPLETED' || phase.endTime !== undefined) return phase;
    return endedPhase(phase, at, status, contexts);
  });
  return mergePhases(closed, [{ phaseType: 'COMPLETED', startTime: at }]);
}

/** The phase the build is in: the last one that has begun. */
export function currentPhase(phases: readonly BuildPhase[]): BuildPhaseType | undefined {
  return phases.at(-1)?.phaseType;
}
