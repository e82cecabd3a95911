import type { Arn } from '../kernel/arn.ts';

/** Who is asking. */
export interface Principal {
  readonly kind: 'root' | 'user' | 'role' | 'anonymous';
  readonly account: string;
  /** `arn:aws:iam::…:user/x`, or `arn:aws:sts::…:assumed-role/R/session`. */
  readonly arn: Arn;
  /** AWS's unique id: `AIDA…`, `AROA…:session`, the account number for root. */
  readonly id: string;
  /** What a role session is for; sessions of builds are denied more until the policy evaluator lands (DESIGN §8). */
  readonly session?: 'build' | 'pipeline' | 'rule' | 'user' | 'runner' | 'job';
  /** A job's session reaches these objects of S3 and nothing else, as `bucket/key`; what it may write it may read. */
  readonly objects?: { readonly read: readonly string[]; readonly write: readonly string[] };
}

export interface AccessRequest {
  readonly principal: Principal;
  /** `codebuild:StartBuild`. */
  readonly action: string;
  readonly region: string;
}

export type AccessDecision = { readonly allowed: true } | { readonly allowed: false; readonly message: string };

/** Asked before every operation, from the wire or from inside. */
export type Authorise = (request: AccessRequest) => AccessDecision;
