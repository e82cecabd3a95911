import type { ExternalRef, SourceRevision, Variables } from './values.ts';
import type { PipelineDeclaration } from '../api.gen.ts';
import type { ActionRun, Carried, ConditionStatus, ConditionType, Execution, RevisionOverride, RuleRun, Trigger } from './state.ts';

/**
 * The private vocabulary of the pipeline aggregate. Versioned by ProcessType.version; AWS's public events are made from
 * these in bus-events.ts. `at` is epoch ms.
 */
export type PipelineEvent =
  | { readonly type: 'pipelineCreated'; readonly declaration: PipelineDeclaration; readonly at: number }
  | { readonly type: 'pipelineUpdated'; readonly declaration: PipelineDeclaration; readonly version: number; readonly at: number }
  | { readonly type: 'pipelineDeleted'; readonly at: number }
  | {
      readonly type: 'transitionChanged';
      readonly stage: string;
      readonly enabled: boolean;
      readonly reason?: string;
      readonly by: string;
      readonly at: number;
    }
  | {
      readonly type: 'executionStarted';
      readonly executionId: string;
      readonly version: number;
      readonly trigger: Trigger;
      readonly variables: Variables;
      readonly overrides: readonly RevisionOverride[];
      readonly token?: string;
      readonly stage: string;
      readonly at: number;
      /** Where it begins with what another execution had gathered. */
      readonly carried?: Carried;
      readonly rollbackOf?: string;
      readonly replayOf?: string;
      readonly only?: Execution['only'];
      /** The structure, where the state no longer holds that version. */
      readonly declaration?: PipelineDeclaration;
    }
  | { readonly type: 'stageArrived'; readonly executionId: string; readonly stage: string; readonly at: number }
  | { readonly type: 'stageEntered'; readonly executionId: string; readonly stage: string; readonly at: number }
  /** `refused`: its success condition was not met, so that nothing may be rolled back to it. */
  | {
      readonly type: 'stageSucceeded';
      readonly executionId: string;
      readonly stage: string;
      readonly refused?: boolean;
      readonly at: number;
    }
  | { readonly type: 'stageSkipped'; readonly executionId: string; readonly stage: string; readonly at: number }
  | { readonly type: 'stageFailed'; readonly executionId: string; readonly stage: string; readonly at: number }
  | { readonly type: 'stageStopped'; readonly executionId: string; readonly stage: string; readonly at: number }
  | {
      readonly type: 'stageRetried';
      readonly executionId: string;
      readonly stage: string;
      readonly mode: 'FAILED_ACTIONS' | 'ALL_ACTIONS';
      readonly automatic?: boolean;
      readonly at: number;
    }
  | {
      readonly type: 'conditionStarted';
      readonly executionId: string;
      readonly stage: string;
      readonly condition: ConditionType;
      readonly rules: readonly RuleRun[];
      readonly at: number;
    }
  | {
      readonly type: 'conditionEnded';
      readonly executionId: string;
      readonly stage: string;
      readonly condition: ConditionType;
      readonly status: Exclude<ConditionStatus, 'InProgress' | 'Overridden'>;
      readonly summary?: string;
      readonly at: number;
    }
  | {
      readonly type: 'conditionOverridden';
      readonly executionId: string;
      readonly stage: string;
      readonly condition: ConditionType;
      readonly by: string;
      readonly at: number;
    }
  | {
      readonly type: 'ruleProgressed';
      readonly executionId: string;
      readonly stage: string;
      readonly condition: ConditionType;
      readonly rule: string;
      readonly ref: ExternalRef;
      readonly wakeOn: readonly string[];
      readonly wakeAt?: number;
      readonly summary?: string;
      readonly at: number;
    }
  | {
      readonly type: 'ruleEnded';
      readonly executionId: string;
      readonly stage: string;
      readonly condition: ConditionType;
      readonly rule: string;
      readonly status: 'Succeeded' | 'Failed' | 'Abandoned';
      readonly error?: { readonly code: string; readonly message: string };
      readonly ref?: ExternalRef;
      readonly summary?: string;
      readonly at: number;
    }
  | { readonly type: 'actionStarted'; readonly executionId: string; readonly stage: string; readonly run: ActionRun }
  | {
      readonly type: 'actionProgressed';
      readonly executionId: string;
      readonly stage: string;
      readonly action: string;
      readonly ref: ExternalRef;
      readonly wakeOn: readonly string[];
      readonly wakeAt?: number;
      readonly summary?: string;
      readonly percent?: number;
      readonly at: number;
    }
  | {
      readonly type: 'actionSucceeded';
      readonly executionId: string;
      readonly stage: string;
      readonly action: string;
      readonly variables: Variables;
      readonly ref?: ExternalRef;
      readonly revision?: SourceRevision;
      readonly summary?: string;
      readonly by?: string;
      readonly at: number;
    }
  | {
      readonly type: 'actionFailed';
      readonly executionId: string;
      readonly stage: string;
      readonly action: string;
      readonly code: string;
      readonly message: string;
      readonly ref?: ExternalRef;
      readonly summary?: string;
      readonly by?: string;
      readonly at: number;
    }
  | { readonly type: 'actionAbandoned'; readonly executionId: string; readonly stage: string; readonly action: string; readonly at: number }
  | {
      readonly type: 'executionStopping';
      readonly executionId: string;
      readonly abandon: boolean;
      readonly reason: string;
      readonly at: number;
    }
  | { readonly type: 'executionStopped'; readonly executionId: string; readonly at: number }
  | { readonly type: 'executionSucceeded'; readonly executionId: string; readonly at: number }
  | { readonly type: 'executionFailed'; readonly executionId: string; readonly reason?: string; readonly at: number }
  | { readonly type: 'executionSuperseded'; readonly executionId: string; readonly by: string; readonly at: number };
