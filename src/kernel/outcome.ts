/** Why work ended as it did: a code for programs (AWS's where there is one) and a sentence for people. */
export interface Reason {
  readonly code: string;
  readonly message: string;
}

/**
 * How a piece of work ended. Closed: "the user's work failed" and "we could not run it" are different facts.
 */
export type Outcome =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly reason: Reason }
  | { readonly kind: 'errored'; readonly reason: Reason }
  | { readonly kind: 'stopped'; readonly reason: Reason }
  | { readonly kind: 'superseded'; readonly by: string };
