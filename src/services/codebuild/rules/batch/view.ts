import type { BuildBatch, BuildBatchPhase, BuildGroup, BuildSummary, ResolvedArtifact, StatusType } from '../../api.gen.ts';
import { artifactsView } from '../build/view.ts';
import type { BuiltArtifact } from '../build/state.ts';
import { batchArn, batchId, hasEnded, type BatchOrder, type BatchState, type Part, type PartBuild } from './state.ts';

/** AWS's answers show PENDING, which its model does not name. */
const shown = (status: PartBuild['status']): StatusType => (status === 'STARTING' ? 'IN_PROGRESS' : (status as StatusType));

function artifact(identifier: string, type: ResolvedArtifact['type'], built: BuiltArtifact | undefined): ResolvedArtifact {
  return { identifier, type: type ?? 'NO_ARTIFACTS', ...(built && { location: built.location }) };
}

function summary(order: BatchOrder, { kind, task }: Part, build: PartBuild): BuildSummary {
  const { account, region, project } = order;
  const { uuid, requestedOn, status, built, begun } = build;
  const told = { arn: `arn:aws:codebuild:${region}:${account}:build/${project}:${uuid}`, requestedOn, buildStatus: shown(status) };
  if (!begun || status === 'STARTING' || status === 'IN_PROGRESS') return told;
  const primary = built.find(({ identifier }) => identifier === undefined);
  const type = kind === 'BATCHSPEC' || !primary ? 'NO_ARTIFACTS' : (order.build.artifacts.type ?? 'NO_ARTIFACTS');
  const others = built.filter(({ identifier }) => identifier !== undefined);
  return {
    ...told,
    primaryArtifact: artifact(task.identifier, type === 'NO_ARTIFACTS' && primary ? 'CODEPIPELINE' : type, primary),
    secondaryArtifacts: others.map((one) => {
      const wanted = order.build.secondaryArtifacts.find(({ artifactIdentifier }) => artifactIdentifier === one.identifier);
      return artifact(one.identifier!, wanted?.type ?? 'CODEPIPELINE', one);
    }),
  };
}

function group(order: BatchOrder, part: Part): BuildGroup {
  const { identifier, dependsOn, ignoreFailure } = part.task;
  return {
    identifier,
    ...(part.kind === 'TASK' && { dependsOn }),
    ignoreFailure,
    currentBuildSummary: summary(order, part, part.current),
    ...(part.prior.length > 0 && { priorBuildSummaryList: part.prior.map((build) => summary(order, part, build)) }),
  };
}

/** The batch as BatchGetBuildBatches shows it. */
export function batchView(state: BatchState): BuildBatch {
  const order = state.order!;
  const { build, config } = order;
  const combined = state.parts.find((part) => part.kind === 'COMBINE_ARTIFACTS' && hasEnded(part));
  const currentPhase = state.phases.at(-1)?.phaseType;
  const version = build.sourceVersion;
  return {
    id: batchId(order),
    arn: batchArn(order),
    startTime: state.submittedAt,
    ...(state.endedAt !== undefined && { endTime: state.endedAt }),
    ...(currentPhase && { currentPhase }),
    buildBatchStatus: state.status,
    ...(version !== undefined && { sourceVersion: version }),
    ...(state.resolvedSourceVersion !== undefined && { resolvedSourceVersion: state.resolvedSourceVersion }),
    projectName: order.project,
    // CLIENT_ERROR and RETRY, as AWS's answers have them.
    phases: state.phases as readonly BuildBatchPhase[],
    source: build.source,
    secondarySources: build.secondarySources,
    secondarySourceVersions: Object.entries(build.secondaryVersions).map(([sourceIdentifier, sourceVersion]) => ({
      sourceIdentifier,
      sourceVersion,
    })),
    artifacts: artifactsView(build.artifacts, combined?.current.built ?? []),
    secondaryArtifacts: build.secondaryArtifacts.map((wanted) => artifactsView(wanted, [])),
    cache: build.cache ?? { type: 'NO_CACHE' },
    environment: build.environment,
    serviceRole: build.serviceRole,
    ...(build.logsConfig && { logConfig: build.logsConfig }),
    buildTimeoutInMinutes: build.timeoutMinutes,
    queuedTimeoutInMinutes: build.queuedTimeoutMinutes,
    ...(build.vpcConfig && { vpcConfig: build.vpcConfig }),
    complete: state.status !== 'IN_PROGRESS',
    initiator: order.initiator,
    encryptionKey: build.encryptionKey ?? `arn:aws:kms:${order.region}:${order.account}:alias/aws/s3`,
    buildBatchNumber: order.number,
    buildBatchConfig: config,
    buildGroups: state.parts.map((part) => group(order, part)),
    ...(state.reportArns && { reportArns: state.reportArns }),
    ...(order.debugSession !== undefined && { debugSessionEnabled: order.debugSession }),
  };
}
