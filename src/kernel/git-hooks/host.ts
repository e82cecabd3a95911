/** Whose events a webhook is to tell. */
export type HookPlace = { readonly repository: string } | { readonly organization: string };

/** What a host can be asked to tell of. */
export type HookSubject = 'push' | 'pullRequest' | 'release' | 'workflowJob' | 'comment';

export interface NewHook {
  readonly url: string;
  readonly secret: string;
  readonly subjects: readonly HookSubject[];
}

export interface MadeHook {
  /** By which it is removed. */
  readonly id: string;
  /** Where the host keeps it. */
  readonly url: string;
}

/** What changed: a pull (merge) request, or everything between two commits (or branches). */
export type ChangeRange = { readonly pull: string } | { readonly from: string; readonly to: string };
