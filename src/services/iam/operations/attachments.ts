import { write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api } from '../api.gen.ts';
import { commitOr, theEntity } from '../entities.ts';
import { findAttachable } from '../managed-policies.ts';
import { page, type PageRequest } from '../paging.ts';
import { QUOTAS, within } from '../quotas.ts';
import { noSuch, overQuota } from '../rules/errors.ts';
import { attachmentSql, quotaSql } from '../tables.ts';
import type { IamTools } from '../tools.ts';
import { modifiableRole } from './the-role.ts';

type Operations = Pick<Api, 'attachUserPolicy' | 'detachUserPolicy' | 'listAttachedUserPolicies'> &
  Pick<Api, 'attachRolePolicy' | 'detachRolePolicy' | 'listAttachedRolePolicies'> &
  Pick<Api, 'attachGroupPolicy' | 'detachGroupPolicy' | 'listAttachedGroupPolicies'>;

const QUOTA = { user: 'PoliciesPerUser', role: 'PoliciesPerRole', group: 'PoliciesPerGroup' } as const;

type AttachedRow = { readonly arn: string; readonly name: string; readonly cursor: string };

/** The three operations, the same for users, roles and groups. */
function attachments(tools: IamTools, kind: 'user' | 'role' | 'group') {
  const owner = (ctx: CallContext, name: string) => theEntity(tools, ctx, kind, name);
  const modifiable = kind === 'role' ? (ctx: CallContext, name: string) => modifiableRole(tools, ctx, name) : owner;
  const notAttachable = (arn: string) => errors.NoSuchEntityException(`Policy ${arn} does not exist or is not attachable.`);
  return {
    async attach(ctx: CallContext, name: string, arn: string) {
      const { id } = await modifiable(ctx, name);
      const policy = await findAttachable(tools, ctx, arn);
      if (!policy) throw notAttachable(arn);
      const quota = QUOTAS[QUOTA[kind]];
      const unit = [
        write(attachmentSql.insert, [id, arn, policy.name, policy.path, policy.policy]),
        within(quotaSql.attachments, id, quota),
      ];
      await commitOr(tools, unit, ({ label }) => (label === 'quota' ? overQuota(QUOTA[kind], quota) : notAttachable(arn)));
    },
    async detach(ctx: CallContext, name: string, arn: string) {
      const { id } = await modifiable(ctx, name);
      await commitOr(tools, [write(attachmentSql.delete, [id, arn], { expect: 1 })], () => noSuch('policy', arn));
    },
    async list(ctx: CallContext, name: string, request: PageRequest & { readonly PathPrefix?: string }) {
      const { id } = await owner(ctx, name);
      const prefix = request.PathPrefix ?? '/';
      const { rows, rest } = await page<AttachedRow>(`attached ${id} ${prefix}`, request, (after, limit) =>
        tools.db.all(attachmentSql.list, id, prefix.length, prefix, after, limit),
      );
      return { AttachedPolicies: rows.map((row) => ({ PolicyName: row.name, PolicyArn: row.arn })), ...rest };
    },
  };
}

export function attachmentOperations(tools: IamTools): Operations {
  const users = attachments(tools, 'user');
  const roles = attachments(tools, 'role');
  const groups = attachments(tools, 'group');
  return {
    attachUserPolicy: ({ UserName, PolicyArn }, ctx) => users.attach(ctx, UserName, PolicyArn),
    detachUserPolicy: ({ UserName, PolicyArn }, ctx) => users.detach(ctx, UserName, PolicyArn),
    listAttachedUserPolicies: (input, ctx) => users.list(ctx, input.UserName, input),
    attachRolePolicy: ({ RoleName, PolicyArn }, ctx) => roles.attach(ctx, RoleName, PolicyArn),
    detachRolePolicy: ({ RoleName, PolicyArn }, ctx) => roles.detach(ctx, RoleName, PolicyArn),
    listAttachedRolePolicies: (input, ctx) => roles.list(ctx, input.RoleName, input),
    attachGroupPolicy: ({ GroupName, PolicyArn }, ctx) => groups.attach(ctx, GroupName, PolicyArn),
    detachGroupPolicy: ({ GroupName, PolicyArn }, ctx) => groups.detach(ctx, GroupName, PolicyArn),
    listAttachedGroupPolicies: (input, ctx) => groups.list(ctx, input.GroupName, input),
  };
}
