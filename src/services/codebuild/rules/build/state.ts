import type {
  BuildPhase,
  EnvironmentVariable,
  LogsConfig,
  ProjectArtifacts,
  ProjectCache,
  ProjectEnvironment,
  ProjectSource,
  StatusType,
  VpcConfig,
} from '../../api.gen.ts';

/** A build's place in its batch. */
export interface BatchMembership {
  /** `PROJECT:UUID` of the batch. */
  readonly id: string;
  readonly identifier: string;
  /** Of a fan-out: which of how many, counted from 0. */
  readonly shard?: { readonly index: number; readonly total: number };
  /** Its own status is told to the git host, not the batch's: REPORT_INDIVIDUAL_BUILDS. */
  readonly told?: true;
  /** The batch's own work, instead of a task: `inputs` are the zips that are combined, `revision` what they were built from. */
  readonly part?: {
    readonly kind: 'BATCHSPEC' | 'COMBINE_ARTIFACTS';
    readonly inputs: readonly { readonly identifier: string; readonly object: { readonly bucket: string; readonly key: string } }[];
    readonly revision?: string;
  };
}

/** Everything a build was started with: the project with the start call's overrides laid over it. Fixed from then on. */
export interface BuildSpec {
  readonly account: string;
  readonly region: string;
  readonly project: string;
  readonly uuid: string;
  readonly number: number;
  readonly initiator: string;
  readonly serviceRole: string;
  readonly source: ProjectSource;
  readonly sourceVersion?: string;
  readonly secondarySources: readonly ProjectSource[];
  /** By source identifier. */
  readonly secondaryVersions: Readonly<Record<string, string>>;
  readonly artifacts: ProjectArtifacts;
  readonly secondaryArtifacts: readonly ProjectArtifacts[];
  readonly environment: ProjectEnvironment;
  readonly logsConfig?: LogsConfig;
  readonly cache?: ProjectCache;
  readonly encryptionKey?: string;
  readonly timeoutMinutes: number;
  readonly queuedTimeoutMinutes: number;
  readonly debugSession?: boolean;
  /** The start call's idempotencyToken. */
  readonly token?: string;
  /** What was asked for with it, as a digest. */
  readonly request?: string;
  /** What a webhook that started it tells. */
  readonly webhook?: BuildWebhook;
  readonly vpcConfig?: VpcConfig;
  readonly autoRetry?: AutoRetry;
  /** Where everybody may look at it. */
  readonly publicUrl?: string;
  /** The caches that it uses; absent for the first: InvalidateProjectCache. */
  readonly cacheGeneration?: number;
  /** No build but a sandbox: it runs the commands that it is told, until it is stopped. */
  readonly sandbox?: true;
  readonly batch?: BatchMembership;
}

/** https://docs.aws.amazon.com/codebuild/latest/APIReference/API_AutoRetryConfig.html */
export interface AutoRetry {
  readonly limit: number;
  /** How many retries led to this build. */
  readonly number: number;
  /** The ARN of the build that failed before. */
  readonly previous?: string;
}

export interface BuildWebhook {
  /** CODEBUILD_WEBHOOK_…, by name. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the git host's statuses are of. */
  readonly commit?: string;
}

export interface Lease {
  readonly runnerId: string;
  /** The runner process: a restarted runner is another instance. */
  readonly instanceId: string;
  readonly epoch: number;
  readonly at: number;
  /** The temporary credentials handed out with it; revoked when the build ends. */
  readonly accessKeyId: string;
}

export interface BuiltArtifact {
  readonly identifier?: string;
  readonly location: string;
  readonly md5sum?: string;
  readonly sha256sum?: string;
}

export type FinalStatus = Exclude<StatusType, 'IN_PROGRESS'>;

/** One build: the aggregate. Times are epoch ms. */
export interface BuildState {
  readonly id: string;
  readonly spec?: BuildSpec;
  readonly status: StatusType;
  readonly submittedAt: number;
  readonly endedAt?: number;
  readonly lease?: Lease;
  readonly stopRequested: boolean;
  /** As AWS shows them, in order; each with its start, and its end once it has ended. */
  readonly phases: readonly BuildPhase[];
  readonly resolvedSourceVersion?: string;
  readonly exported: readonly EnvironmentVariable[];
  readonly built: readonly BuiltArtifact[];
  readonly deleted: boolean;
  /** The ARN of the build that was started as this one failed. */
  readonly nextAutoRetry?: string;
}

export function emptyBuild(id: string): BuildState {
  return { id, status: 'IN_PROGRESS', submittedAt: 0, stopRequested: false, phases: [], exported: [], built: [], deleted: false };
}

/** `ACCOUNT/REGION/PROJECT:UUID`. */
export function aggregateId(account: string, region: string, buildId: string): string {
  return `${account}/${region}/${buildId}`;
}

export function buildArn({ account, region, project, uuid }: Pick<BuildSpec, 'account' | 'region' | 'project' | 'uuid'>): string {
  return `arn:aws:codebuild:${region}:${account}:build/${project}:${uuid}`;
}

export function isRunning(state: BuildState): boolean {
  return state.spec !== undefined && state.status === 'IN_PROGRESS';
}

/** The instant a leased build must have ended by. */
export function deadlineOf(state: BuildState): number | undefined {
  return state.lease && state.spec && state.lease.at + state.spec.timeoutMinutes * 60_000;
}
