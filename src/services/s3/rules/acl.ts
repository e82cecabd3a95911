import { createHash } from 'node:crypto';
import type { Grant, Owner, Permission } from '../api.gen.ts';

const ALL_USERS = 'http://acs.amazonaws.com/groups/global/AllUsers';
const AUTHENTICATED = 'http://acs.amazonaws.com/groups/global/AuthenticatedUsers';
const LOG_DELIVERY = 'http://acs.amazonaws.com/groups/s3/LogDelivery';

/** S3's 64-digit id of an account; AWS's is random, ours follows from the account, so that nothing needs to remember it. */
export function ownerOf(account: string): Owner {
  return { ID: createHash('sha256').update(`canonical user ${account}`).digest('hex') };
}

function group(uri: string, permission: Permission): Grant {
  return { Grantee: { Type: 'Group', URI: uri }, Permission: permission };
}

/** What the canned ACLs grant beside the owner's full control: https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html. */
const CANNED: Readonly<Record<string, readonly Grant[]>> = {
  private: [],
  'public-read': [group(ALL_USERS, 'READ')],
  'public-read-write': [group(ALL_USERS, 'READ'), group(ALL_USERS, 'WRITE')],
  'authenticated-read': [group(AUTHENTICATED, 'READ')],
  'log-delivery-write': [group(LOG_DELIVERY, 'WRITE'), group(LOG_DELIVERY, 'READ_ACP')],
  // The bucket's owner owns its objects here: these add nothing.
  'bucket-owner-read': [],
  'bucket-owner-full-control': [],
  'aws-exec-read': [],
};

export interface GrantHeaders {
  readonly ACL?: string;
  readonly GrantFullControl?: string;
  readonly GrantRead?: string;
  readonly GrantReadACP?: string;
  readonly GrantWrite?: string;
  readonly GrantWriteACP?: string;
}

const HEADERS = [
  ['GrantFullControl', 'FULL_CONTROL'],
  ['GrantRead', 'READ'],
  ['GrantReadACP', 'READ_ACP'],
  ['GrantWrite', 'WRITE'],
  ['GrantWriteACP', 'WRITE_ACP'],
] as const;

/** `id="…", uri="…", emailAddress="…"`; undefined where it is not of this form. */
function parseGrantees(header: string, permission: Permission): Grant[] | undefined {
  const grants: Grant[] = [];
  for (const item of header.split(',')) {
    const match = /^\s*(id|uri|emailAddress)\s*=\s*"?([^"]*)"?\s*$/i.exec(item);
    if (!match) return undefined;
    const [, kind = '', value = ''] = match;
    if (kind.toLowerCase() === 'id') grants.push({ Grantee: { Type: 'CanonicalUser', ID: value }, Permission: permission });
    else if (kind.toLowerCase() === 'uri') grants.push(group(value, permission));
    else grants.push({ Grantee: { Type: 'AmazonCustomerByEmail', EmailAddress: value }, Permission: permission });
  }
  return grants;
}

/** The grants that a request's ACL headers mean; undefined where they mean none, 'malformed' where they cannot be read. */
export function grantsOfHeaders(headers: GrantHeaders, owner: Owner): readonly Grant[] | 'malformed' | undefined {
  const given = HEADERS.flatMap(([name, permission]) => (headers[name] === undefined ? [] : [[headers[name], permission] as const]));
  if (headers.ACL !== undefined) {
    const canned = CANNED[headers.ACL];
    return canned && given.length === 0 ? [ownersGrant(owner), ...canned] : 'malformed';
  }
  if (given.length === 0) return undefined;
  const grants = given.map(([header, permission]) => parseGrantees(header, permission));
  return grants.includes(undefined) ? 'malformed' : grants.flatMap((list) => list ?? []);
}

export function ownersGrant(owner: Owner): Grant {
  return { Grantee: { Type: 'CanonicalUser', ...owner }, Permission: 'FULL_CONTROL' };
}

/** Whether everybody may read. */
export function isPublic(grants: readonly Grant[]): boolean {
  return grants.some(
    ({ Grantee, Permission: permission }) => Grantee?.URI === ALL_USERS && (permission === 'READ' || permission === 'FULL_CONTROL'),
  );
}
