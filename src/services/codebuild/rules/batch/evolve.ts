import { unreachable } from '../../../../kernel/errors.ts';
import { COMBINE_ARTIFACTS, DOWNLOAD_SOURCE } from './check.ts';
import type { BatchEvent } from './events.ts';
import { beginPhase, closePhases, endPhase, nextPhase } from './phases.ts';
import { emptyBatch, type BatchState, type Part, type PartBuild } from './state.ts';
import type { BatchTask } from './types.ts';

type Of<T extends BatchEvent['type']> = Extract<BatchEvent, { type: T }>;

function part(kind: Part['kind'], task: BatchTask, uuid: string, at: number): Part {
  return { kind, task, current: { uuid, requestedOn: at, status: 'PENDING', built: [] }, prior: [] };
}

const own = (identifier: string): BatchTask => ({ identifier, dependsOn: [], ignoreFailure: false, variables: [] });

function changed(state: BatchState, fits: (part: Part) => boolean, change: (build: PartBuild) => Partial<PartBuild>): BatchState {
  const parts = state.parts.map((known) => (fits(known) ? { ...known, current: { ...known.current, ...change(known.current) } } : known));
  return { ...state, parts };
}

export function evolve(state: BatchState, event: BatchEvent): BatchState {
  switch (event.type) {
    case 'batchSubmitted':
      return submitted(state, event);
    case 'batchspecRead':
      return read(state, event);
    case 'combineBegun': {
      const parts = state.parts.filter(({ kind }) => kind !== 'COMBINE_ARTIFACTS');
      const combine = part('COMBINE_ARTIFACTS', own(COMBINE_ARTIFACTS), event.uuid, event.at);
      return { ...state, parts: [...parts, combine], phases: nextPhase(state.phases, 'COMBINE_ARTIFACTS', event.at) };
    }
    case 'buildRequested': {
      const requested = { status: 'STARTING', requestedOn: event.at, begun: true } as const;
      return changed(
        state,
        ({ task }) => task.identifier === event.identifier,
        () => requested,
      );
    }
    case 'buildStarted':
      return changed(
        state,
        ({ current }) => current.uuid === event.uuid && current.status === 'STARTING',
        () => ({ status: 'IN_PROGRESS' }),
      );
    case 'buildEnded':
      return buildEnded(state, event);
    case 'partsSkipped':
      return changed(
        state,
        ({ task }) => event.identifiers.includes(task.identifier),
        () => ({ status: 'STOPPED' }),
      );
    case 'stopOrdered':
      return changed(
        state,
        ({ current }) => current.uuid === event.uuid,
        () => ({ stopping: true }),
      );
    case 'endingBegun':
      return { ...state, ending: event.reason };
    case 'mergeBegun':
      return { ...state, merging: event.end };
    case 'reportsMerged': {
      const { merging: _merging, ...rest } = state;
      return { ...rest, reportArns: event.reportArns };
    }
    case 'batchEnded': {
      const { at, status, message } = event;
      return { ...state, status, endedAt: at, phases: closePhases(state.phases, at, status, message) };
    }
    case 'batchRetried':
      return retried(state, event);
    case 'batchDeleted':
      return { ...state, deleted: true };
    default:
      return unreachable(event);
  }
}

function submitted(state: BatchState, { order, uuid, at }: Of<'batchSubmitted'>): BatchState {
  const phases = nextPhase(beginPhase([], 'SUBMITTED', at), 'DOWNLOAD_BATCHSPEC', at);
  const parts = [part('BATCHSPEC', own(DOWNLOAD_SOURCE), uuid, at)];
  return { ...emptyBatch(state.id), order, submittedAt: at, begunAt: at, phases, parts };
}

function read(state: BatchState, { spec, uuids, at }: Of<'batchspecRead'>): BatchState {
  const tasks = spec.tasks.map((task, index) => part('TASK', task, uuids[index]!, at));
  const phases = nextPhase(state.phases, 'IN_PROGRESS', at);
  return { ...state, read: true, fastFail: spec.fastFail, parts: [...state.parts, ...tasks], phases };
}

function buildEnded(state: BatchState, { uuid, status, built, resolvedSourceVersion, message }: Of<'buildEnded'>): BatchState {
  const after = changed(
    state,
    ({ current }) => current.uuid === uuid,
    () => ({ status, built, stopping: false, ...(message !== undefined && { message }) }),
  );
  const first = after.parts[0]?.current.uuid === uuid;
  return first && resolvedSourceVersion !== undefined ? { ...after, resolvedSourceVersion } : after;
}

/** The same batch goes on: AWS keeps its id, its phases and, as prior builds, what it did before. */
function retried(state: BatchState, { builds, at, token }: Of<'batchRetried'>): BatchState {
  const uuids = new Map(builds.map(({ identifier, uuid }) => [identifier, uuid]));
  const parts = state.parts
    .filter(({ kind }) => kind !== 'COMBINE_ARTIFACTS')
    .map((known) => {
      const uuid = uuids.get(known.task.identifier);
      if (uuid === undefined) return known;
      // What was never begun is nothing to look back at.
      const prior = known.current.begun ? [...known.prior, known.current] : known.prior;
      return { ...known, prior, current: { uuid, requestedOn: at, status: 'PENDING' as const, built: [] } };
    });
  const again = beginPhase(endPhase(state.phases, at, 'RETRY'), 'SUBMITTED', at);
  const phases = nextPhase(again, state.read ? 'IN_PROGRESS' : 'DOWNLOAD_BATCHSPEC', at);
  const { ending: _ending, endedAt: _endedAt, reportArns: _reportArns, ...rest } = state;
  const retryTokens = token === undefined ? state.retryTokens : [...state.retryTokens, token];
  return { ...rest, status: 'IN_PROGRESS', begunAt: at, parts, phases, retryTokens };
}
