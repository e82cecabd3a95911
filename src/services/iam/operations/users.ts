import type { Api, User } from '../api.gen.ts';
import { commitOr, insertEntity, newEntity, type EntityRow } from '../entities.ts';
import { alreadyExists } from '../rules/errors.ts';
import { arnOf } from '../rules/names.ts';
import type { IamTools } from '../tools.ts';
import { userNameOf, userOrCaller } from './owner.ts';

type Operations = Pick<Api, 'createUser' | 'getUser'>;

export function userView(row: EntityRow): User {
  const path = (row.kind === 'root' ? {} : { Path: row.path }) as { Path: string };
  return { ...path, ...userNameOf(row), UserId: row.id, Arn: arnOf(row), CreateDate: row.created };
}

export function userOperations(tools: IamTools): Operations {
  return {
    async createUser({ UserName, Path }, { account }) {
      const row = newEntity(tools, { account, kind: 'user', name: UserName, ...(Path !== undefined && { path: Path }) });
      await commitOr(tools, [insertEntity(row)], () => alreadyExists('user', UserName));
      return { User: userView(row) };
    },
    async getUser({ UserName }, ctx) {
      return { User: userView(await userOrCaller(tools, ctx, UserName)) };
    },
  };
}
