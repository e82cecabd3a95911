import type { Principal } from './authorise.ts';

/** An access key as SigV4 verification needs it. */
export interface Credential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Temporary credentials only; must come with every request. */
  readonly sessionToken?: string;
  readonly principal: Principal;
  /** Epoch ms; temporary credentials only. */
  readonly expires?: number;
}

/** Looks access keys up, for whoever verifies signatures (the AWS edge, the git plane). */
export interface Credentials {
  /** Undefined for unknown, inactive or revoked keys; an expired one is returned, so that the caller can say "expired". */
  find(accessKeyId: string): Promise<Credential | undefined>;
}

/** Makes temporary credentials: for AssumeRole, for builds, for the runner. */
export interface Sessions {
  issue(principal: Principal, ttlSeconds: number): Promise<Credential & { readonly sessionToken: string; readonly expires: number }>;
  /** From now on `find` no longer knows the key. */
  revoke(accessKeyId: string): Promise<void>;
}
