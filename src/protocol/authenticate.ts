import type { Clock } from '../kernel/clock.ts';
import { formatArn } from '../kernel/arn.ts';
import type { Principal } from '../ports/authorise.ts';
import type { Credentials } from '../ports/credentials.ts';
import type { OperationModel, ServiceModel } from './model.ts';
import { claimsOf } from './sigv4/claims.ts';
import type { Claims, Malformed } from './sigv4/claims.ts';
import { authError, malformedClaims, missingToken, wrongService } from './sigv4/refusals.ts';
import { verify } from './sigv4/verify.ts';
import type { ChunkSeed } from './sigv4/verify.ts';
import type { RawRequest } from './wire-request.ts';

export interface AuthSettings {
  readonly account: string;
  readonly region: string;
  readonly auth: 'sigv4' | 'off';
}

export interface Authenticated {
  readonly principal: Principal;
  readonly region: string;
  /** For signed chunks. */
  readonly seed: ChunkSeed | undefined;
}

export interface AuthTools {
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly settings: AuthSettings;
}

/** What is to be authenticated against: the service and operation that the request reached. */
export interface AuthTarget {
  readonly model: Pick<ServiceModel, 'protocol' | 'signingName'>;
  readonly operation?: Pick<OperationModel, 'unauthenticated'> | undefined;
  /** Hex SHA-256 of the body, where it has been read. */
  readonly bodyHash?: string | undefined;
}

export function rootPrincipal(account: string, session?: Principal['session']): Principal {
  return { kind: 'root', account, arn: formatArn('iam', '', account, 'root'), id: account, ...(session && { session }) };
}

export function anonymous(account: string): Principal {
  return { kind: 'anonymous', account, arn: formatArn('iam', '', account, 'anonymous'), id: 'anonymous' };
}

export function signedClaims(request: RawRequest): Claims | Malformed | undefined {
  return claimsOf({ ...request, query: request.rawQuery });
}

export function scopeService(claims: Claims | Malformed | undefined): string | undefined {
  if (claims?.kind === 'v2') return 's3';
  return claims?.kind === 'header' || claims?.kind === 'query' ? claims.scope.service : undefined;
}

/** `--auth off`: nobody is asked for anything. A key that we did issue still says who is calling and from which role. */
async function unchecked(claims: Claims | Malformed | undefined, { credentials, settings }: AuthTools): Promise<Authenticated> {
  const region = claims?.kind === 'header' || claims?.kind === 'query' ? claims.scope.region : settings.region;
  const known = claims && claims.kind !== 'malformed' ? await credentials.find(claims.accessKeyId) : undefined;
  return { principal: known?.principal ?? rootPrincipal(settings.account), region, seed: undefined };
}

function mayBeAnonymous({ model, operation }: AuthTarget): boolean {
  return model.protocol === 'rest-xml' || operation?.unauthenticated === true;
}

/** Who is calling. Throws the error that the service's protocol has for a request that cannot be believed. */
export async function authenticate(request: RawRequest, target: AuthTarget, tools: AuthTools): Promise<Authenticated> {
  const { settings, credentials, clock } = tools;
  const claims = signedClaims(request);
  if (settings.auth === 'off') return unchecked(claims, tools);
  const { protocol, signingName } = target.model;
  if (!claims) {
    if (!mayBeAnonymous(target)) throw missingToken(protocol);
    return { principal: anonymous(settings.account), region: settings.region, seed: undefined };
  }
  if (claims.kind === 'malformed') throw malformedClaims(protocol, claims);
  if (claims.kind === 'v2' ? signingName !== 's3' : claims.scope.service !== signingName) throw wrongService(protocol, signingName);
  const { bodyHash } = target;
  const outcome = await verify({ ...request, query: request.rawQuery }, claims, {
    credentials,
    now: clock.now(),
    bodyHash,
    bucketHost: request.bucketHost,
  });
  if (outcome.kind !== 'verified') throw authError(protocol, outcome);
  return { principal: outcome.credential.principal, region: outcome.region ?? settings.region, seed: outcome.seed };
}
