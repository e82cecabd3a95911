import type { PipelineDeclaration } from '../api.gen.ts';
import type { Progress } from './progress.ts';
import type { Carried, ConditionType, Execution, RevisionOverride, RollbackTarget, Trigger } from './state.ts';
import type { Variables } from './values.ts';

/** The execution that creating a pipeline starts, on the revisions its sources have then. */
export interface CreationRun {
  readonly executionId: string;
  readonly by: string;
  readonly overrides: readonly RevisionOverride[];
}

/** Everything that can be asked of a pipeline, by people (operations) or by its own performers. */
export type PipelineCommand =
  | {
      readonly type: 'create';
      readonly declaration: PipelineDeclaration;
      readonly start?: CreationRun;
    }
  | { readonly type: 'update'; readonly declaration: PipelineDeclaration }
  | { readonly type: 'delete' }
  | { readonly type: 'transition'; readonly stage: string; readonly enabled: boolean; readonly reason?: string; readonly by: string }
  | {
      readonly type: 'start';
      readonly executionId: string;
      readonly trigger: Trigger;
      readonly variables: Variables;
      readonly overrides: readonly RevisionOverride[];
      /** The caller's clientRequestToken: the same one starts one execution. */
      readonly token?: string;
    }
  | {
      readonly type: 'sourceChanged';
      readonly executionId: string;
      readonly action: string;
      readonly revisionType: string;
      readonly revision: string;
      /** PollForSourceChanges where absent. */
      readonly trigger?: Trigger;
    }
  /** An execution that begins at a stage with what another had gathered: a replay, a rollback, one action again. */
  | {
      readonly type: 'startFrom';
      readonly executionId: string;
      readonly trigger: Trigger;
      readonly stage: string;
      readonly version: number;
      readonly variables: Variables;
      readonly carried: Carried;
      readonly only?: Execution['only'];
      readonly replayOf?: string;
      /** A source action that runs again takes the revision it took. */
      readonly overrides?: readonly RevisionOverride[];
      readonly declaration?: PipelineDeclaration;
    }
  | {
      readonly type: 'rollback';
      readonly executionId: string;
      readonly stage: string;
      readonly by: string;
      /** What history knows of the target; undefined where it knows no such execution. */
      readonly target: RollbackCandidate | undefined;
    }
  | {
      readonly type: 'override';
      readonly executionId: string;
      readonly stage: string;
      readonly condition: ConditionType;
      readonly by: string;
    }
  | { readonly type: 'stop'; readonly executionId: string; readonly abandon: boolean; readonly reason: string }
  | { readonly type: 'retry'; readonly executionId: string; readonly stage: string; readonly mode: 'FAILED_ACTIONS' | 'ALL_ACTIONS' }
  | {
      readonly type: 'approve';
      readonly stage: string;
      readonly action: string;
      readonly token: string;
      readonly approved: boolean;
      readonly summary: string;
      readonly by: string;
    }
  | { readonly type: 'progress'; readonly runId: string; readonly executionId?: string; readonly progress: Progress }
  | { readonly type: 'errored'; readonly runId: string; readonly executionId?: string; readonly message: string };

/** An execution of the past that a stage may be rolled back to. */
export interface RollbackCandidate extends RollbackTarget {
  readonly isRollback: boolean;
  readonly succeededInStage: boolean;
}
