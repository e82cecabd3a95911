import type { FinalStatus } from '../build/state.ts';
import type { BuiltArtifact } from '../build/state.ts';
import type { BatchOrder } from './state.ts';
import type { Batchspec } from './types.ts';

/** A part's next build. */
export interface NewBuild {
  readonly identifier: string;
  readonly uuid: string;
}

/** How a batch ends. */
export interface BatchEnd {
  readonly status: FinalStatus;
  readonly message?: string;
}

/** The batch's private vocabulary; `at` is epoch ms. */
export type BatchEvent =
  | { readonly type: 'batchSubmitted'; readonly order: BatchOrder; readonly uuid: string; readonly at: number }
  | { readonly type: 'batchspecRead'; readonly spec: Batchspec; readonly uuids: readonly string[]; readonly at: number }
  | { readonly type: 'combineBegun'; readonly uuid: string; readonly at: number }
  | { readonly type: 'buildRequested'; readonly identifier: string; readonly at: number }
  | { readonly type: 'buildStarted'; readonly uuid: string }
  | {
      readonly type: 'buildEnded';
      readonly uuid: string;
      readonly status: FinalStatus;
      readonly built: readonly BuiltArtifact[];
      readonly resolvedSourceVersion?: string;
      readonly message?: string;
    }
  | { readonly type: 'partsSkipped'; readonly identifiers: readonly string[] }
  | { readonly type: 'stopOrdered'; readonly uuid: string }
  | { readonly type: 'endingBegun'; readonly reason: 'STOPPED' | 'TIMED_OUT'; readonly at: number }
  /** All is done but the reports of a fan-out's builds: the batch ends so once they are one. */
  | { readonly type: 'mergeBegun'; readonly end: BatchEnd }
  | { readonly type: 'reportsMerged'; readonly reportArns: readonly string[] }
  | ({ readonly type: 'batchEnded'; readonly at: number } & BatchEnd)
  | { readonly type: 'batchRetried'; readonly builds: readonly NewBuild[]; readonly at: number; readonly token?: string }
  | { readonly type: 'batchDeleted'; readonly at: number };

export type BatchCommand =
  | { readonly type: 'submit'; readonly order: BatchOrder }
  | { readonly type: 'stop' }
  | { readonly type: 'retry'; readonly all: boolean; readonly token?: string }
  | { readonly type: 'delete' }
  /** `reportArns`: of the merged reports; none where they could not be merged. */
  | { readonly type: 'merged'; readonly reportArns: readonly string[] }
  /** What was to be told to others was not: nothing that the batch could mend. */
  | { readonly type: 'gaveUp' }
  /** The build exists now, or did before. */
  | { readonly type: 'started'; readonly uuid: string }
  /** The build cannot be started, or not be stopped. */
  | { readonly type: 'refused'; readonly uuid: string; readonly message: string }
  | {
      readonly type: 'ended';
      readonly uuid: string;
      readonly status: FinalStatus;
      readonly built: readonly BuiltArtifact[];
      readonly resolvedSourceVersion?: string;
      readonly batchspec?: Batchspec;
      readonly message?: string;
    };
