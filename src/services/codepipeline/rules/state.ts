import type { ArtifactLocation, SourceRevision, Variables } from './values.ts';
import type { PipelineDeclaration } from '../api.gen.ts';

/** How an execution began. */
export interface Trigger {
  readonly type:
    | 'CreatePipeline'
    | 'StartPipelineExecution'
    | 'PollForSourceChanges'
    | 'Webhook'
    | 'WebhookV2'
    | 'CloudWatchEvent'
    | 'PutActionRevision'
    | 'ManualRollback'
    | 'AutomatedRollback';
  /** Who or what: a user's ARN, a rule's ARN, a source action. */
  readonly detail: string;
}

/** What the one who started it asked for: which revision a source action takes. */
export interface RevisionOverride {
  readonly action: string;
  readonly revisionType: string;
  readonly revision: string;
}

export type ActionStatus = 'InProgress' | 'Succeeded' | 'Failed' | 'Abandoned';

/** One attempt of one action. */
export interface ActionRun {
  readonly id: string;
  readonly action: string;
  readonly executionId: string;
  /** It counts for the execution that is in the stage now; a retry or a new execution takes that from it. */
  readonly current: boolean;
  readonly status: ActionStatus;
  readonly startedAt: number;
  readonly changedAt: number;
  readonly deadline: number;
  readonly configuration: Variables;
  readonly inputs: readonly ArtifactLocation[];
  readonly outputs: readonly ArtifactLocation[];
  readonly token?: string;
  /** The provider's run, once it told us. */
  readonly ref?: { readonly id: string; readonly url?: string };
  readonly wakeOn?: readonly string[];
  readonly wakeAt?: number;
  readonly summary?: string;
  readonly error?: { readonly code: string; readonly message: string };
  /** Who decided an approval. */
  readonly changedBy?: string;
  readonly revision?: SourceRevision;
  readonly variables?: Variables;
}

export type StageStatus = 'InProgress' | 'Stopping' | 'Stopped' | 'Succeeded' | 'Failed' | 'Cancelled';
export type ExecutionStatus = 'InProgress' | 'Stopping' | 'Stopped' | 'Succeeded' | 'Superseded' | 'Failed';

export interface Execution {
  readonly id: string;
  readonly status: ExecutionStatus;
  /** The pipeline version it runs. */
  readonly version: number;
  readonly startedAt: number;
  readonly trigger: Trigger;
  readonly variables: Variables;
  readonly overrides: readonly RevisionOverride[];
  readonly stop?: { readonly abandon: boolean; readonly reason: string };
  readonly stage: string;
  /** `waiting` at the stage's entrance, `running` inside it, `ended`: kept only because the stage may be retried. */
  readonly phase: 'waiting' | 'running' | 'ended';
  /** Counts from 1; grows with each retry of the stage. */
  readonly attempt: number;
  /** Artifacts made so far, by name. */
  readonly artifacts: Readonly<Record<string, ArtifactLocation>>;
  /** Output variables by namespace. */
  readonly outputs: Readonly<Record<string, Variables>>;
  /** The revision each source action took, and the artifact it made of it. */
  readonly revisions: Readonly<Record<string, SourceRevision & { readonly artifact?: string }>>;
}

export interface StageState {
  /** The execution that is, or was last, in the stage. */
  readonly latest?: { readonly executionId: string; readonly status: StageStatus };
  /** The newest run of each action, of whichever execution. */
  readonly runs: Readonly<Record<string, ActionRun>>;
  /** The inbound transition, when somebody has disabled or enabled it. */
  readonly inbound?: { readonly enabled: boolean; readonly reason?: string; readonly by: string; readonly at: number };
}

/** A pipeline with its executions that are not over: the aggregate (DESIGN §4). */
export interface PipelineState {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly name: string;
  readonly exists: boolean;
  /** The definitions that still matter, by version: the newest, and those that executions in flight run (they keep theirs). */
  readonly declarations: Readonly<Record<number, PipelineDeclaration>>;
  readonly version: number;
  readonly createdAt: number;
  readonly updatedAt: number;
  /** The newest revision each source action is known to have had: what it takes for a change to be one. */
  readonly seen: Readonly<Record<string, string>>;
  readonly stages: Readonly<Record<string, StageState>>;
  /** In the order in which they started. */
  readonly executions: Readonly<Record<string, Execution>>;
}

export function aggregateId(account: string, region: string, name: string): string {
  return `${account}/${region}/${name}`;
}

export function emptyPipeline(id: string): PipelineState {
  const [account = '', region = '', name = ''] = id.split('/');
  return {
    id,
    account,
    region,
    name,
    exists: false,
    declarations: {},
    version: 0,
    createdAt: 0,
    updatedAt: 0,
    seen: {},
    stages: {},
    executions: {},
  };
}

export function pipelineArn(state: Pick<PipelineState, 'account' | 'region' | 'name'>): string {
  return `arn:aws:codepipeline:${state.region}:${state.account}:${state.name}`;
}

/** Executions that still move: the others are kept only for a retry. */
export function inFlight(state: PipelineState): Execution[] {
  return Object.values(state.executions).filter((execution) => execution.phase !== 'ended');
}

/** The structure an execution runs: the version it started with. */
export function declarationOf(state: PipelineState, version: number = state.version): PipelineDeclaration {
  const declaration = state.declarations[version];
  if (!declaration) throw new Error(`pipeline ${state.name} has no version ${version}`);
  return declaration;
}

/** The runs that count for the execution now in the stage. */
export function currentRuns(state: PipelineState, stage: string): ActionRun[] {
  return Object.values(state.stages[stage]?.runs ?? {}).filter((run) => run.current);
}
