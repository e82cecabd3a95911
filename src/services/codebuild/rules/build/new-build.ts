import {
  errors,
  type EnvironmentVariable,
  type Project,
  type ProjectArtifacts,
  type ProjectSource,
  type StartBuildInput,
} from '../../api.gen.ts';
import { validCache } from '../project/cache.ts';
import { validateAutoRetry, validateLogs, validateSecondaries } from '../project/settings.ts';
import { refuseStatusReports, validateArtifacts, validateSource } from '../project/sources.ts';
import { roleArn } from '../project/validate.ts';
import { serverTypeOf } from '../source-credentials.ts';
import type { BuildSpec, BuildWebhook } from './state.ts';

/** What distinguishes this build, beside project and overrides. */
export interface BuildIdentity {
  readonly account: string;
  readonly region: string;
  readonly uuid: string;
  readonly number: number;
  readonly initiator: string;
  readonly webhook?: BuildWebhook;
  readonly publicUrl?: string;
  /** The caches that it uses; absent for the first. */
  readonly cacheGeneration?: number;
}

/** The project with the start call's overrides laid over it. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html */
export function newBuild(project: Project, input: StartBuildInput, identity: BuildIdentity): BuildSpec {
  const source = overriddenSource(project.source!, input);
  const artifacts = input.artifactsOverride ?? project.artifacts!;
  checkPipelineUse(project, source, artifacts);
  validateSource(source);
  validateArtifacts(artifacts);
  const environment = overriddenEnvironment(project, input);
  const sourceVersion = nonEmpty(input.sourceVersion) ?? (source.type === project.source!.type ? project.sourceVersion : undefined);
  const versions = input.secondarySourcesVersionOverride ?? project.secondarySourceVersions ?? [];
  const secondarySources = input.secondarySourcesOverride ?? project.secondarySources ?? [];
  const secondaryArtifacts = input.secondaryArtifactsOverride ?? project.secondaryArtifacts ?? [];
  // A start may leave sources out whose versions the project names; only what the call itself says has to fit.
  const given = input.secondarySourcesVersionOverride && { secondarySourceVersions: input.secondarySourcesVersionOverride };
  validateSecondaries({ secondarySources, secondaryArtifacts, ...given });
  const cache = input.cacheOverride ?? project.cache;
  const logsConfig = input.logsConfigOverride ?? project.logsConfig;
  validateLogs(input.logsConfigOverride);
  const encryptionKey = input.encryptionKeyOverride ?? project.encryptionKey;
  return {
    ...identity,
    project: project.name!,
    serviceRole: roleArn(input.serviceRoleOverride ?? project.serviceRole ?? '', identity.account),
    source,
    ...(sourceVersion !== undefined && { sourceVersion }),
    secondarySources,
    secondaryVersions: Object.fromEntries(versions.map((version) => [version.sourceIdentifier, version.sourceVersion])),
    artifacts,
    secondaryArtifacts,
    environment,
    ...(logsConfig && { logsConfig }),
    ...(cache && { cache: validCache(cache) }),
    ...(encryptionKey !== undefined && { encryptionKey }),
    timeoutMinutes: input.timeoutInMinutesOverride ?? project.timeoutInMinutes ?? 60,
    queuedTimeoutMinutes: input.queuedTimeoutInMinutesOverride ?? project.queuedTimeoutInMinutes ?? 480,
    ...(project.vpcConfig && { vpcConfig: project.vpcConfig }),
    ...autoRetry(project, input),
    ...(input.debugSessionEnabled && { debugSession: true }),
    ...(input.idempotencyToken !== undefined && { token: input.idempotencyToken }),
  };
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function autoRetry({ autoRetryLimit }: Project, { autoRetryLimitOverride: override }: StartBuildInput): Pick<BuildSpec, 'autoRetry'> {
  validateAutoRetry(override);
  const limit = override ?? autoRetryLimit ?? 0;
  return limit > 0 ? { autoRetry: { limit, number: 0 } } : {};
}

/** A project whose source is a pipeline has no input of its own: only a pipeline can start it. */
function checkPipelineUse(project: Project, source: ProjectSource, artifacts: ProjectArtifacts): void {
  if (artifacts === project.artifacts && artifacts.type === 'CODEPIPELINE')
    throw errors.InvalidInputException('ArtifactsOverride must be set when using artifacts type CodePipelines');
  if (source.type === 'CODEPIPELINE' && !source.location) {
    throw errors.InvalidInputException(
      `Build project ${project.name} has source type CODEPIPELINE: only CodePipeline can start it, unless the source is overridden`,
    );
  }
  if (artifacts.type === 'CODEPIPELINE' && !artifacts.location) {
    throw errors.InvalidInputException('Invalid artifacts: artifact type CODEPIPELINE can only be used with source type CODEPIPELINE');
  }
}

function overriddenSource(source: ProjectSource, input: StartBuildInput): ProjectSource {
  const type = input.sourceTypeOverride ?? source.type;
  const location = input.sourceLocationOverride ?? (type === source.type ? source.location : undefined);
  const buildspec = input.buildspecOverride ?? source.buildspec;
  const gitCloneDepth = input.gitCloneDepthOverride ?? source.gitCloneDepth;
  const gitSubmodulesConfig = input.gitSubmodulesConfigOverride ?? source.gitSubmodulesConfig;
  const insecureSsl = input.insecureSslOverride ?? source.insecureSsl;
  refuseStatusReports(type, input.reportBuildStatusOverride);
  const host: Partial<ProjectSource> = serverTypeOf(type) ? source : {};
  const auth = input.sourceAuthOverride ?? host.auth;
  const reportBuildStatus = input.reportBuildStatusOverride ?? host.reportBuildStatus;
  const buildStatusConfig = input.buildStatusConfigOverride ?? host.buildStatusConfig;
  const { sourceIdentifier } = source;
  return {
    type,
    ...(location !== undefined && { location }),
    ...(buildspec !== undefined && { buildspec }),
    ...(gitCloneDepth !== undefined && { gitCloneDepth }),
    ...(gitSubmodulesConfig && { gitSubmodulesConfig }),
    ...(insecureSsl !== undefined && { insecureSsl }),
    ...(auth && { auth }),
    ...(reportBuildStatus !== undefined && { reportBuildStatus }),
    ...(buildStatusConfig && { buildStatusConfig }),
    ...(sourceIdentifier !== undefined && { sourceIdentifier }),
  };
}

function overriddenEnvironment(project: Project, input: StartBuildInput): BuildSpec['environment'] {
  const environment = project.environment!;
  const byName = new Map<string, EnvironmentVariable>();
  for (const variable of [...(environment.environmentVariables ?? []), ...(input.environmentVariablesOverride ?? [])]) {
    byName.set(variable.name, { type: 'PLAINTEXT', ...variable });
  }
  const overrides: Partial<BuildSpec['environment']> = {
    type: input.environmentTypeOverride,
    image: input.imageOverride,
    computeType: input.computeTypeOverride,
    fleet: input.fleetOverride,
    privilegedMode: input.privilegedModeOverride,
    certificate: input.certificateOverride,
    registryCredential: input.registryCredentialOverride,
    imagePullCredentialsType: input.imagePullCredentialsTypeOverride,
    hostKernel: input.hostKernelOverride,
  };
  return {
    ...environment,
    ...Object.fromEntries(Object.entries(overrides).filter(([, value]) => value !== undefined)),
    environmentVariables: [...byName.values()],
  };
}
