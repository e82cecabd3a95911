import type { BuildPhase, EnvironmentVariable } from '../../api.gen.ts';
import type { Batchspec } from '../batch/types.ts';
import type { BuildSpec, BuiltArtifact, FinalStatus, Lease } from './state.ts';

/** The build's private vocabulary; `at` is epoch ms. */
export type BuildEvent =
  | { readonly type: 'buildSubmitted'; readonly spec: BuildSpec; readonly at: number }
  | { readonly type: 'buildLeased'; readonly lease: Lease }
  | { readonly type: 'stopRequested'; readonly at: number }
  | {
      readonly type: 'phasesReported';
      readonly phases: readonly BuildPhase[];
      readonly resolvedSourceVersion?: string;
      readonly at: number;
    }
  /** The commit that is built is known now. */
  | { readonly type: 'commitResolved'; readonly at: number }
  | { readonly type: 'autoRetried'; readonly arn: string; readonly at: number }
  | {
      readonly type: 'buildEnded';
      readonly status: FinalStatus;
      readonly phases: readonly BuildPhase[];
      readonly resolvedSourceVersion?: string;
      readonly exported: readonly EnvironmentVariable[];
      readonly built: readonly BuiltArtifact[];
      /** Of the build that reads it for its batch. */
      readonly batchspec?: Batchspec;
      readonly at: number;
    }
  | { readonly type: 'buildDeleted'; readonly at: number };

export type BuildCommand =
  | { readonly type: 'submit'; readonly spec: BuildSpec }
  | { readonly type: 'lease'; readonly runnerId: string; readonly instanceId: string; readonly accessKeyId: string }
  | { readonly type: 'stop' }
  | { readonly type: 'report'; readonly epoch: number; readonly phases: readonly BuildPhase[]; readonly resolvedSourceVersion?: string }
  | {
      readonly type: 'complete';
      readonly epoch: number;
      readonly status: FinalStatus;
      readonly phases: readonly BuildPhase[];
      readonly resolvedSourceVersion?: string;
      readonly exported: readonly EnvironmentVariable[];
      readonly built: readonly BuiltArtifact[];
      readonly batchspec?: Batchspec;
    }
  | { readonly type: 'lost'; readonly epoch: number; readonly message: string }
  /** The build of this ARN was started as this one failed. */
  | { readonly type: 'retriedAs'; readonly arn: string }
  /** What was to be done beside the build could not be done: nothing follows. */
  | { readonly type: 'gaveUp' }
  | { readonly type: 'delete' };
