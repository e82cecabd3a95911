import { write } from '../../ports/database.ts';
import { insertEntity, type EntityRow } from './entities.ts';
import { KEY_ID_LENGTH } from './rules/names.ts';
import { newSecretKey } from './secrets.ts';
import { CREDENTIALS_TOPIC, entitySql, keySql } from './tables.ts';
import type { IamTools } from './tools.ts';

export interface RootKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

function rootEntity(account: string, created: number): EntityRow {
  return { id: account, account, kind: 'root', name: 'root', path: '/', created, boundary: null, data: '{}' };
}

/**
 * The access key of the account's root: made when there is none, else the oldest active one. `known` is put back where the
 * database has lost it (it was emptied), so that clients need no new key.
 */
export async function ensureRootKey(tools: IamTools, account: string, known?: RootKey): Promise<RootKey> {
  const { db, ids, clock, secrets, commits } = tools;
  const row = await db.get<{ readonly id: string; readonly secret: string }>(keySql.oldest, account);
  if (row) return { accessKeyId: row.id, secretAccessKey: secrets.open(row.secret) };
  const key = known ?? { accessKeyId: `AKIA${ids.base32(KEY_ID_LENGTH)}`, secretAccessKey: newSecretKey(ids) };
  const sealed = secrets.seal(key.secretAccessKey);
  await commits.commit([
    insertEntity(rootEntity(account, clock.now()), entitySql.insertOnce),
    write(keySql.insert, [key.accessKeyId, account, sealed, 'Active', clock.now()], { topic: CREDENTIALS_TOPIC }),
  ]);
  return { accessKeyId: key.accessKeyId, secretAccessKey: key.secretAccessKey };
}
