import type { EnvironmentVariable, ProjectArtifacts, ProjectSource } from '../../api.gen.ts';
import { logObject, logPlace } from './view.ts';
import { buildArn, deadlineOf, type BatchMembership, type BuildSpec, type BuildState } from './state.ts';

/** What a runner is told to do: plain values, shaped like BuildJob of services/pipewright/model.json. */
export interface Job {
  readonly buildArn: string;
  readonly epoch: number;
  readonly buildId: string;
  readonly buildNumber: number;
  readonly projectName: string;
  readonly account: string;
  readonly region: string;
  readonly initiator: string;
  readonly startTime: number;
  readonly deadline: number;
  readonly image: string;
  readonly environment: {
    readonly type: string;
    readonly computeType: string;
    readonly privilegedMode?: boolean;
    readonly registryCredential?: string;
    readonly certificate?: { readonly bucket: string; readonly key: string };
  };
  readonly buildspec?: string;
  readonly sourceVersion?: string;
  readonly source: JobSource;
  readonly secondarySources: readonly JobSource[];
  readonly artifacts: readonly JobArtifact[];
  readonly secondaryArtifacts: readonly JobArtifact[];
  readonly variables: readonly { readonly name: string; readonly value: string }[];
  /** Variables whose values the runner fetches, under the build's role. */
  readonly references: readonly JobReference[];
  readonly builtinVariables: readonly { readonly name: string; readonly value: string }[];
  readonly sandbox?: boolean;
  readonly logged: boolean;
  readonly logObject?: { readonly bucket: string; readonly key: string };
  readonly debugSession?: boolean;
  readonly batchPart?: BatchMembership['part'];
  readonly cache?: JobCache;
}

/** Where the files that the buildspec names are kept for the next build. */
export interface JobCache {
  readonly kind: 'S3' | 'LOCAL';
  readonly bucket?: string;
  readonly prefix?: string;
  /** What shares it: a project, or all projects of a namespace. */
  readonly scope: string;
}

export interface JobReference {
  readonly name: string;
  readonly type: 'PARAMETER_STORE' | 'SECRETS_MANAGER';
  readonly value: string;
}

export interface JobSource {
  readonly kind: 'CODECOMMIT' | 'CODEPIPELINE' | 'S3' | 'GIT' | 'NO_SOURCE';
  readonly identifier?: string;
  readonly location?: string;
  readonly object?: { readonly bucket: string; readonly key: string; readonly versionId?: string };
  readonly version?: string;
  readonly depth?: number;
  readonly submodules?: boolean;
  readonly insecureSsl?: boolean;
}

export interface JobArtifact {
  readonly kind: 'CODEPIPELINE' | 'S3';
  readonly identifier?: string;
  readonly bucket: string;
  readonly path?: string;
  readonly name: string;
  readonly namespace?: string;
  readonly packaging: 'NONE' | 'ZIP';
  readonly overrideName?: boolean;
}

/** `bucket/key` or `arn:aws:s3:::bucket/key`. */
function s3Object(location: string): { bucket: string; key: string } {
  const path = location.replace(/^arn:aws[a-z-]*:s3:::/, '');
  const slash = path.indexOf('/');
  return { bucket: slash === -1 ? path : path.slice(0, slash), key: slash === -1 ? '' : path.slice(slash + 1) };
}

function source(wanted: ProjectSource, version: string | undefined): JobSource {
  const { type, location = '', sourceIdentifier, gitCloneDepth, gitSubmodulesConfig, insecureSsl } = wanted;
  const named = sourceIdentifier !== undefined && { identifier: sourceIdentifier };
  if (type === 'NO_SOURCE') return { kind: 'NO_SOURCE', ...named };
  if (type === 'CODEPIPELINE') return { kind: 'CODEPIPELINE', location, object: s3Object(location), ...named };
  if (type === 'S3')
    return { kind: 'S3', location, object: { ...s3Object(location), ...(version !== undefined && { versionId: version }) }, ...named };
  return {
    kind: type === 'CODECOMMIT' ? 'CODECOMMIT' : 'GIT',
    location,
    ...named,
    ...(version !== undefined && { version }),
    ...(gitCloneDepth !== undefined && gitCloneDepth > 0 && { depth: gitCloneDepth }),
    ...(gitSubmodulesConfig?.fetchSubmodules && { submodules: true }),
    ...(insecureSsl && { insecureSsl }),
  };
}

function artifact(spec: BuildSpec, wanted: ProjectArtifacts): readonly JobArtifact[] {
  const { type, location = '', path, name, namespaceType, packaging, artifactIdentifier, overrideArtifactName } = wanted;
  if (type === 'NO_ARTIFACTS') return [];
  const bucket = location.replace(/^arn:aws[a-z-]*:s3:::/, '');
  const named = artifactIdentifier !== undefined && { identifier: artifactIdentifier };
  // The pipeline says the whole key; packaging, namespace and name of the project are ignored then.
  if (type === 'CODEPIPELINE') return [{ kind: 'CODEPIPELINE', bucket, path: '', name: path ?? '', packaging: 'ZIP', ...named }];
  return [
    {
      kind: 'S3',
      bucket,
      name: name ?? spec.project,
      packaging: packaging ?? 'NONE',
      ...named,
      ...(path !== undefined && { path }),
      ...(namespaceType === 'BUILD_ID' && { namespace: spec.uuid }),
      ...(overrideArtifactName !== undefined && { overrideName: overrideArtifactName }),
    },
  ];
}

/** A repository's own URL, `s3://BUCKET/KEY`; empty of what comes from a pipeline, and of no source. */
function sourceUrl({ type, location = '' }: ProjectSource): string {
  if (type === 'CODEPIPELINE') return '';
  if (type !== 'S3') return location;
  const { bucket, key } = s3Object(location);
  return `s3://${bucket}/${key}`;
}

function secondaryVariables({ secondarySources, secondaryVersions }: BuildSpec): Record<string, string | undefined> {
  const named = secondarySources.flatMap((wanted) =>
    wanted.sourceIdentifier === undefined ? [] : [[wanted.sourceIdentifier, wanted] as const],
  );
  return Object.fromEntries(
    named.flatMap(([identifier, wanted]) => [
      [`CODEBUILD_SOURCE_REPO_URL_${identifier}`, sourceUrl(wanted)],
      [`CODEBUILD_SOURCE_VERSION_${identifier}`, secondaryVersions[identifier]],
    ]),
  );
}

/** https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html; what only the runner knows it adds itself. */
export function builtinVariables(
  spec: BuildSpec,
  state: Pick<BuildState, 'submittedAt'>,
  endpoint: string,
): readonly { name: string; value: string }[] {
  const place = logPlace(spec);
  // What codebuild-tests-run goes by; AWS does not publish its own.
  const shard = spec.batch?.shard;
  const values: Record<string, string | undefined> = {
    AWS_REGION: spec.region,
    AWS_DEFAULT_REGION: spec.region,
    AWS_ENDPOINT_URL: endpoint,
    CODEBUILD_BATCH_BUILD_IDENTIFIER: spec.batch && !spec.batch.part ? spec.batch.identifier : undefined,
    CODEBUILD_BUILD_ARN: buildArn(spec),
    CODEBUILD_BUILD_ID: `${spec.project}:${spec.uuid}`,
    CODEBUILD_BUILD_IMAGE: spec.environment.image,
    CODEBUILD_BUILD_NUMBER: String(spec.number),
    CODEBUILD_INITIATOR: spec.initiator,
    CODEBUILD_KMS_KEY_ID: spec.encryptionKey ?? `arn:aws:kms:${spec.region}:${spec.account}:alias/aws/s3`,
    CODEBUILD_LOG_PATH: place?.stream,
    CODEBUILD_PROJECT_ARN: `arn:aws:codebuild:${spec.region}:${spec.account}:project/${spec.project}`,
    CODEBUILD_PUBLIC_BUILD_URL: spec.publicUrl,
    CODEBUILD_SOURCE_REPO_URL: sourceUrl(spec.source),
    CODEBUILD_SOURCE_VERSION: spec.sourceVersion,
    ...secondaryVariables(spec),
    CODEBUILD_START_TIME: String(state.submittedAt),
    PIPEWRIGHT_SHARD_INDEX: shard && String(shard.index),
    PIPEWRIGHT_SHARD_TOTAL: shard && String(shard.total),
    ...spec.webhook?.variables,
  };
  return Object.entries(values).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}

/**
 * Of the modes of a LOCAL cache this is LOCAL_CUSTOM_CACHE; sources are kept as mirrors of their repositories, and layers by the engine,
 * without being asked. https://docs.aws.amazon.com/codebuild/latest/userguide/caching-local.html
 */
function cache({ cache: wanted, account, region, project, cacheGeneration = 0 }: BuildSpec): { readonly cache?: JobCache } {
  const { type = 'NO_CACHE', location = '', cacheNamespace, modes = [] } = wanted ?? {};
  const shared = cacheNamespace === undefined ? `project-${project}` : `namespace-${cacheNamespace}`;
  // Caches of an earlier generation are left where they are, and not found any more.
  const name = cacheGeneration === 0 ? shared : `${shared}.${cacheGeneration}`;
  if (type === 'S3') {
    const { bucket, key } = s3Object(location);
    return { cache: { kind: 'S3', bucket, prefix: key.replace(/\/+$/, ''), scope: name } };
  }
  if (type !== 'LOCAL' || !modes.includes('LOCAL_CUSTOM_CACHE')) return {};
  return { cache: { kind: 'LOCAL', scope: `${account}/${region}/${name}` } };
}

function environment({ environment: wanted }: BuildSpec): Job['environment'] {
  const { type, computeType, privilegedMode, registryCredential, certificate = '' } = wanted;
  return {
    type,
    computeType,
    ...(privilegedMode !== undefined && { privilegedMode }),
    ...(registryCredential && { registryCredential: registryCredential.credential }),
    ...(certificate !== '' && { certificate: s3Object(certificate) }),
  };
}

function reference({ name, value, type }: EnvironmentVariable): JobReference | undefined {
  return type === 'PARAMETER_STORE' || type === 'SECRETS_MANAGER' ? { name, value, type } : undefined;
}

/** The work of a leased build. */
export function jobOf(state: BuildState, endpoint: string): Job {
  const spec = state.spec!;
  const variables = spec.environment.environmentVariables ?? [];
  const object = logObject(spec);
  return {
    buildArn: buildArn(spec),
    epoch: state.lease!.epoch,
    buildId: `${spec.project}:${spec.uuid}`,
    buildNumber: spec.number,
    projectName: spec.project,
    account: spec.account,
    region: spec.region,
    initiator: spec.initiator,
    startTime: state.submittedAt,
    deadline: deadlineOf(state)!,
    image: spec.environment.image,
    environment: environment(spec),
    ...(spec.source.buildspec !== undefined && { buildspec: spec.source.buildspec }),
    ...(spec.sourceVersion !== undefined && { sourceVersion: spec.sourceVersion }),
    source: source(spec.source, spec.sourceVersion),
    secondarySources: spec.secondarySources.map((wanted) => source(wanted, spec.secondaryVersions[wanted.sourceIdentifier ?? ''])),
    artifacts: artifact(spec, spec.artifacts),
    secondaryArtifacts: spec.secondaryArtifacts.flatMap((wanted) => artifact(spec, wanted)),
    variables: variables.flatMap((variable) => (reference(variable) ? [] : [{ name: variable.name, value: variable.value }])),
    references: variables.flatMap((variable) => reference(variable) ?? []),
    builtinVariables: builtinVariables(spec, state, endpoint),
    ...(spec.sandbox && { sandbox: true }),
    logged: logPlace(spec) !== undefined,
    ...(object && { logObject: object }),
    ...(spec.debugSession && { debugSession: true }),
    ...(spec.batch?.part && { batchPart: spec.batch.part }),
    ...cache(spec),
  };
}
