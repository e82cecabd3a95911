import type { EnvironmentVariable, ProjectArtifacts, ProjectEnvironment } from '../../api.gen.ts';
import type { BatchMembership, BuildSpec } from '../build/state.ts';
import { combinedTarget, taskTargets } from './artifacts.ts';
import { isToldByBuild } from './commit-status.ts';
import { batchId, type BatchOrder, type BatchState, type Part } from './state.ts';
import type { BatchTask } from './types.ts';

const NONE: ProjectArtifacts = { type: 'NO_ARTIFACTS' };

function environmentOf(base: ProjectEnvironment, task: BatchTask): ProjectEnvironment {
  const given: readonly EnvironmentVariable[] = task.variables.map(({ name, value }) => ({ name, value, type: 'PLAINTEXT' }));
  const variables = new Map([...(base.environmentVariables ?? []), ...given].map((variable) => [variable.name, variable]));
  const { fleet, ...rest } = base;
  // A task that names a compute type leaves the project's fleet.
  const kept = task.fleet === undefined ? (task.computeType === undefined ? fleet : undefined) : { fleetArn: task.fleet };
  return {
    ...rest,
    ...(kept && { fleet: kept }),
    ...(task.type !== undefined && { type: task.type as ProjectEnvironment['type'] }),
    ...(task.image !== undefined && { image: task.image }),
    ...(task.computeType !== undefined && { computeType: task.computeType as ProjectEnvironment['computeType'] }),
    ...(task.privilegedMode !== undefined && { privilegedMode: task.privilegedMode }),
    environmentVariables: [...variables.values()],
  };
}

/** What is built is what the batchspec was read from, whatever was pushed since. Other sources keep no versions, or bring their own. */
function pinned(base: BuildSpec, revision: string | undefined): Pick<BuildSpec, 'sourceVersion'> {
  const keeps = base.source.type !== 'CODEPIPELINE' && base.source.type !== 'NO_SOURCE';
  const version = keeps && revision !== undefined ? revision : base.sourceVersion;
  return version === undefined ? {} : { sourceVersion: version };
}

function taskSpec(state: BatchState, order: BatchOrder, task: BatchTask): Partial<BuildSpec> {
  const { build } = order;
  const tasks = state.parts.filter(({ kind }) => kind === 'TASK').map((part) => part.task);
  const { buildspec } = task;
  const debugSession = order.debugSession === true || task.debugSession === true;
  return {
    source: { ...build.source, ...(buildspec !== undefined && { buildspec }) },
    ...pinned(build, state.resolvedSourceVersion),
    ...taskTargets(order, task.identifier, tasks),
    environment: environmentOf(build.environment, task),
    ...(debugSession && { debugSession }),
  };
}

/** `arn:aws:s3:::BUCKET/KEY` */
function objectOf(location: string): { bucket: string; key: string } {
  const path = location.replace(/^arn:aws[a-z-]*:s3:::/, '');
  const slash = path.indexOf('/');
  return { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}

function combining(state: BatchState): BatchMembership['part'] {
  const inputs = state.parts.flatMap(({ kind, task: { identifier }, current: { status, built } }) => {
    const primary = built.find((artifact) => artifact.identifier === undefined);
    return kind === 'TASK' && status === 'SUCCEEDED' && primary ? [{ identifier, object: objectOf(primary.location) }] : [];
  });
  const revision = state.resolvedSourceVersion;
  return { kind: 'COMBINE_ARTIFACTS', inputs, ...(revision !== undefined && { revision }) };
}

/** The build that does a part of the batch, less its number. */
export function partSpec(state: BatchState, part: Part): BuildSpec {
  const order = state.order!;
  const { token: _token, ...base } = order.build;
  const { identifier, shard } = part.task;
  const batch = { id: batchId(order), identifier, ...(shard && { shard }) };
  const own = { ...base, uuid: part.current.uuid, number: 0 };
  switch (part.kind) {
    case 'BATCHSPEC':
      return { ...own, artifacts: NONE, secondaryArtifacts: [], batch: { ...batch, part: { kind: 'BATCHSPEC', inputs: [] } } };
    case 'TASK':
      return { ...own, ...taskSpec(state, order, part.task), batch: { ...batch, ...(isToldByBuild(order) && { told: true }) } };
    case 'COMBINE_ARTIFACTS':
      return {
        ...own,
        source: { type: 'NO_SOURCE' },
        secondarySources: [],
        artifacts: combinedTarget(order),
        secondaryArtifacts: [],
        batch: { ...batch, part: combining(state) },
      };
  }
}
