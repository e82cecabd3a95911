import type { Arn } from '../../kernel/arn.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Logger } from '../../kernel/log.ts';
import type { AwsClients } from '../aws.gen.ts';
import type { PipelineType, SourceRevisionType } from './api.gen.ts';
import type { ExternalRef, ArtifactLocation, Variables } from './rules/values.ts';
import type { Progress } from './rules/progress.ts';

export type { FailureReason, Progress } from './rules/progress.ts';
export type { ArtifactLocation, ExternalRef, SourceRevision, Variables } from './rules/values.ts';

/** What identifies an action provider: AWS's four words. */
export interface ActionTypeId {
  readonly category: 'Source' | 'Build' | 'Test' | 'Deploy' | 'Approval' | 'Invoke' | 'Compute';
  readonly owner: 'AWS' | 'ThirdParty' | 'Custom';
  readonly provider: string;
  readonly version: string;
}

/** One configuration property: drives validation, ListActionTypes and the docs. Values are always text, as in AWS. */
export interface ActionProperty {
  readonly required: boolean;
  readonly type: 'String' | 'Number' | 'Boolean';
  readonly secret?: boolean;
  readonly description: string;
  /** The only values it takes. */
  readonly values?: readonly string[];
  /** What is wrong with a value, to follow it in a sentence. Pure. */
  readonly problem?: (value: string) => string | undefined;
}

export type ActionSettings = Readonly<Record<string, ActionProperty>>;

/** How many artifacts the action may take and give. */
export interface ArtifactBounds {
  readonly inputs: { readonly min: number; readonly max: number };
  readonly outputs: { readonly min: number; readonly max: number };
}

/** Where an output is to be put; the Compute action says of which files it is made. */
export interface OutputLocation extends ArtifactLocation {
  readonly files?: readonly string[];
}

/** One action of one execution, with everything resolved. The same `id` twice means the same external run. */
export interface ActionJob {
  /** The action execution id. */
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly pipeline: { readonly name: string; readonly version: number; readonly arn: Arn };
  readonly executionId: string;
  readonly stage: string;
  readonly action: string;
  readonly role: Arn | undefined;
  readonly configuration: Variables;
  readonly inputs: readonly ArtifactLocation[];
  readonly outputs: readonly OutputLocation[];
  /** Sources: the revision this execution was started for; absent means the newest. */
  readonly revision?: string;
  /** S3 sources that allow it: the object to take instead of the configured one. */
  readonly objectKey?: string;
  /** Sources: the branch that the revision is of, where a trigger chose another than the configured one. */
  readonly branch?: string;
  /** Approvals: the token that PutApprovalResult must bring. */
  readonly token?: string;
  /** The Compute action's shell commands, with its environment and the variables it is to hand on. */
  readonly commands?: readonly string[];
  readonly environmentVariables?: readonly EnvironmentVariable[];
  readonly outputVariables?: readonly string[];
  /** Epoch ms at which the engine times the action out. */
  readonly deadline: number;
}

export interface EnvironmentVariable {
  readonly name: string;
  readonly value: string;
  readonly type?: 'PLAINTEXT' | 'SECRETS_MANAGER';
}

export interface ActionTools {
  /** AWS's API here, under the action's role. */
  readonly aws: AwsClients;
  readonly clock: Clock;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** The newest revision of a source, as `latest` saw it. */
export interface RevisionSeen {
  readonly revisionId: string;
  readonly summary?: string;
}

/** What two revisions of a source differ by, bounded in size. */
export interface SourceChanges {
  readonly relation: 'FIRST' | 'SAME' | 'AHEAD' | 'BEHIND' | 'DIVERGED';
  /** Newest first: what the newer revision has and the older has not; where it goes back, what is taken away. */
  readonly commits: readonly SourceCommit[];
  /** There are more commits than these. */
  readonly moreCommits: boolean;
  readonly files: readonly { readonly path: string; readonly insertions: number; readonly deletions: number; readonly binary: boolean }[];
  readonly filesChanged: number;
  readonly insertions: number;
  readonly deletions: number;
}

export interface SourceCommit {
  readonly commitId: string;
  readonly author: string;
  /** Epoch ms. */
  readonly at: number;
  /** The first line of its message. */
  readonly subject: string;
}

/** The plug-in shape. A thrown error means "we could not tell": the engine retries, then records the action as errored. */
export interface ActionProvider {
  readonly type: ActionTypeId;
  readonly settings: ActionSettings;
  readonly artifacts: ArtifactBounds;
  /** Minutes until the engine fails the action; AWS's figure of the limits page. */
  readonly timeoutMinutes: number;
  /** Where people see what the action is configured with: `{Config:NAME}` is a value of its configuration. */
  readonly entityUrlTemplate?: string;
  /** Whether the declaration says beside the configuration what is run: commands, and what goes with them. */
  readonly commands?: true;
  /** The pipeline types that may have it; both where absent. */
  readonly pipelineTypes?: readonly PipelineType[];
  /** Sources: the types of revisions that a start may name; COMMIT_ID where absent. */
  readonly revisionTypes?: readonly SourceRevisionType[];
  start(job: ActionJob, tools: ActionTools): Promise<Progress>;
  poll(job: ActionJob, ref: ExternalRef, tools: ActionTools): Promise<Progress>;
  stop(job: ActionJob, ref: ExternalRef | undefined, tools: ActionTools): Promise<void>;
  /** Sources: the newest revision; undefined where there is nothing yet. */
  latest?(configuration: Variables, tools: ActionTools): Promise<RevisionSeen | undefined>;
  /** Sources that keep a history: what lies between two revisions; `from` is absent where there was none before. */
  changes?(configuration: Variables, from: string | undefined, to: string, tools: ActionTools): Promise<SourceChanges>;
  /** Sources: the ARN whose events announce a new revision; undefined where only polling tells. */
  watches?(configuration: Variables, place: { readonly account: string; readonly region: string }): Arn | undefined;
}

/** What identifies a rule of a stage condition; owner and version are always these. */
export interface RuleTypeId {
  readonly category: 'Rule';
  readonly owner: 'AWS';
  readonly provider: string;
  readonly version: '1';
}

/** One rule of one condition, with everything resolved. The same `id` twice means the same external run. */
export interface RuleJob extends Pick<
  ActionJob,
  'id' | 'account' | 'region' | 'pipeline' | 'executionId' | 'stage' | 'role' | 'configuration' | 'inputs' | 'commands' | 'deadline'
> {
  /** `id` is the rule execution id; this is the rule's name. */
  readonly rule: string;
  readonly condition: 'BEFORE_ENTRY' | 'ON_SUCCESS' | 'ON_FAILURE';
  /** Epoch ms at which the rule began, for those that wait a while. */
  readonly startedAt: number;
}

/**
 * A stage condition's rule, in the shape of an action: `succeeded` means that the rule holds, `failed` that it does not, a
 * thrown error that we could not tell. https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference.html
 */
export interface RuleProvider {
  readonly type: RuleTypeId;
  readonly settings: ActionSettings;
  readonly artifacts: ArtifactBounds;
  readonly timeoutMinutes: number;
  /** Whether the declaration says beside the configuration what is run: commands, and what goes with them. */
  readonly commands?: true;
  start(job: RuleJob, tools: ActionTools): Promise<Progress>;
  poll(job: RuleJob, ref: ExternalRef, tools: ActionTools): Promise<Progress>;
  stop(job: RuleJob, ref: ExternalRef | undefined, tools: ActionTools): Promise<void>;
}
