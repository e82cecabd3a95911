import { write } from '../../../ports/database.ts';
import { errors, type Api } from '../api.gen.ts';
import type { KeyRow } from '../credentials.ts';
import { commitOr } from '../entities.ts';
import { page } from '../paging.ts';
import { QUOTAS, within } from '../quotas.ts';
import { noSuch, overQuota } from '../rules/errors.ts';
import { KEY_ID_LENGTH } from '../rules/names.ts';
import { newSecretKey } from '../secrets.ts';
import { CREDENTIALS_TOPIC, keySql, quotaSql } from '../tables.ts';
import type { IamTools } from '../tools.ts';
import { userNameOf, userOrCaller } from './owner.ts';

type Operations = Pick<Api, 'createAccessKey' | 'listAccessKeys' | 'updateAccessKey' | 'deleteAccessKey' | 'getAccessKeyLastUsed'>;

type ListedKey = { readonly id: string; readonly status: 'Active' | 'Inactive'; readonly created: number; readonly cursor: string };

const noKey = (id: string) => errors.NoSuchEntityException(`The Access Key with id ${id} cannot be found.`);
const CHANGES_ONE = { expect: 1, topic: CREDENTIALS_TOPIC };

/** Requests without a user name are about the caller's own keys, the account's root included. */
export function accessKeyOperations(tools: IamTools): Operations {
  const { ids, clock, secrets, db } = tools;
  return {
    async createAccessKey({ UserName }, ctx) {
      const owner = await userOrCaller(tools, ctx, UserName);
      const [id, secret, created] = [`AKIA${ids.base32(KEY_ID_LENGTH)}`, newSecretKey(ids), clock.now()];
      const unit = [
        write(keySql.insert, [id, owner.id, secrets.seal(secret), 'Active', created]),
        within(quotaSql.accessKeys, owner.id, QUOTAS.AccessKeysPerUser),
      ];
      await commitOr(tools, unit, ({ label }) =>
        label === 'quota' ? overQuota('AccessKeysPerUser', QUOTAS.AccessKeysPerUser) : noSuch(owner.kind, owner.name),
      );
      return { AccessKey: { ...userNameOf(owner), AccessKeyId: id, Status: 'Active', SecretAccessKey: secret, CreateDate: created } };
    },
    async listAccessKeys(input, ctx) {
      const owner = await userOrCaller(tools, ctx, input.UserName);
      const { rows, rest } = await page<ListedKey>(`keys ${owner.id}`, input, (after, limit) =>
        db.all(keySql.list, owner.id, after, limit),
      );
      const keys = rows.map(({ id, status, created }) => ({ ...userNameOf(owner), AccessKeyId: id, Status: status, CreateDate: created }));
      return { AccessKeyMetadata: keys, ...rest };
    },
    async updateAccessKey({ UserName, AccessKeyId, Status }, ctx) {
      const owner = await userOrCaller(tools, ctx, UserName);
      if (Status === 'Expired') throw errors.InvalidInputException('The status must be Active or Inactive.');
      await commitOr(tools, [write(keySql.setStatus, [Status, AccessKeyId, owner.id], CHANGES_ONE)], () => noKey(AccessKeyId));
    },
    async deleteAccessKey({ UserName, AccessKeyId }, ctx) {
      const owner = await userOrCaller(tools, ctx, UserName);
      await commitOr(tools, [write(keySql.delete, [AccessKeyId, owner.id], CHANGES_ONE)], () => noKey(AccessKeyId));
    },
    async getAccessKeyLastUsed({ AccessKeyId }, { account }) {
      const row = await db.get<KeyRow>(keySql.find, AccessKeyId);
      if (!row || row.account !== account) throw noKey(AccessKeyId);
      const { used, used_service: service, used_region: region } = row;
      const lastUsed = { ServiceName: service ?? 'N/A', Region: region ?? 'N/A', ...(used !== null && { LastUsedDate: used }) };
      return { ...(row.kind === 'user' && { UserName: row.name }), AccessKeyLastUsed: lastUsed };
    },
  };
}
