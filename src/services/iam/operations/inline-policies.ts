import { write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api } from '../api.gen.ts';
import { commitOr, theEntity, type EntityRow } from '../entities.ts';
import { page, type PageRequest } from '../paging.ts';
import { checkDocument, encodeDocument } from '../rules/documents.ts';
import { noSuch } from '../rules/errors.ts';
import { inlineSql } from '../tables.ts';
import type { IamTools } from '../tools.ts';
import { modifiableRole } from './the-role.ts';

type Operations = Pick<Api, 'putUserPolicy' | 'getUserPolicy' | 'listUserPolicies' | 'deleteUserPolicy'> &
  Pick<Api, 'putRolePolicy' | 'getRolePolicy' | 'listRolePolicies' | 'deleteRolePolicy'> &
  Pick<Api, 'putGroupPolicy' | 'getGroupPolicy' | 'listGroupPolicies' | 'deleteGroupPolicy'>;

type NamedPolicy = { readonly PolicyName: string };

/** The four operations, the same for users, roles and groups. */
function inlinePolicies(tools: IamTools, kind: 'user' | 'role' | 'group') {
  const noPolicy = (name: string) => errors.NoSuchEntityException(`The ${kind} policy with name ${name} cannot be found.`);
  const owner = (ctx: CallContext, name: string): Promise<EntityRow> => theEntity(tools, ctx, kind, name);
  const modifiable = kind === 'role' ? (ctx: CallContext, name: string) => modifiableRole(tools, ctx, name) : owner;
  return {
    async put(ctx: CallContext, name: string, { PolicyName, PolicyDocument }: NamedPolicy & { readonly PolicyDocument: string }) {
      const { id } = await modifiable(ctx, name);
      checkDocument('identity', PolicyDocument);
      await commitOr(tools, [write(inlineSql.put, [id, PolicyName, PolicyDocument])], () => noSuch(kind, name));
    },
    async get(ctx: CallContext, name: string, { PolicyName }: NamedPolicy) {
      const { id } = await owner(ctx, name);
      const row = await tools.db.get<{ readonly document: string }>(inlineSql.find, id, PolicyName);
      if (!row) throw noPolicy(PolicyName);
      return { PolicyName, PolicyDocument: encodeDocument(row.document) };
    },
    async list(ctx: CallContext, name: string, request: PageRequest) {
      const { id } = await owner(ctx, name);
      const { rows, rest } = await page<{ readonly name: string; readonly cursor: string }>(`inline ${id}`, request, (after, limit) =>
        tools.db.all(inlineSql.list, id, after, limit),
      );
      return { PolicyNames: rows.map((row) => row.name), ...rest };
    },
    async delete(ctx: CallContext, name: string, { PolicyName }: NamedPolicy) {
      const { id } = await modifiable(ctx, name);
      await commitOr(tools, [write(inlineSql.delete, [id, PolicyName], { expect: 1 })], () => noPolicy(PolicyName));
    },
  };
}

export function inlinePolicyOperations(tools: IamTools): Operations {
  const users = inlinePolicies(tools, 'user');
  const roles = inlinePolicies(tools, 'role');
  const groups = inlinePolicies(tools, 'group');
  return {
    putUserPolicy: (input, ctx) => users.put(ctx, input.UserName, input),
    getUserPolicy: async (input, ctx) => ({ UserName: input.UserName, ...(await users.get(ctx, input.UserName, input)) }),
    listUserPolicies: (input, ctx) => users.list(ctx, input.UserName, input),
    deleteUserPolicy: (input, ctx) => users.delete(ctx, input.UserName, input),
    putRolePolicy: (input, ctx) => roles.put(ctx, input.RoleName, input),
    getRolePolicy: async (input, ctx) => ({ RoleName: input.RoleName, ...(await roles.get(ctx, input.RoleName, input)) }),
    listRolePolicies: (input, ctx) => roles.list(ctx, input.RoleName, input),
    deleteRolePolicy: (input, ctx) => roles.delete(ctx, input.RoleName, input),
    putGroupPolicy: (input, ctx) => groups.put(ctx, input.GroupName, input),
    getGroupPolicy: async (input, ctx) => ({ GroupName: input.GroupName, ...(await groups.get(ctx, input.GroupName, input)) }),
    listGroupPolicies: (input, ctx) => groups.list(ctx, input.GroupName, input),
    deleteGroupPolicy: (input, ctx) => groups.delete(ctx, input.GroupName, input),
  };
}
