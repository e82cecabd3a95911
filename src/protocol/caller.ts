import type { Arn } from '../kernel/arn.ts';
import type { Principal } from '../ports/authorise.ts';

/** On whose behalf one part of the system calls another. */
export interface Caller {
  /** The role whose session calls; without one, the account itself does. */
  readonly role?: Arn;
  /** The session's name, as AssumeRole would take it. */
  readonly session: string;
  readonly purpose?: Principal['session'];
  readonly account: string;
  readonly region: string;
  readonly signal?: AbortSignal;
}
