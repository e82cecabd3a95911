import {
  ALGORITHM,
  amzDateOf,
  canonicalPath,
  canonicalRequest,
  hmac,
  scopeText,
  signingKey,
  stringToSign,
  uriEncode,
  UNSIGNED_PAYLOAD,
} from './canonical.ts';
import type { Scope, SignableRequest } from './canonical.ts';

export interface SigningKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface SignOptions {
  readonly key: SigningKey;
  readonly region: string;
  readonly service: string;
  /** Epoch ms. */
  readonly now: number;
}

function scopeOf({ region, service, now }: SignOptions): Scope {
  return { date: amzDateOf(now).slice(0, 8), region, service };
}

function signature(request: SignableRequest, signedHeaders: readonly string[], payloadHash: string, options: SignOptions): string {
  const scope = scopeOf(options);
  const canonical = canonicalRequest(request, { path: canonicalPath(request.path, options.service), signedHeaders, payloadHash });
  return hmac(signingKey(options.key.secretAccessKey, scope), stringToSign(amzDateOf(options.now), scope, canonical)).toString('hex');
}

/** The headers of the request with its signature; `payloadHash` is the hex SHA-256 of the body, or UNSIGNED-PAYLOAD (S3). */
export function signHeaders(request: SignableRequest, payloadHash: string, options: SignOptions): Record<string, string> {
  const { key } = options;
  const headers: Record<string, string> = {
    ...request.headers,
    'x-amz-date': amzDateOf(options.now),
    ...(options.service === 's3' && { 'x-amz-content-sha256': payloadHash }),
    ...(key.sessionToken !== undefined && { 'x-amz-security-token': key.sessionToken }),
  };
  const signedHeaders = Object.keys(headers).sort();
  const value = signature({ ...request, headers }, signedHeaders, payloadHash, options);
  const credential = `${key.accessKeyId}/${scopeText(scopeOf(options))}`;
  return {
    ...headers,
    authorization: `${ALGORITHM} Credential=${credential}, SignedHeaders=${signedHeaders.join(';')}, Signature=${value}`,
  };
}

/** The query string of a presigned URL, valid for `expires` seconds; only the host header is signed. */
export function presignQuery(request: SignableRequest, expires: number, payloadHash: string, options: SignOptions): string {
  const { key } = options;
  const parameters: [string, string][] = [
    ['X-Amz-Algorithm', ALGORITHM],
    ['X-Amz-Credential', `${key.accessKeyId}/${scopeText(scopeOf(options))}`],
    ['X-Amz-Date', amzDateOf(options.now)],
    ['X-Amz-Expires', String(expires)],
    ['X-Amz-SignedHeaders', 'host'],
    ...(key.sessionToken === undefined ? [] : [['X-Amz-Security-Token', key.sessionToken] as [string, string]]),
  ];
  const added = parameters.map(([name, value]) => `${name}=${uriEncode(value)}`).join('&');
  const query = request.query === '' ? added : `${request.query}&${added}`;
  const hash = options.service === 's3' ? UNSIGNED_PAYLOAD : payloadHash;
  return `${query}&X-Amz-Signature=${signature({ ...request, query }, ['host'], hash, options)}`;
}
