import type { Api, User } from '../api.gen.ts';
import { boundaryView, clearBoundary, noBoundary, setBoundary, theBoundary } from '../boundaries.ts';
import { commitOr, deleteEntity, insertEntity, listEntities, newEntity, renameEntity, theEntity, type EntityRow } from '../entities.ts';
import { stillThere } from '../managed-policies.ts';
import { alreadyExists } from '../rules/errors.ts';
import { arnOf } from '../rules/names.ts';
import { tagsOf, tagWrites } from '../tags.ts';
import type { IamTools } from '../tools.ts';
import { userNameOf, userOrCaller } from './owner.ts';

type Operations = Pick<
  Api,
  'createUser' | 'getUser' | 'listUsers' | 'updateUser' | 'deleteUser' | 'putUserPermissionsBoundary' | 'deleteUserPermissionsBoundary'
>;

export function userView(row: EntityRow): User {
  const path = (row.kind === 'root' ? {} : { Path: row.path }) as { Path: string };
  return { ...path, ...userNameOf(row), UserId: row.id, Arn: arnOf(row), CreateDate: row.created, ...boundaryView(row) };
}

export function userOperations(tools: IamTools): Operations {
  const user = (ctx: { readonly account: string }, name: string) => theEntity(tools, ctx, 'user', name);
  return {
    async createUser({ UserName, Path, PermissionsBoundary, Tags }, ctx) {
      const bound = PermissionsBoundary === undefined ? undefined : await theBoundary(tools, ctx, PermissionsBoundary);
      const row = newEntity(tools, {
        account: ctx.account,
        kind: 'user',
        name: UserName,
        ...(Path !== undefined && { path: Path }),
        ...(bound && { boundary: bound.arn }),
      });
      const unit = [insertEntity(row), ...tagWrites(row.id, Tags), ...(bound ? stillThere(bound) : [])];
      await commitOr(tools, unit, ({ label }) => (bound && label === 'policy' ? noBoundary(bound.arn) : alreadyExists('user', UserName)));
      return { User: { ...userView(row), ...(Tags?.length && { Tags }) } };
    },
    async getUser({ UserName }, ctx) {
      const row = await userOrCaller(tools, ctx, UserName);
      return { User: { ...userView(row), ...(await tagsOf(tools, row.id)) } };
    },
    async listUsers(input, ctx) {
      const { rows, rest } = await listEntities(tools, ctx, 'user', input);
      return { Users: rows.map(userView), ...rest };
    },
    async updateUser({ UserName, NewPath, NewUserName }, ctx) {
      const to = { ...(NewUserName !== undefined && { name: NewUserName }), ...(NewPath !== undefined && { path: NewPath }) };
      await renameEntity(tools, await user(ctx, UserName), to);
    },
    async deleteUser({ UserName }, ctx) {
      await deleteEntity(tools, await user(ctx, UserName));
    },
    async putUserPermissionsBoundary({ UserName, PermissionsBoundary }, ctx) {
      await setBoundary(tools, await user(ctx, UserName), PermissionsBoundary);
    },
    async deleteUserPermissionsBoundary({ UserName }, ctx) {
      await clearBoundary(tools, await user(ctx, UserName));
    },
  };
}
