import type { ArtifactLocation, SourceRevision, Variables } from './values.ts';
import type { EnvironmentVariable, PipelineDeclaration } from '../api.gen.ts';

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
  /** What a git host told of the change, under the names that AWS's STARTED event has for it. */
  readonly git?: Variables;
}

/** What the one who started it asked for: which revision a source action takes. */
export interface RevisionOverride {
  readonly action: string;
  /** AWS's COMMIT_ID, IMAGE_DIGEST, S3_OBJECT_VERSION_ID, S3_OBJECT_KEY. */
  readonly revisionType: string;
  readonly revision: string;
  /** The branch it is of, where a trigger started the execution for another than the configured one. */
  readonly branch?: string;
}

export type ActionStatus = 'InProgress' | 'Succeeded' | 'Failed' | 'Abandoned';

/** One attempt of something that a provider runs: an action, or a rule of a condition. */
export interface Run {
  readonly id: string;
  readonly executionId: string;
  readonly status: ActionStatus;
  readonly startedAt: number;
  readonly changedAt: number;
  readonly deadline: number;
  readonly configuration: Variables;
  /** Resolved, as the configuration is. */
  readonly commands?: readonly string[];
  readonly inputs: readonly ArtifactLocation[];
  /** The provider's run, once it told us. */
  readonly ref?: { readonly id: string; readonly url?: string };
  readonly wakeOn?: readonly string[];
  readonly wakeAt?: number;
  readonly summary?: string;
  readonly error?: { readonly code: string; readonly message: string };
}

/** One attempt of one action. */
export interface ActionRun extends Run {
  readonly action: string;
  readonly environmentVariables?: readonly EnvironmentVariable[];
  readonly outputs: readonly ArtifactLocation[];
  readonly token?: string;
  /** How much of the work is done, 0 to 100, as a worker told last. */
  readonly percent?: number;
  /** Who decided an approval. */
  readonly changedBy?: string;
  readonly revision?: SourceRevision;
  readonly variables?: Variables;
}

export interface RuleRun extends Run {
  readonly rule: string;
}

export type StageStatus = 'InProgress' | 'Stopping' | 'Stopped' | 'Succeeded' | 'Failed' | 'Cancelled' | 'Skipped';

export type ConditionType = 'BEFORE_ENTRY' | 'ON_SUCCESS' | 'ON_FAILURE';

export type ConditionStatus = 'InProgress' | 'Failed' | 'Errored' | 'Succeeded' | 'Cancelled' | 'Abandoned' | 'Overridden';

/** One evaluation of one condition: all its rules at once. */
export interface ConditionRun {
  readonly status: ConditionStatus;
  readonly changedAt: number;
  readonly summary?: string;
  readonly rules: Readonly<Record<string, RuleRun>>;
}

export type Conditions = { readonly [type in ConditionType]?: ConditionRun };

/** AWS's RetryStageMetadata: how often a stage was retried in this execution. */
export interface Retries {
  readonly auto?: number;
  readonly manual?: number;
  readonly latest: 'AutomatedStageRetry' | 'ManualStageRetry';
}

export type ExecutionStatus = 'InProgress' | 'Stopping' | 'Stopped' | 'Succeeded' | 'Superseded' | 'Failed';

export interface Execution extends Carried {
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
  readonly passage: Passage;
  /** Every stage it came to, in order: where its time went. */
  readonly marks: readonly StageMark[];
  /** The execution whose stage this one rolls back to. */
  readonly rollbackOf?: string;
  /** The execution whose artifacts and revisions it was given, to go on from there: a replay. */
  readonly replayOf?: string;
  /** It runs this stage alone (a rollback), or this action alone, on exactly the configuration of then. */
  readonly only?: { readonly action?: string; readonly configuration?: Variables };
}

/** When an execution came to a stage's entrance, was let in, and was done there. A retry is a mark of its own. */
export interface StageMark {
  readonly stage: string;
  readonly arrived: number;
  readonly entered?: number;
  readonly ended?: number;
  readonly status?: StageStatus;
  /** While it waited there, the transition was disabled in these times (epoch ms); the last is added once that ends. */
  readonly closed?: readonly { readonly from: number; readonly to: number }[];
}

/** An execution's passage through the stage it is in; a retry keeps what stands of it. */
export interface Passage {
  /** The runs that count, by action. */
  readonly runs: Readonly<Record<string, ActionRun>>;
  readonly conditions: Conditions;
  readonly retries?: Retries;
}

export interface StageState {
  /** The execution that is, or was last, in the stage. */
  readonly latest?: Occupant;
  /** The newest run of each action, of whichever execution: what people are shown. */
  readonly runs: Readonly<Record<string, ActionRun>>;
  /** The inbound transition, when somebody has disabled or enabled it. */
  readonly inbound?: { readonly enabled: boolean; readonly reason?: string; readonly by: string; readonly at: number };
  /** What an automatic rollback goes back to. */
  readonly lastSuccess?: RollbackTarget;
}

/** What is shown of the execution that is, or was last, in a stage. */
export interface Occupant {
  readonly executionId: string;
  readonly status: StageStatus;
  readonly rollback?: boolean;
  readonly conditions: Conditions;
  readonly retries?: Retries;
}

/** What an execution has gathered on its way: an execution that begins further down is given another's. */
export interface Carried {
  /** By name. */
  readonly artifacts: Readonly<Record<string, ArtifactLocation>>;
  /** Output variables by namespace. */
  readonly outputs: Readonly<Record<string, Variables>>;
  /** The revision each source action took, and the artifact it made of it. */
  readonly revisions: Readonly<Record<string, SourceRevision & { readonly artifact?: string }>>;
}

/** A success in a stage that the stage can be rolled back to. */
export interface RollbackTarget extends Carried {
  readonly executionId: string;
  readonly version: number;
  readonly variables: Variables;
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

/** The execution mode that an execution moves by: that of the structure it runs. */
export function modeOf(state: PipelineState, execution: Execution): 'SUPERSEDED' | 'QUEUED' | 'PARALLEL' {
  return declarationOf(state, execution.version).executionMode ?? 'SUPERSEDED';
}

/** The runs of actions that count for an execution in its stage. */
export function runsOf(execution: Execution): readonly ActionRun[] {
  return Object.values(execution.passage.runs);
}

/** The rule runs of an execution's conditions in its stage. */
export function ruleRunsOf(execution: Execution): readonly RuleRun[] {
  return Object.values(execution.passage.conditions).flatMap((condition) => Object.values(condition.rules));
}

export type FoundRun =
  | { readonly kind: 'action'; readonly execution: Execution; readonly run: ActionRun }
  | { readonly kind: 'rule'; readonly execution: Execution; readonly condition: ConditionType; readonly run: RuleRun };

/** The run of that id, where it still counts. */
export function findRunById(state: PipelineState, runId: string, executionId?: string): FoundRun | undefined {
  const executions = executionId === undefined ? Object.values(state.executions) : [state.executions[executionId]];
  for (const execution of executions) {
    if (!execution) continue;
    for (const run of runsOf(execution)) if (run.id === runId) return { kind: 'action', execution, run };
    for (const [type, { rules }] of Object.entries(execution.passage.conditions)) {
      for (const run of Object.values(rules)) {
        if (run.id === runId) return { kind: 'rule', execution, condition: type as ConditionType, run };
      }
    }
  }
  return undefined;
}
