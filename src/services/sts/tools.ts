import type { Credentials, Sessions } from '../../ports/credentials.ts';
import type { ServiceTools } from '../../protocol/service.ts';

/** A role as AssumeRole needs it; where it comes from is not this service's matter. */
export interface AssumableRole {
  readonly arn: string;
  /** `AROA…` */
  readonly id: string;
  readonly maxSessionSeconds: number;
}

export interface StsTools extends ServiceTools {
  readonly sessions: Sessions;
  readonly credentials: Credentials;
  readonly findRole: (account: string, name: string) => Promise<AssumableRole | undefined>;
}
