import { unreachable } from '../../../../kernel/errors.ts';
import type { Step } from '../../../../kernel/step.ts';
import { errors, type BuildPhase } from '../../api.gen.ts';
import type { BuildCommand, BuildEvent } from './events.ts';
import { closePhases, endedPhase, mergePhases, withDuration } from './phases.ts';
import { deadlineOf, emptyBuild, isRunning, type BuildState } from './state.ts';

/** The runner ends a build at its deadline by itself; one that has said nothing this long after it is ended without it (ms). */
const OVERDUE_MS = 60_000;

export class StaleLease extends Error {}

export function evolve(state: BuildState, event: BuildEvent): BuildState {
  switch (event.type) {
    case 'buildSubmitted': {
      const { at, spec } = event;
      const submitted = endedPhase({ phaseType: 'SUBMITTED', startTime: at }, at, 'SUCCEEDED');
      return { ...emptyBuild(state.id), spec, submittedAt: at, phases: [submitted, { phaseType: 'QUEUED', startTime: at }] };
    }
    case 'buildLeased': {
      const { at } = event.lease;
      const queued = state.phases.map((phase) => (phase.phaseType === 'QUEUED' ? endedPhase(phase, at, 'SUCCEEDED') : phase));
      return { ...state, lease: event.lease, phases: mergePhases(queued, [{ phaseType: 'PROVISIONING', startTime: at }]) };
    }
    case 'stopRequested':
      return { ...state, stopRequested: true };
    case 'phasesReported': {
      const { phases, resolvedSourceVersion } = event;
      return { ...state, phases: mergePhases(state.phases, phases), ...(resolvedSourceVersion !== undefined && { resolvedSourceVersion }) };
    }
    case 'buildEnded': {
      const { status, phases, exported, built, at, resolvedSourceVersion } = event;
      return {
        ...state,
        status,
        phases,
        exported,
        built,
        endedAt: at,
        ...(resolvedSourceVersion !== undefined && { resolvedSourceVersion }),
      };
    }
    case 'commitResolved':
      return state;
    case 'autoRetried':
      return { ...state, nextAutoRetry: event.arn };
    case 'buildDeleted':
      return { ...state, deleted: true };
    default:
      return unreachable(event);
  }
}

export function receive(state: BuildState, command: BuildCommand, { now: at }: Step): readonly BuildEvent[] {
  switch (command.type) {
    case 'submit':
      return [{ type: 'buildSubmitted', spec: command.spec, at }];
    case 'lease': {
      if (!isRunning(state) || state.lease || state.stopRequested) throw new StaleLease('the build no longer waits');
      const { runnerId, instanceId, accessKeyId } = command;
      return [{ type: 'buildLeased', lease: { runnerId, instanceId, accessKeyId, epoch: 1, at } }];
    }
    case 'stop':
      return isRunning(state) && !state.stopRequested ? [{ type: 'stopRequested', at }] : [];
    case 'report': {
      requireLease(state, command.epoch);
      const { phases, resolvedSourceVersion } = command;
      const known = { phases: phases.map(withDuration), ...(resolvedSourceVersion !== undefined && { resolvedSourceVersion }) };
      const first = resolvedSourceVersion !== undefined && state.resolvedSourceVersion === undefined;
      return [{ type: 'phasesReported', ...known, at }, ...(first ? [{ type: 'commitResolved', at } as const] : [])];
    }
    case 'complete':
      return complete(state, command, at);
    case 'lost': {
      if (!isRunning(state) || state.lease?.epoch !== command.epoch) return [];
      return [ended(state, 'FAULT', at, command.message)];
    }
    case 'retriedAs':
      return state.nextAutoRetry === undefined ? [{ type: 'autoRetried', arn: command.arn, at }] : [];
    case 'gaveUp':
      return [];
    case 'delete':
      if (isRunning(state)) throw errors.InvalidInputException('The build is in progress.');
      return state.deleted ? [] : [{ type: 'buildDeleted', at }];
    default:
      return unreachable(command);
  }
}

function complete(state: BuildState, command: Extract<BuildCommand, { type: 'complete' }>, at: number): readonly BuildEvent[] {
  requireLease(state, command.epoch);
  const { status, exported, built, resolvedSourceVersion, batchspec } = command;
  const phases = closePhases(mergePhases(state.phases, command.phases.map(withDuration)), at, status);
  const known = resolvedSourceVersion !== undefined && { resolvedSourceVersion };
  return [{ type: 'buildEnded', status, phases, exported, built, at, ...known, ...(batchspec && { batchspec }) }];
}

/** Throws StaleLease: the build has ended, or somebody else has it. */
function requireLease(state: BuildState, epoch: number): void {
  if (!isRunning(state) || state.lease?.epoch !== epoch) throw new StaleLease('the lease is no longer valid');
}

function ended(state: BuildState, status: 'FAULT' | 'STOPPED' | 'TIMED_OUT', at: number, message?: string): BuildEvent {
  const phases: readonly BuildPhase[] = closePhases(state.phases, at, status, message);
  return { type: 'buildEnded', status, phases, exported: [], built: [], at };
}

/** What the clock and a stop order do to a build that no runner answers for. */
export function decide(state: BuildState, { now }: Step): readonly BuildEvent[] {
  const { spec } = state;
  if (!spec || !isRunning(state)) return [];
  if (!state.lease) {
    if (state.stopRequested) return [ended(state, 'STOPPED', now)];
    if (state.submittedAt + spec.queuedTimeoutMinutes * 60_000 <= now) {
      return [ended(state, 'TIMED_OUT', now, `Build was queued for more than ${spec.queuedTimeoutMinutes} minutes.`)];
    }
    return [];
  }
  const overdue = deadlineOf(state)! + OVERDUE_MS <= now;
  return overdue ? [ended(state, 'TIMED_OUT', now, `Build has timed out after ${spec.timeoutMinutes} minutes.`)] : [];
}

export function wakeAt(state: BuildState): number | undefined {
  const { spec } = state;
  if (!spec || !isRunning(state)) return undefined;
  return state.lease ? deadlineOf(state)! + OVERDUE_MS : state.submittedAt + spec.queuedTimeoutMinutes * 60_000;
}
