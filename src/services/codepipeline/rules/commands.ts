import type { PipelineDeclaration } from '../api.gen.ts';
import type { Progress } from './progress.ts';
import type { RevisionOverride, Trigger } from './state.ts';
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
  | { readonly type: 'progress'; readonly runId: string; readonly stage: string; readonly action: string; readonly progress: Progress }
  | { readonly type: 'errored'; readonly runId: string; readonly stage: string; readonly action: string; readonly message: string };
