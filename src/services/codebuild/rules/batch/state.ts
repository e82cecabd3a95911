import type { BuildBatchPhase, ProjectBuildBatchConfig, StatusType } from '../../api.gen.ts';
import type { BuildSpec, BuiltArtifact, FinalStatus } from '../build/state.ts';
import type { BatchTask } from './types.ts';

/** Everything a batch was started with. Fixed from then on. */
export interface BatchOrder {
  readonly account: string;
  readonly region: string;
  readonly project: string;
  readonly uuid: string;
  /** buildBatchNumber. */
  readonly number: number;
  readonly initiator: string;
  /** What each build is, before its task says otherwise: the project with the call's overrides laid over it. */
  readonly build: BuildSpec;
  readonly config: ProjectBuildBatchConfig;
  readonly timeoutMinutes: number;
  readonly debugSession?: boolean;
  /** The start call's idempotencyToken. */
  readonly token?: string;
}

/**
 * PENDING waits for what it depends on; STARTING has been asked for and may or may not exist yet; STOPPED also is what was never begun.
 * AWS shows builds that wait as PENDING, with the ARN they will have.
 */
export type PartStatus = 'PENDING' | 'STARTING' | StatusType;

/** One build of a part, the current or an earlier try. */
export interface PartBuild {
  readonly uuid: string;
  /** Epoch ms. */
  readonly requestedOn: number;
  readonly status: PartStatus;
  readonly built: readonly BuiltArtifact[];
  /** It was started: AWS knows a build of this uuid. */
  readonly begun?: boolean;
  /** A stop order is on its way to it. */
  readonly stopping?: boolean;
  /** Why it failed, where that was told. */
  readonly message?: string;
}

/** A build group, in AWS's words: the reading of the batchspec, one task of it, or the combining of the artifacts. */
export interface Part {
  readonly kind: 'BATCHSPEC' | 'TASK' | 'COMBINE_ARTIFACTS';
  readonly task: BatchTask;
  readonly current: PartBuild;
  readonly prior: readonly PartBuild[];
}

/** AWS also shows CLIENT_ERROR and RETRY here, which its model does not name. */
export type BatchPhase = Omit<BuildBatchPhase, 'phaseStatus'> & { readonly phaseStatus?: StatusType | 'CLIENT_ERROR' | 'RETRY' };

/** One batch: the aggregate. Times are epoch ms. */
export interface BatchState {
  readonly id: string;
  readonly order?: BatchOrder;
  readonly status: StatusType;
  readonly submittedAt: number;
  /** When this try began: the batch's time counts from here. */
  readonly begunAt: number;
  readonly endedAt?: number;
  readonly ending?: 'STOPPED' | 'TIMED_OUT';
  readonly phases: readonly BatchPhase[];
  readonly resolvedSourceVersion?: string;
  readonly fastFail: boolean;
  /** The batchspec was read: the tasks are known. */
  readonly read: boolean;
  readonly parts: readonly Part[];
  /** The reports of a fan-out's builds are being made one; the batch ends so when they are. */
  readonly merging?: { readonly status: FinalStatus; readonly message?: string };
  /** Of the merged reports of this try. */
  readonly reportArns?: readonly string[];
  readonly retryTokens: readonly string[];
  readonly deleted: boolean;
}

export function emptyBatch(id: string): BatchState {
  const nothing = { phases: [], parts: [], retryTokens: [], fastFail: false, read: false, deleted: false };
  return { id, status: 'IN_PROGRESS', submittedAt: 0, begunAt: 0, ...nothing };
}

export const batchId = ({ project, uuid }: Pick<BatchOrder, 'project' | 'uuid'>): string => `${project}:${uuid}`;

export function batchArn(order: Pick<BatchOrder, 'account' | 'region' | 'project' | 'uuid'>): string {
  return `arn:aws:codebuild:${order.region}:${order.account}:build-batch/${batchId(order)}`;
}

export function isOpen(state: BatchState): boolean {
  return state.order !== undefined && state.status === 'IN_PROGRESS';
}

/** The instant this try of the batch must have ended by. */
export function batchDeadline(state: BatchState): number | undefined {
  return state.order && state.begunAt + state.order.timeoutMinutes * 60_000;
}

export const hasEnded = ({ current: { status } }: Part): boolean =>
  status !== 'PENDING' && status !== 'STARTING' && status !== 'IN_PROGRESS';

/** The builds of a fan-out that began, in its order; a try has none twice. */
export const shardsOf = ({ parts }: Pick<BatchState, 'parts'>): readonly Part[] =>
  parts.filter(({ task, current }) => task.shard !== undefined && current.begun);

/** It succeeded, or nobody minds that it did not. */
export const isFine = (part: Part): boolean => part.current.status === 'SUCCEEDED' || (hasEnded(part) && part.task.ignoreFailure);
