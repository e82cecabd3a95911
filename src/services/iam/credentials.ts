import type { Principal } from '../../ports/authorise.ts';
import type { Credential, Credentials } from '../../ports/credentials.ts';
import type { CredentialCache } from './cache.ts';
import type { EntityRow } from './entities.ts';
import type { LastUse } from './last-use.ts';
import { arnOf } from './rules/names.ts';
import { sessionCredential, type SessionRow } from './sessions.ts';
import { keySql, sessionSql } from './tables.ts';
import type { IamTools } from './tools.ts';

type Owner = Pick<EntityRow, 'id' | 'account' | 'kind' | 'name' | 'path'>;

export interface KeyRow extends Owner {
  readonly key_id: string;
  /** Sealed. */
  readonly secret: string;
  readonly status: 'Active' | 'Inactive';
  /** Epoch ms. */
  readonly used: number | null;
  readonly used_service: string | null;
  readonly used_region: string | null;
}

/** Whom the keys of a user, or of the account's root, speak for. */
export function principalOf(owner: Owner): Principal {
  return { kind: owner.kind === 'root' ? 'root' : 'user', account: owner.account, arn: arnOf(owner), id: owner.id };
}

async function longLived(tools: IamTools, lastUse: LastUse, id: string): Promise<Credential | undefined> {
  const row = await tools.db.get<KeyRow>(keySql.find, id);
  if (row?.status !== 'Active') return undefined;
  const principal = principalOf(row);
  lastUse.watch(principal, { id, used: row.used });
  return { accessKeyId: id, secretAccessKey: tools.secrets.open(row.secret), principal };
}

async function temporary(tools: IamTools, id: string): Promise<Credential | undefined> {
  const row = await tools.db.get<SessionRow>(sessionSql.find, id);
  return row && sessionCredential(tools.secrets, row);
}

/** Access keys and temporary credentials, kept opened in memory until a change. */
export function createCredentials(tools: IamTools, cache: CredentialCache<Credential>, lastUse: LastUse): Credentials {
  return {
    find: (id) => cache.get(id, () => (id.startsWith('ASIA') ? temporary(tools, id) : longLived(tools, lastUse, id))),
  };
}
