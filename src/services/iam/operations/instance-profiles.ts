import { write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api, type InstanceProfile } from '../api.gen.ts';
import { commitOr, deleteEntity, insertEntity, listEntities, newEntity, theEntity, type EntityRow } from '../entities.ts';
import { page } from '../paging.ts';
import { QUOTAS, within } from '../quotas.ts';
import { alreadyExists, noSuch, overQuota } from '../rules/errors.ts';
import { arnOf } from '../rules/names.ts';
import { memberSql, quotaSql } from '../tables.ts';
import { tagsOf, tagWrites } from '../tags.ts';
import type { IamTools } from '../tools.ts';
import { roleView } from './role-view.ts';
import { theRole } from './the-role.ts';

type Operations = Pick<Api, 'createInstanceProfile' | 'getInstanceProfile' | 'listInstanceProfiles' | 'deleteInstanceProfile'> &
  Pick<Api, 'addRoleToInstanceProfile' | 'removeRoleFromInstanceProfile' | 'listInstanceProfilesForRole'>;

type Listed = EntityRow & { readonly cursor: string };

async function profileView(tools: IamTools, row: EntityRow): Promise<InstanceProfile> {
  const roles = await tools.db.all<EntityRow>(memberSql.members, row.id, '', QUOTAS.InstanceSessionsPerInstanceProfile);
  return {
    Path: row.path,
    InstanceProfileName: row.name,
    InstanceProfileId: row.id,
    Arn: arnOf(row),
    CreateDate: row.created,
    Roles: roles.map(roleView),
  };
}

export function instanceProfileOperations(tools: IamTools): Operations {
  const profile = (ctx: CallContext, name: string) => theEntity(tools, ctx, 'instance-profile', name);
  const views = (rows: readonly EntityRow[]) => Promise.all(rows.map((row) => profileView(tools, row)));
  return {
    async createInstanceProfile({ InstanceProfileName: name, Path, Tags }, { account }) {
      const row = newEntity(tools, { account, kind: 'instance-profile', name, ...(Path !== undefined && { path: Path }) });
      await commitOr(tools, [insertEntity(row), ...tagWrites(row.id, Tags)], () => alreadyExists('instance-profile', name));
      return { InstanceProfile: { ...(await profileView(tools, row)), ...(Tags?.length && { Tags }) } };
    },
    async getInstanceProfile({ InstanceProfileName }, ctx) {
      const row = await profile(ctx, InstanceProfileName);
      return { InstanceProfile: { ...(await profileView(tools, row)), ...(await tagsOf(tools, row.id)) } };
    },
    async listInstanceProfiles(input, ctx) {
      const { rows, rest } = await listEntities(tools, ctx, 'instance-profile', input);
      return { InstanceProfiles: await views(rows), ...rest };
    },
    async deleteInstanceProfile({ InstanceProfileName }, ctx) {
      await deleteEntity(tools, await profile(ctx, InstanceProfileName));
    },
    async addRoleToInstanceProfile({ InstanceProfileName, RoleName }, ctx) {
      const [container, member] = [await profile(ctx, InstanceProfileName), await theRole(tools, ctx, RoleName)];
      const quota = QUOTAS.InstanceSessionsPerInstanceProfile;
      const unit = [write(memberSql.insert, [container.id, member.id]), within(quotaSql.members, container.id, quota)];
      await commitOr(tools, unit, ({ label }) =>
        label === 'quota' ? overQuota('InstanceSessionsPerInstanceProfile', quota) : noSuch('role', RoleName),
      );
    },
    async removeRoleFromInstanceProfile({ InstanceProfileName, RoleName }, ctx) {
      const [container, member] = [await profile(ctx, InstanceProfileName), await theRole(tools, ctx, RoleName)];
      await commitOr(tools, [write(memberSql.delete, [container.id, member.id], { expect: 1 })], () =>
        errors.NoSuchEntityException(`The role with name ${RoleName} is not in the instance profile ${InstanceProfileName}.`),
      );
    },
    async listInstanceProfilesForRole(input, ctx) {
      const { id } = await theRole(tools, ctx, input.RoleName);
      const { rows, rest } = await page<Listed>(`profiles ${id}`, input, (after, limit) =>
        tools.db.all(memberSql.containers, id, after, limit),
      );
      return { InstanceProfiles: await views(rows), ...rest };
    },
  };
}
