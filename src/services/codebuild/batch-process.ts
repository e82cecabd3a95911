import type { Aggregates, Effect, Performer, ProcessType, Projection } from '../../engine/process.ts';
import type { Bus } from '../../ports/bus.ts';
import { WriteConflict, write, type Reader, type Write } from '../../ports/database.ts';
import { branchBatch } from './badges/badges.ts';
import { batchSql } from './batch-tables.ts';
import { fleetArn, findFleet } from './fleets/fleets.ts';
import { partSpec } from './rules/batch/child.ts';
import { isBatchStatusDue } from './rules/batch/commit-status.ts';
import { decide } from './rules/batch/decide.ts';
import type { BatchCommand, BatchEvent } from './rules/batch/events.ts';
import { evolve } from './rules/batch/evolve.ts';
import { batchStateChange } from './rules/batch/public-events.ts';
import { receive } from './rules/batch/receive.ts';
import { batchArn, batchDeadline, batchId, emptyBatch, isOpen, shardsOf, type BatchState } from './rules/batch/state.ts';
import { findProject } from './operations/tools.ts';
import { publicUrlOf } from './public/address.ts';
import { mergeReports, type MergeOrder, type MergeTools } from './merged-reports.ts';
import { batchView } from './rules/batch/view.ts';
import type { BuildCommand } from './rules/build/events.ts';
import { aggregateId, type BuildSpec, type BuildState } from './rules/build/state.ts';

/** The batch aggregate, for the engine: it starts builds, hears how they end, and never holds what they are. */
export function batchProcess(bus: Bus): ProcessType<BatchState, BatchEvent, BatchCommand> {
  return {
    name: 'build-batch',
    version: 1,
    initial: emptyBatch,
    evolve,
    receive,
    decide,
    effects: (event, state) => [...effects(event, state), ...statusEffects(event, state)],
    gaveUp,
    project: (projection) => project(projection, bus),
    wakeAt: (state) => (isOpen(state) && !state.ending && !state.merging ? batchDeadline(state) : undefined),
    isOpen,
    isGone: (state) => state.deleted,
  };
}

const TELL_STATUS = 'report-status';
const MERGE_REPORTS = 'merge-reports';

function statusEffects(event: BatchEvent, state: BatchState): readonly Effect[] {
  if (!isBatchStatusDue(event, state)) return [];
  // A retry adds phases: what is told of it is another word than what was told of the tries before.
  const id = `${state.id}/status-${event.type}-${state.phases.length}`;
  return [{ id, kind: TELL_STATUS, honest: 'repeatable', payload: {} }];
}

/** A batch whose reports cannot be merged ends all the same, and names those of its builds. */
function gaveUp({ kind, payload }: Effect, message: string): BatchCommand {
  if (kind === TELL_STATUS) return { type: 'gaveUp' };
  if (kind === MERGE_REPORTS) return { type: 'merged', reportArns: [] };
  return { type: 'refused', uuid: (payload as { uuid: string }).uuid, message };
}

function mergeOrder(state: BatchState): MergeOrder {
  const { account, region, project, uuid } = state.order!;
  const builds = shardsOf(state).map(({ current }) => current.uuid);
  const shards = state.parts.filter(({ task }) => task.shard).length;
  return { account, region, project, uuid, attempt: state.phases.length, builds, shards };
}

interface StartPayload {
  readonly uuid: string;
  readonly spec: BuildSpec;
}

interface StopPayload {
  readonly uuid: string;
  /** The build's aggregate. */
  readonly build: string;
}

const buildOf = (spec: Pick<BuildSpec, 'account' | 'region' | 'project'>, uuid: string): string =>
  aggregateId(spec.account, spec.region, `${spec.project}:${uuid}`);

function effects(event: BatchEvent, state: BatchState): readonly Effect[] {
  if (event.type === 'buildRequested') {
    const part = state.parts.find(({ task }) => task.identifier === event.identifier)!;
    const { uuid } = part.current;
    const payload: StartPayload = { uuid, spec: partSpec(state, part) };
    return [{ id: `${state.id}/${uuid}/start`, kind: 'start-build', honest: 'keyed', payload }];
  }
  if (event.type === 'stopOrdered') {
    const payload: StopPayload = { uuid: event.uuid, build: buildOf(state.order!, event.uuid) };
    return [{ id: `${state.id}/${event.uuid}/stop`, kind: 'stop-build', honest: 'repeatable', payload }];
  }
  if (event.type === 'mergeBegun') {
    const payload = mergeOrder(state);
    return [{ id: `${state.id}/merge-${payload.attempt}`, kind: MERGE_REPORTS, honest: 'keyed', payload }];
  }
  return [];
}

export interface BatchTools extends MergeTools {
  readonly builds: Aggregates<BuildState, BuildCommand>;
  readonly tellStatus: (id: string, signal: AbortSignal) => Promise<void>;
  readonly publicEndpoint: () => string;
}

export function batchPerformers(tools: BatchTools): Readonly<Record<string, Performer<BatchCommand>>> {
  return {
    'start-build': (_id, { payload }) => startBuild(payload as StartPayload, tools),
    async 'stop-build'(_id, { payload }) {
      await tools.builds.send((payload as StopPayload).build, { type: 'stop' });
      return undefined;
    },
    [MERGE_REPORTS]: async (_id, { payload }) => ({ type: 'merged', reportArns: await mergeReports(tools, payload as MergeOrder) }),
    async [TELL_STATUS](id, _effect, { signal }) {
      await tools.tellStatus(id, signal);
      return undefined;
    },
  };
}

/** Builds that take a number at the same instant meet; each meeting lets one through. */
const TRIES = 1_000;

/** A batchspec names fleets, the queue knows their ARNs; undefined where there is no such fleet, for which it would wait for ever. */
async function withFleet(db: Reader, spec: BuildSpec): Promise<BuildSpec | undefined> {
  const { environment } = spec;
  const wanted = environment.fleet?.fleetArn ?? '';
  if (wanted === '') return spec;
  const found = await findFleet(db, spec, wanted);
  return found && { ...spec, environment: { ...environment, fleet: { fleetArn: fleetArn(found) } } };
}

async function startBuild({ uuid, spec }: StartPayload, { db, builds, publicEndpoint }: BatchTools): Promise<BatchCommand> {
  const id = buildOf(spec, uuid);
  for (let tries = 0; ; tries++) {
    // Its own earlier self: the server may have died right after.
    if (await builds.state(id)) return { type: 'started', uuid };
    const project = await findProject({ db }, spec, spec.project);
    if (!project) return { type: 'refused', uuid, message: `Project cannot be found: ${spec.project}` };
    const publicUrl = publicUrlOf(publicEndpoint(), project, uuid);
    const placed = await withFleet(db, { ...spec, ...(publicUrl !== undefined && { publicUrl }) });
    if (!placed) return { type: 'refused', uuid, message: `Fleet cannot be found: ${spec.environment.fleet?.fleetArn}` };
    try {
      await builds.send(id, { type: 'submit', spec: { ...placed, number: project.builds + 1 } });
      return { type: 'started', uuid };
    } catch (error) {
      if (!(error instanceof WriteConflict) || tries === TRIES) throw error;
    }
  }
}

function project({ before, after, now, newId }: Projection<BatchState, BatchEvent>, bus: Bus): readonly Write[] {
  const { order } = after;
  if (!order) return [];
  const { account, region, project: name, number, token } = order;
  const id = batchId(order);
  if (after.deleted) return [write(batchSql.remove, [account, region, id])];
  const writes: Write[] = [];
  if (!before.order) {
    writes.push(write(batchSql.takeNumber, [account, region, name, number], { expect: 1, label: 'number' }));
    if (token !== undefined) writes.push(write(batchSql.insertToken, [account, region, name, token, id], { label: 'token' }));
  }
  writes.push(write(batchSql.upsert, [account, region, id, name, after.submittedAt, after.status, JSON.stringify(batchView(after))]));
  const changed = !before.order || before.status !== after.status;
  if (!changed) return writes;
  const frame = { account, region, bus: 'default', resources: [batchArn(order)], time: now };
  return [...writes, ...branchBatch(after), bus.write({ ...frame, ...batchStateChange(after), id: newId() })];
}
