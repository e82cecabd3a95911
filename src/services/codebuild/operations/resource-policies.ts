import { write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api } from '../api.gen.ts';
import { groupSql } from '../report-tables.ts';
import { resourcePolicySql as sql } from '../resource-policies/tables.ts';
import { policyResource, validatePolicy, type PolicyResource } from '../rules/resource-policy.ts';
import { findProject, type OperationTools } from './tools.ts';

type Operations = Pick<Api, 'putResourcePolicy' | 'getResourcePolicy' | 'deleteResourcePolicy' | 'listSharedProjects'>;

async function exists(tools: OperationTools, ctx: CallContext, { kind, name }: PolicyResource): Promise<boolean> {
  if (kind === 'project') return (await findProject(tools, ctx, name)) !== undefined;
  return (await tools.db.get(groupSql.one, ctx.account, ctx.region, name)) !== undefined;
}

export function resourcePolicyOperations(tools: OperationTools): Operations {
  return {
    async putResourcePolicy({ resourceArn, policy }, ctx) {
      const wanted = policyResource(resourceArn, ctx);
      validatePolicy(policy);
      if (!(await exists(tools, ctx, wanted))) throw errors.ResourceNotFoundException(`Resource cannot be found: ${resourceArn}`);
      await tools.commits.commit([write(sql.put, [ctx.account, ctx.region, wanted.resource, policy])]);
      return { resourceArn };
    },

    async getResourcePolicy({ resourceArn }, ctx) {
      const { resource } = policyResource(resourceArn, ctx);
      const row = await tools.db.get<{ policy: string }>(sql.get, ctx.account, ctx.region, resource);
      if (!row) throw errors.ResourceNotFoundException(`Resource policy cannot be found: ${resourceArn}`);
      return { policy: row.policy };
    },

    async deleteResourcePolicy({ resourceArn }, ctx) {
      const { resource } = policyResource(resourceArn, ctx);
      await tools.commits.commit([write(sql.delete, [ctx.account, ctx.region, resource])]);
      return {};
    },

    /** Nothing can be shared between accounts here yet. */
    listSharedProjects: async () => ({ projects: [] }),
  };
}
