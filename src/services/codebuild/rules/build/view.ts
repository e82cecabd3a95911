import type { Build, BuildArtifacts, DebugSession, LogsLocation, ProjectArtifacts } from '../../api.gen.ts';
import { autoRetryView } from './auto-retry.ts';
import { currentPhase } from './phases.ts';
import { sessionTarget } from './session-target.ts';
import { buildArn, type BuildSpec, type BuildState, type BuiltArtifact } from './state.ts';

/** Where the build's log goes in CloudWatch Logs; undefined where the project turns it off. */
export function logPlace(spec: BuildSpec): { readonly group: string; readonly stream: string } | undefined {
  const config = spec.logsConfig?.cloudWatchLogs;
  if (config?.status === 'DISABLED') return undefined;
  const prefix = config?.streamName === undefined ? '' : `${config.streamName}/`;
  return { group: config?.groupName ?? `/aws/codebuild/${spec.project}`, stream: `${prefix}${spec.uuid}` };
}

/** The object that is to hold the build's log, where the project wants one. */
export function logObject({ logsConfig, uuid }: BuildSpec): { readonly bucket: string; readonly key: string } | undefined {
  const { status, location = '' } = logsConfig?.s3Logs ?? {};
  if (status !== 'ENABLED' || location === '') return undefined;
  const [bucket = '', ...prefix] = location.replace(/^arn:aws[a-z-]*:s3:::/, '').split('/');
  return { bucket, key: [...prefix.filter((part) => part !== ''), `${uuid}.gz`].join('/') };
}

export function logsView(spec: BuildSpec): LogsLocation {
  const { region, logsConfig } = spec;
  const object = logObject(spec);
  return {
    cloudWatchLogs: logsConfig?.cloudWatchLogs ?? { status: 'ENABLED' as const },
    ...streamView(spec),
    s3Logs: { encryptionDisabled: false, ...(logsConfig?.s3Logs ?? { status: 'DISABLED' as const }) },
    ...(object && {
      s3LogsArn: `arn:aws:s3:::${object.bucket}/${object.key}`,
      s3DeepLink: `https://s3.console.aws.amazon.com/s3/object/${object.bucket}/${object.key}?region=${region}`,
    }),
  };
}

/** The links lead to AWS's console as AWS's do: clients take them apart. */
function streamView(spec: BuildSpec): LogsLocation {
  const place = logPlace(spec);
  if (!place) return {};
  const { region, account } = spec;
  const { group, stream } = place;
  return {
    groupName: group,
    streamName: stream,
    cloudWatchLogsArn: `arn:aws:logs:${region}:${account}:log-group:${group}:log-stream:${stream}`,
    deepLink: `https://console.aws.amazon.com/cloudwatch/home?region=${region}#logEvent:group=${group};stream=${stream}`,
  };
}

/** An artifact as it was asked for, with what became of it. */
export function artifactsView(wanted: ProjectArtifacts, built: readonly BuiltArtifact[]): BuildArtifacts {
  const { artifactIdentifier, overrideArtifactName, encryptionDisabled, bucketOwnerAccess } = wanted;
  const found = built.find((artifact) => artifact.identifier === artifactIdentifier);
  return {
    location: found?.location ?? '',
    ...(artifactIdentifier !== undefined && { artifactIdentifier }),
    ...(overrideArtifactName !== undefined && { overrideArtifactName }),
    ...(encryptionDisabled !== undefined && { encryptionDisabled }),
    ...(bucketOwnerAccess !== undefined && { bucketOwnerAccess }),
    ...(found?.md5sum !== undefined && { md5sum: found.md5sum }),
    ...(found?.sha256sum !== undefined && { sha256sum: found.sha256sum }),
  };
}

function debugSession(state: BuildState): DebugSession {
  const target = sessionTarget(state);
  return { sessionEnabled: true, ...(target !== undefined && { sessionTarget: target }) };
}

/** The build as BatchGetBuilds shows it. */
export function buildView(state: BuildState): Build {
  const spec = state.spec!;
  const phase = currentPhase(state.phases);
  const autoRetry = autoRetryView(state);
  return {
    id: `${spec.project}:${spec.uuid}`,
    arn: buildArn(spec),
    buildNumber: spec.number,
    startTime: state.submittedAt,
    ...(state.endedAt !== undefined && { endTime: state.endedAt }),
    ...(phase && { currentPhase: phase }),
    buildStatus: state.status,
    ...(spec.sourceVersion !== undefined && { sourceVersion: spec.sourceVersion }),
    // Of an object's version AWS says that it does not apply: https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Build.html
    ...(state.resolvedSourceVersion !== undefined && spec.source.type !== 'S3' && { resolvedSourceVersion: state.resolvedSourceVersion }),
    projectName: spec.project,
    phases: state.phases,
    source: spec.source,
    secondarySources: spec.secondarySources,
    secondarySourceVersions: Object.entries(spec.secondaryVersions).map(([sourceIdentifier, sourceVersion]) => ({
      sourceIdentifier,
      sourceVersion,
    })),
    artifacts: artifactsView(spec.artifacts, state.built),
    secondaryArtifacts: spec.secondaryArtifacts.map((wanted) => artifactsView(wanted, state.built)),
    cache: spec.cache ?? { type: 'NO_CACHE' },
    environment: spec.environment,
    serviceRole: spec.serviceRole,
    logs: logsView(spec),
    timeoutInMinutes: spec.timeoutMinutes,
    queuedTimeoutInMinutes: spec.queuedTimeoutMinutes,
    buildComplete: state.status !== 'IN_PROGRESS',
    initiator: spec.initiator,
    encryptionKey: spec.encryptionKey ?? `arn:aws:kms:${spec.region}:${spec.account}:alias/aws/s3`,
    ...(spec.vpcConfig && { vpcConfig: spec.vpcConfig }),
    ...(autoRetry && { autoRetryConfig: autoRetry }),
    ...(spec.batch && { buildBatchArn: `arn:aws:codebuild:${spec.region}:${spec.account}:build-batch/${spec.batch.id}` }),
    ...(spec.debugSession && { debugSession: debugSession(state) }),
    exportedEnvironmentVariables: state.exported.map(({ name, value }) => ({ name, value })),
  };
}
