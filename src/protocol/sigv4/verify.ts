import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Credential, Credentials } from '../../ports/credentials.ts';
import { canonicalPath, canonicalRequest, hmac, queryPairs, signingKey, stringToSign, UNSIGNED_PAYLOAD } from './canonical.ts';
import type { SignableRequest } from './canonical.ts';
import type { Claims, V2Claims, V4Claims } from './claims.ts';
import { canonicalV2 } from './v2.ts';

/** Why a request was not believed; each protocol has its own words for it. */
export type AuthFailure =
  | { readonly kind: 'unknownKey' | 'badToken' | 'expiredToken' | 'mismatch' | 'presignedExpired' }
  | { readonly kind: 'unsignedHeaders'; readonly names: readonly string[] }
  | { readonly kind: 'expiresTooFar' }
  | { readonly kind: 'skewed'; readonly requested: number; readonly now: number };

export interface Verified {
  readonly kind: 'verified';
  readonly credential: Credential;
  /** Undefined for version 2, whose scope is nothing. */
  readonly region: string | undefined;
  /** For the signatures of chunks that follow. */
  readonly seed: ChunkSeed | undefined;
}

export interface ChunkSeed {
  readonly key: Uint8Array;
  readonly signature: string;
  readonly amzDate: string;
  readonly scope: V4Claims['scope'];
}

const SKEW_MS = 15 * 60_000;
const MAX_EXPIRES = 7 * 24 * 3600;

/** Compares hex or base64 signatures in constant time. */
export function equalText(a: string, b: string): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}

function timeFailure(claims: V4Claims, now: number): AuthFailure | undefined {
  if (claims.kind === 'header') return Math.abs(now - claims.time) > SKEW_MS ? { kind: 'skewed', requested: claims.time, now } : undefined;
  const expires = claims.expires ?? SKEW_MS / 1000;
  if (expires > MAX_EXPIRES) return { kind: 'expiresTooFar' };
  if (claims.time - now > SKEW_MS) return { kind: 'skewed', requested: claims.time, now };
  return now > claims.time + expires * 1000 ? { kind: 'presignedExpired' } : undefined;
}

function keyFailure(credential: Credential, token: string | undefined, now: number): AuthFailure | undefined {
  if (credential.sessionToken !== undefined && !equalText(token ?? '', credential.sessionToken)) return { kind: 'badToken' };
  if (credential.sessionToken === undefined && token !== undefined) return { kind: 'badToken' };
  return credential.expires !== undefined && credential.expires <= now ? { kind: 'expiredToken' } : undefined;
}

/** A header that steers the request but is not covered could have been added by whoever holds a presigned URL. */
function unsignedHeaders(request: SignableRequest, claims: V4Claims): string[] {
  return Object.keys(request.headers).filter(
    (name) => name.startsWith('x-amz-') && name !== 'x-amz-content-sha256' && !claims.signedHeaders.includes(name),
  );
}

/** The payload hash that the signature covers. */
function payloadHash(request: SignableRequest, claims: V4Claims, bodyHash: string | undefined): string {
  if (claims.scope.service !== 's3') return bodyHash ?? UNSIGNED_PAYLOAD;
  const declared = request.headers['x-amz-content-sha256'];
  if (claims.kind === 'header') return declared ?? bodyHash ?? UNSIGNED_PAYLOAD;
  const inQuery = new Map(queryPairs(request.query)).get('X-Amz-Content-Sha256');
  return inQuery ?? (claims.signedHeaders.includes('x-amz-content-sha256') ? declared : undefined) ?? UNSIGNED_PAYLOAD;
}

/** Clients differ in which characters of an S3 path they encode; AWS accepts the path as sent and as it would encode it. */
function pathsOf(request: SignableRequest, service: string): string[] {
  const canonical = canonicalPath(request.path, service);
  return service === 's3' && canonical !== request.path ? [canonical, request.path] : [canonical];
}

function verifyV4(request: SignableRequest, claims: V4Claims, secret: string, bodyHash: string | undefined): ChunkSeed | undefined {
  const key = signingKey(secret, claims.scope);
  const hash = payloadHash(request, claims, bodyHash);
  const { signedHeaders } = claims;
  for (const path of pathsOf(request, claims.scope.service)) {
    const canonical = canonicalRequest(request, { path, signedHeaders, payloadHash: hash, leaveOut: 'X-Amz-Signature' });
    const signature = hmac(key, stringToSign(claims.amzDate, claims.scope, canonical)).toString('hex');
    if (equalText(signature, claims.signature)) return { key, signature, amzDate: claims.amzDate, scope: claims.scope };
  }
  return undefined;
}

function verifyV2(request: SignableRequest, claims: V2Claims, secret: string, bucketHost: string | undefined): boolean {
  const text = canonicalV2(request, claims.expiresText, bucketHost);
  return equalText(createHmac('sha1', secret).update(text).digest('base64'), claims.signature);
}

export interface VerifyTools {
  readonly credentials: Credentials;
  /** Epoch ms. */
  readonly now: number;
  /** Hex SHA-256 of the body, where it has been read. */
  readonly bodyHash?: string | undefined;
  /** The bucket of a virtual-hosted request: version 2 signs it as part of the path. */
  readonly bucketHost?: string | undefined;
}

function v2Outcome(request: SignableRequest, claims: V2Claims, credential: Credential, tools: VerifyTools): Verified | AuthFailure {
  if (claims.expiresAt < tools.now) return { kind: 'presignedExpired' };
  if (!verifyV2(request, claims, credential.secretAccessKey, tools.bucketHost)) return { kind: 'mismatch' };
  return keyFailure(credential, claims.token, tools.now) ?? { kind: 'verified', credential, region: undefined, seed: undefined };
}

/** Checks a signature against the key it names. The body itself is checked later, against the hash that was signed. */
export async function verify(request: SignableRequest, claims: Claims, tools: VerifyTools): Promise<Verified | AuthFailure> {
  const credential = await tools.credentials.find(claims.accessKeyId);
  if (!credential) return { kind: 'unknownKey' };
  if (claims.kind === 'v2') return v2Outcome(request, claims, credential, tools);
  const late = timeFailure(claims, tools.now);
  if (late) return late;
  if (claims.scope.date !== claims.amzDate.slice(0, 8)) return { kind: 'mismatch' };
  const seed = verifyV4(request, claims, credential.secretAccessKey, tools.bodyHash);
  if (!seed) return { kind: 'mismatch' };
  const names = unsignedHeaders(request, claims);
  if (names.length > 0) return { kind: 'unsignedHeaders', names };
  return keyFailure(credential, claims.token, tools.now) ?? { kind: 'verified', credential, region: claims.scope.region, seed };
}
