import type { JsonObject } from '../../../../kernel/json.ts';
import type { BuildPhase } from '../../api.gen.ts';
import { logPlace } from './view.ts';
import { currentPhase } from './phases.ts';
import { buildArn, type BuildSpec, type BuildState } from './state.ts';

export interface PublicEvent {
  readonly detailType: 'CodeBuild Build State Change' | 'CodeBuild Build Phase Change';
  readonly detail: JsonObject;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Nov 21, 2026 5:00:00 AM`, as AWS writes times inside these events. By hand: Intl took a quarter of a small build's cost. */
function time(epochMs: number): string {
  const date = new Date(epochMs);
  const hours = date.getUTCHours();
  const [minutes, seconds] = [date.getUTCMinutes(), date.getUTCSeconds()].map((part) => String(part).padStart(2, '0'));
  const day = `${MONTHS[date.getUTCMonth()]} ${date.getUTCDate()}, ${date.getUTCFullYear()}`;
  return `${day} ${hours % 12 || 12}:${minutes}:${seconds} ${hours < 12 ? 'AM' : 'PM'}`;
}

function contextText({ contexts = [] }: BuildPhase): string {
  return `[${contexts.map(({ statusCode = '', message = '' }) => `${statusCode}: ${message}`).join(', ')}]`;
}

function phase(value: BuildPhase): JsonObject {
  const { phaseType = '', phaseStatus, startTime, endTime, durationInSeconds } = value;
  return {
    'phase-type': phaseType,
    ...(value.endTime !== undefined && { 'phase-context': [contextText(value).slice(1, -1)] }),
    ...(startTime !== undefined && { 'start-time': time(startTime) }),
    ...(endTime !== undefined && { 'end-time': time(endTime) }),
    ...(durationInSeconds !== undefined && { 'duration-in-seconds': durationInSeconds }),
    ...(phaseStatus !== undefined && { 'phase-status': phaseStatus }),
  };
}

function additional(spec: BuildSpec, state: BuildState): JsonObject {
  const { environment, source } = spec;
  const place = logPlace(spec);
  return {
    artifact: { location: state.built.find((artifact) => artifact.identifier === undefined)?.location ?? '' },
    environment: {
      image: environment.image,
      'privileged-mode': environment.privilegedMode ?? false,
      'compute-type': environment.computeType,
      type: environment.type,
      'environment-variables': (environment.environmentVariables ?? []).map(({ name, value, type = 'PLAINTEXT' }) => ({
        name,
        value,
        type,
      })),
    },
    'timeout-in-minutes': spec.timeoutMinutes,
    'build-complete': state.status !== 'IN_PROGRESS',
    'build-number': spec.number,
    initiator: spec.initiator,
    'build-start-time': time(state.submittedAt),
    source: { type: source.type, ...(source.location !== undefined && { location: source.location }) },
    ...(spec.sourceVersion !== undefined && { 'source-version': spec.sourceVersion }),
    ...(place && { logs: { 'group-name': place.group, 'stream-name': place.stream } }),
    phases: state.phases.map(phase),
  };
}

function stateChange(spec: BuildSpec, state: BuildState): PublicEvent {
  const last = state.phases.at(-1);
  const detail = {
    'build-status': state.status,
    'project-name': spec.project,
    'build-id': buildArn(spec),
    'additional-information': additional(spec, state),
    'current-phase': currentPhase(state.phases) ?? 'SUBMITTED',
    'current-phase-context': last ? contextText(last) : '[]',
    version: '1',
  };
  return { detailType: 'CodeBuild Build State Change', detail };
}

function phaseChange(spec: BuildSpec, state: BuildState, ended: BuildPhase): PublicEvent {
  const detail = {
    'completed-phase': ended.phaseType ?? '',
    'project-name': spec.project,
    'build-id': buildArn(spec),
    'completed-phase-context': contextText(ended),
    'additional-information': additional(spec, state),
    'completed-phase-status': ended.phaseStatus ?? 'SUCCEEDED',
    'completed-phase-duration-seconds': ended.durationInSeconds ?? 0,
    'completed-phase-start': time(ended.startTime ?? state.submittedAt),
    'completed-phase-end': time(ended.endTime ?? ended.startTime ?? state.submittedAt),
    version: '1',
  };
  return { detailType: 'CodeBuild Build Phase Change', detail };
}

/** What a step tells the world: each phase that ended in it, and the build's beginning and end. https://docs.aws.amazon.com/codebuild/latest/userguide/sample-build-notifications-ref.html */
export function publicEvents(before: BuildState, after: BuildState): readonly PublicEvent[] {
  const { spec } = after;
  if (!spec) return [];
  const wasEnded = new Set(before.phases.filter((known) => known.endTime !== undefined).map((known) => known.phaseType));
  const ended = after.phases.filter((known) => known.endTime !== undefined && !wasEnded.has(known.phaseType));
  const begun = !before.spec ? [stateChange(spec, after)] : [];
  const finished = before.status !== after.status ? [stateChange(spec, after)] : [];
  return [...begun, ...ended.map((known) => phaseChange(spec, after, known)), ...finished];
}
