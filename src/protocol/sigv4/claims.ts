import { ALGORITHM, amzDateOf, parseAmzDate, queryPairs } from './canonical.ts';
import type { Scope, SignableRequest } from './canonical.ts';

/** What a request says about its own signature, before anything of it is believed. */
export type Claims = V4Claims | V2Claims;

export interface V4Claims {
  readonly kind: 'header' | 'query';
  readonly accessKeyId: string;
  readonly scope: Scope;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly amzDate: string;
  /** Epoch ms. */
  readonly time: number;
  readonly token: string | undefined;
  /** Seconds; presigned only. */
  readonly expires: number | undefined;
}

/** S3's old query-string authentication, which some tools still presign with. */
export interface V2Claims {
  readonly kind: 'v2';
  readonly accessKeyId: string;
  readonly signature: string;
  /** Epoch ms. */
  readonly expiresAt: number;
  readonly expiresText: string;
  readonly token: string | undefined;
}

/** There are credentials, but they are not whole. */
export interface Malformed {
  readonly kind: 'malformed';
  readonly where: 'header' | 'query';
  readonly message: string;
}

function malformed(where: Malformed['where'], message: string): Malformed {
  return { kind: 'malformed', where, message };
}

function scopeOf(credential: string): { accessKeyId: string; scope: Scope } | undefined {
  const [terminator, service, region, date, ...id] = credential.split('/').reverse();
  const accessKeyId = id.reverse().join('/');
  if (terminator !== 'aws4_request' || !service || !region || !/^\d{8}$/.test(date ?? '') || !accessKeyId) return undefined;
  return { accessKeyId, scope: { date: date!, region, service } };
}

function authorizationFields(text: string): Map<string, string> {
  return new Map(
    text.split(',').map((part) => {
      const at = part.indexOf('=');
      return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    }),
  );
}

function headerNames(text: string | undefined): string[] {
  return (text ?? '').split(';').filter((name) => name !== '');
}

function headerClaims(request: SignableRequest, authorization: string): V4Claims | Malformed {
  const fields = authorizationFields(authorization.slice(ALGORITHM.length));
  const credential = scopeOf(fields.get('Credential') ?? '');
  const signedHeaders = headerNames(fields.get('SignedHeaders'));
  const signature = fields.get('Signature');
  if (!credential)
    return malformed('header', "Authorization header requires 'Credential' parameter of the form KEY/DATE/REGION/SERVICE/aws4_request.");
  if (!signature) return malformed('header', "Authorization header requires 'Signature' parameter.");
  if (!signedHeaders.includes('host'))
    return malformed('header', "Authorization header requires 'SignedHeaders' parameter that includes host.");
  const dated = request.headers['x-amz-date'] ?? request.headers['date'];
  const time = dated === undefined ? undefined : parseAmzDate(dated);
  if (time === undefined)
    return malformed('header', "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.");
  const token = request.headers['x-amz-security-token'];
  return { kind: 'header', ...credential, signedHeaders, signature, amzDate: amzDateOf(time), time, token, expires: undefined };
}

function queryClaims(query: ReadonlyMap<string, string>): V4Claims | Malformed {
  const credential = scopeOf(query.get('X-Amz-Credential') ?? '');
  const signedHeaders = headerNames(query.get('X-Amz-SignedHeaders'));
  const signature = query.get('X-Amz-Signature');
  const amzDate = query.get('X-Amz-Date') ?? '';
  const time = parseAmzDate(amzDate);
  const expires = query.get('X-Amz-Expires');
  if (!credential) return malformed('query', 'Error parsing the X-Amz-Credential parameter; the Credential is mal-formed.');
  if (time === undefined) return malformed('query', "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"");
  if (!signature || !signedHeaders.includes('host'))
    return malformed('query', 'Query-string authentication version 4 requires the X-Amz-Signature and X-Amz-SignedHeaders parameters.');
  if (expires !== undefined && !/^\d{1,9}$/.test(expires)) return malformed('query', 'X-Amz-Expires should be a number');
  const token = query.get('X-Amz-Security-Token');
  return {
    kind: 'query',
    ...credential,
    signedHeaders,
    signature,
    amzDate,
    time,
    token,
    expires: expires === undefined ? undefined : Number(expires),
  };
}

function v2Claims(query: ReadonlyMap<string, string>): V2Claims | Malformed {
  const expiresText = query.get('Expires') ?? '';
  if (!/^\d{1,12}$/.test(expiresText))
    return malformed('query', 'Query-string authentication requires the Signature, Expires and AWSAccessKeyId parameters');
  return {
    kind: 'v2',
    accessKeyId: query.get('AWSAccessKeyId')!,
    signature: query.get('Signature')!,
    expiresAt: Number(expiresText) * 1000,
    expiresText,
    token: query.get('x-amz-security-token'),
  };
}

/** The claims of a request; undefined where it is not signed at all. */
export function claimsOf(request: SignableRequest): Claims | Malformed | undefined {
  const authorization = request.headers['authorization'];
  if (authorization?.startsWith(`${ALGORITHM} `)) return headerClaims(request, authorization);
  const query = new Map(queryPairs(request.query));
  if (query.get('X-Amz-Algorithm') === ALGORITHM) return queryClaims(query);
  if (query.has('AWSAccessKeyId') && query.has('Signature')) return v2Claims(query);
  return authorization === undefined ? undefined : malformed('header', `Unsupported Authorization type: only ${ALGORITHM} is understood.`);
}
