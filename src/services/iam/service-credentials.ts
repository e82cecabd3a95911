import { createHmac, randomBytes } from 'node:crypto';
import type { Principal } from '../../ports/authorise.ts';
import type { CredentialCache } from './cache.ts';
import { principalOf } from './credentials.ts';
import { hashPassword, passwordMatches } from './passwords.ts';
import type { Named } from './rules/names.ts';
import { newPassword } from './secrets.ts';
import { serviceCredentialSql } from './tables.ts';
import type { IamTools } from './tools.ts';

type LoginRow = Named & { readonly id: string; readonly hash: string; readonly status: 'Active' | 'Inactive' };

export type VerifyServiceCredential = (userName: string, password: string) => Promise<Principal | undefined>;

/**
 * Whose git credentials these are; undefined for wrong or inactive ones. scrypt is slow on purpose, and one push asks several
 * times: a login that was right is remembered, under a keyed hash, until credentials change.
 */
export function serviceCredentialVerifier(tools: IamTools, cache: CredentialCache<Principal>): VerifyServiceCredential {
  const cacheKey = randomBytes(32);
  const verify = async (userName: string, password: string): Promise<Principal | undefined> => {
    const row = await tools.db.get<LoginRow>(serviceCredentialSql.byUserName, userName);
    if (row?.status !== 'Active' || !(await passwordMatches(password, row.hash))) return undefined;
    return principalOf(row);
  };
  return (userName, password) => {
    const key = createHmac('sha256', cacheKey)
      .update(JSON.stringify([userName, password]))
      .digest('base64');
    return cache.get(key, () => verify(userName, password));
  };
}

/** A new password and what is stored of it. */
export async function makePassword(tools: IamTools): Promise<{ readonly password: string; readonly hash: string }> {
  const password = newPassword(tools.ids);
  return { password, hash: await hashPassword(password) };
}
