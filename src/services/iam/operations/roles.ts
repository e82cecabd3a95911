import type { CallContext } from '../../../protocol/context.ts';
import type { Api, CreateRoleRequest, Role } from '../api.gen.ts';
import { clearBoundary, noBoundary, setBoundary, theBoundary } from '../boundaries.ts';
import { commitOr, deleteEntity, insertEntity, listEntities, newEntity, updateData } from '../entities.ts';
import { stillThere } from '../managed-policies.ts';
import { checkDocument } from '../rules/documents.ts';
import { alreadyExists } from '../rules/errors.ts';
import { tagsOf, tagWrites } from '../tags.ts';
import type { IamTools } from '../tools.ts';
import { roleData, roleView, type RoleData } from './role-view.ts';
import { modifiableRole, theRole } from './the-role.ts';

type Operations = Pick<Api, 'createRole' | 'getRole' | 'listRoles' | 'updateRole' | 'updateRoleDescription' | 'updateAssumeRolePolicy'> &
  Pick<Api, 'deleteRole' | 'putRolePermissionsBoundary' | 'deleteRolePermissionsBoundary'>;

const DEFAULT_SESSION = 3600;

async function createRole(tools: IamTools, ctx: CallContext, input: CreateRoleRequest): Promise<Role> {
  const { RoleName, Path, AssumeRolePolicyDocument, Description, MaxSessionDuration, PermissionsBoundary, Tags } = input;
  checkDocument('trust', AssumeRolePolicyDocument);
  const bound = PermissionsBoundary === undefined ? undefined : await theBoundary(tools, ctx, PermissionsBoundary);
  const data: RoleData = {
    trust: AssumeRolePolicyDocument,
    ...(Description !== undefined && { description: Description }),
    maxSessionSeconds: MaxSessionDuration ?? DEFAULT_SESSION,
  };
  const row = newEntity(tools, {
    account: ctx.account,
    kind: 'role',
    name: RoleName,
    data,
    ...(Path !== undefined && { path: Path }),
    ...(bound && { boundary: bound.arn }),
  });
  const unit = [insertEntity(row), ...tagWrites(row.id, Tags), ...(bound ? stillThere(bound) : [])];
  await commitOr(tools, unit, ({ label }) => (bound && label === 'policy' ? noBoundary(bound.arn) : alreadyExists('role', RoleName)));
  return { ...roleView(row), ...(Tags?.length && { Tags }) };
}

export function roleOperations(tools: IamTools): Operations {
  const change = async (ctx: CallContext, name: string, data: Partial<RoleData>): Promise<void> => {
    const row = await modifiableRole(tools, ctx, name);
    await updateData(tools, row, { ...roleData(row), ...data });
  };
  return {
    async createRole(input, ctx) {
      return { Role: await createRole(tools, ctx, input) };
    },
    async getRole({ RoleName }, ctx) {
      const row = await theRole(tools, ctx, RoleName);
      return { Role: { ...roleView(row), ...(await tagsOf(tools, row.id)) } };
    },
    async listRoles(input, ctx) {
      const { rows, rest } = await listEntities(tools, ctx, 'role', input);
      return { Roles: rows.map(roleView), ...rest };
    },
    async updateRole({ RoleName, Description, MaxSessionDuration }, ctx) {
      await change(ctx, RoleName, {
        ...(Description !== undefined && { description: Description }),
        ...(MaxSessionDuration !== undefined && { maxSessionSeconds: MaxSessionDuration }),
      });
    },
    async updateRoleDescription({ RoleName, Description }, ctx) {
      await change(ctx, RoleName, { description: Description });
      return { Role: roleView(await theRole(tools, ctx, RoleName)) };
    },
    async updateAssumeRolePolicy({ RoleName, PolicyDocument }, ctx) {
      checkDocument('trust', PolicyDocument);
      await change(ctx, RoleName, { trust: PolicyDocument });
    },
    async deleteRole({ RoleName }, ctx) {
      await deleteEntity(tools, await modifiableRole(tools, ctx, RoleName));
    },
    async putRolePermissionsBoundary({ RoleName, PermissionsBoundary }, ctx) {
      await setBoundary(tools, await modifiableRole(tools, ctx, RoleName), PermissionsBoundary);
    },
    async deleteRolePermissionsBoundary({ RoleName }, ctx) {
      await clearBoundary(tools, await modifiableRole(tools, ctx, RoleName));
    },
  };
}
