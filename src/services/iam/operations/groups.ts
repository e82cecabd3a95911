import { write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api, type Group } from '../api.gen.ts';
import { commitOr, deleteEntity, insertEntity, listEntities, newEntity, renameEntity, theEntity, type EntityRow } from '../entities.ts';
import { page } from '../paging.ts';
import { QUOTAS, within } from '../quotas.ts';
import { alreadyExists, noSuch, overQuota } from '../rules/errors.ts';
import { arnOf } from '../rules/names.ts';
import { memberSql, quotaSql } from '../tables.ts';
import type { IamTools } from '../tools.ts';
import { userView } from './users.ts';

type Operations = Pick<Api, 'createGroup' | 'getGroup' | 'listGroups' | 'updateGroup' | 'deleteGroup'> &
  Pick<Api, 'addUserToGroup' | 'removeUserFromGroup' | 'listGroupsForUser'>;

type Listed = EntityRow & { readonly cursor: string };

function groupView(row: EntityRow): Group {
  return { Path: row.path, GroupName: row.name, GroupId: row.id, Arn: arnOf(row), CreateDate: row.created };
}

export function groupOperations(tools: IamTools): Operations {
  const group = (ctx: CallContext, name: string) => theEntity(tools, ctx, 'group', name);
  const user = (ctx: CallContext, name: string) => theEntity(tools, ctx, 'user', name);
  return {
    async createGroup({ GroupName, Path }, { account }) {
      const row = newEntity(tools, { account, kind: 'group', name: GroupName, ...(Path !== undefined && { path: Path }) });
      await commitOr(tools, [insertEntity(row)], () => alreadyExists('group', GroupName));
      return { Group: groupView(row) };
    },
    async getGroup(input, ctx) {
      const row = await group(ctx, input.GroupName);
      const { rows, rest } = await page<Listed>(`members ${row.id}`, input, (after, limit) =>
        tools.db.all(memberSql.members, row.id, after, limit),
      );
      return { Group: groupView(row), Users: rows.map(userView), ...rest };
    },
    async listGroups(input, ctx) {
      const { rows, rest } = await listEntities(tools, ctx, 'group', input);
      return { Groups: rows.map(groupView), ...rest };
    },
    async updateGroup({ GroupName, NewPath, NewGroupName }, ctx) {
      const to = { ...(NewGroupName !== undefined && { name: NewGroupName }), ...(NewPath !== undefined && { path: NewPath }) };
      await renameEntity(tools, await group(ctx, GroupName), to);
    },
    async deleteGroup({ GroupName }, ctx) {
      await deleteEntity(tools, await group(ctx, GroupName));
    },
    async addUserToGroup({ GroupName, UserName }, ctx) {
      const [container, member] = [await group(ctx, GroupName), await user(ctx, UserName)];
      const unit = [write(memberSql.insert, [container.id, member.id]), within(quotaSql.memberships, member.id, QUOTAS.GroupsPerUser)];
      await commitOr(tools, unit, ({ label }) =>
        label === 'quota' ? overQuota('GroupsPerUser', QUOTAS.GroupsPerUser) : noSuch('group', GroupName),
      );
    },
    async removeUserFromGroup({ GroupName, UserName }, ctx) {
      const [container, member] = [await group(ctx, GroupName), await user(ctx, UserName)];
      await commitOr(tools, [write(memberSql.delete, [container.id, member.id], { expect: 1 })], () =>
        errors.NoSuchEntityException(`The user with name ${UserName} is not in the group with name ${GroupName}.`),
      );
    },
    async listGroupsForUser(input, ctx) {
      const { id } = await user(ctx, input.UserName);
      const { rows, rest } = await page<Listed>(`groups ${id}`, input, (after, limit) =>
        tools.db.all(memberSql.containers, id, after, limit),
      );
      return { Groups: rows.map(groupView), ...rest };
    },
  };
}
