import type { Arn } from '../../../kernel/arn.ts';
import type { ExternalRef, SourceRevision, Variables } from './values.ts';

export type FailureReason =
  | 'JobFailed'
  | 'ConfigurationError'
  | 'PermissionError'
  | 'RevisionOutOfSync'
  | 'RevisionUnavailable'
  | 'SystemUnavailable';

/** What a provider tells of its run. */
export type Progress =
  | {
      readonly kind: 'running';
      readonly ref: ExternalRef;
      /** Resources whose events mean "look again". */
      readonly wakeOn: readonly Arn[];
      /** Epoch ms at which to look again in any case. */
      readonly wakeAt?: number;
      readonly summary?: string;
      /** How much of the work is done, 0 to 100, where the provider can tell. */
      readonly percent?: number;
    }
  | {
      readonly kind: 'succeeded';
      readonly variables: Variables;
      readonly ref?: ExternalRef;
      readonly revision?: SourceRevision;
      readonly summary?: string;
    }
  | { readonly kind: 'failed'; readonly reason: FailureReason; readonly message: string; readonly ref?: ExternalRef };
