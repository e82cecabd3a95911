import { write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import type { Api, CreatePolicyRequest, ListEntitiesForPolicyRequest, Policy } from '../api.gen.ts';
import { commitOr, deleteEntity, insertEntity, newEntity } from '../entities.ts';
import { findAttachable, policyData, thePolicy, type PolicyData, type PolicyRow } from '../managed-policies.ts';
import { page } from '../paging.ts';
import { checkManagedDocument } from '../rules/documents.ts';
import { alreadyExists, noSuch } from '../rules/errors.ts';
import { arnOf } from '../rules/names.ts';
import { attachmentSql, entitySql, policySql, quotaSql } from '../tables.ts';
import { tagsOf, tagWrites } from '../tags.ts';
import type { IamTools } from '../tools.ts';

type Operations = Pick<Api, 'createPolicy' | 'getPolicy' | 'listPolicies' | 'deletePolicy' | 'listEntitiesForPolicy'>;

function policyView(row: PolicyRow): Policy {
  const { description, updated, defaultVersion } = policyData(row);
  return {
    PolicyName: row.name,
    PolicyId: row.id,
    Arn: arnOf(row),
    Path: row.path,
    DefaultVersionId: `v${defaultVersion}`,
    AttachmentCount: row.attachments,
    PermissionsBoundaryUsageCount: row.boundaries,
    IsAttachable: true,
    ...(description !== undefined && { Description: description }),
    CreateDate: row.created,
    UpdateDate: updated,
  };
}

async function createPolicy(tools: IamTools, { account }: CallContext, input: CreatePolicyRequest): Promise<Policy> {
  const { PolicyName, Path, PolicyDocument, Description, Tags } = input;
  checkManagedDocument(PolicyDocument);
  const updated = tools.clock.now();
  const data: PolicyData = { ...(Description !== undefined && { description: Description }), updated, defaultVersion: 1, lastVersion: 1 };
  const row = newEntity(tools, { account, kind: 'policy', name: PolicyName, data, ...(Path !== undefined && { path: Path }) });
  const version = write(policySql.insertVersion, [row.id, 1, PolicyDocument, updated]);
  await commitOr(tools, [insertEntity(row), version, ...tagWrites(row.id, Tags)], () => alreadyExists('policy', PolicyName));
  return { ...policyView({ ...row, attachments: 0, boundaries: 0 }), ...(Tags?.length && { Tags }) };
}

const KIND_OF_FILTER = { User: 'user', Role: 'role', Group: 'group' } as const;

/** Whom a policy is attached to, or (where that is asked) whom it bounds. */
async function entitiesOf(tools: IamTools, { account }: CallContext, input: ListEntitiesForPolicyRequest) {
  type Row = { readonly kind: string; readonly name: string; readonly id: string; readonly cursor: string };
  const { PolicyArn, EntityFilter, PathPrefix = '/', PolicyUsageFilter = 'PermissionsPolicy' } = input;
  const filtered = EntityFilter === 'User' || EntityFilter === 'Role' || EntityFilter === 'Group';
  const kind = filtered ? KIND_OF_FILTER[EntityFilter] : '';
  const query = PolicyUsageFilter === 'PermissionsBoundary' ? attachmentSql.bounded : attachmentSql.entities;
  const scope = ['entities', PolicyArn, kind, PathPrefix, PolicyUsageFilter].join(' ');
  const { rows, rest } = await page<Row>(scope, input, (after, limit) =>
    tools.db.all(query, PolicyArn, account, kind, kind, PathPrefix.length, PathPrefix, after, limit),
  );
  const of = (wanted: string) => rows.filter((row) => row.kind === wanted);
  return {
    PolicyGroups: of('group').map(({ name, id }) => ({ GroupName: name, GroupId: id })),
    PolicyUsers: of('user').map(({ name, id }) => ({ UserName: name, UserId: id })),
    PolicyRoles: of('role').map(({ name, id }) => ({ RoleName: name, RoleId: id })),
    ...rest,
  };
}

export function policyOperations(tools: IamTools): Operations {
  return {
    async createPolicy(input, ctx) {
      return { Policy: await createPolicy(tools, ctx, input) };
    },
    async getPolicy({ PolicyArn }, ctx) {
      const row = await thePolicy(tools, ctx, PolicyArn);
      return { Policy: { ...policyView(row), ...(await tagsOf(tools, row.id)) } };
    },
    async listPolicies(input, { account }) {
      const { Scope = 'All', OnlyAttached = false, PathPrefix = '/', PolicyUsageFilter } = input;
      // AWS's own policies can be attached by their ARNs, but are not held here.
      if (Scope === 'AWS') return { Policies: [], IsTruncated: false };
      const bounding = PolicyUsageFilter === 'PermissionsBoundary';
      const attached = OnlyAttached && !bounding;
      const { rows, rest } = await page<PolicyRow & { readonly cursor: string }>(
        ['policies', PathPrefix, attached, bounding].join(' '),
        input,
        (after, limit) =>
          tools.db.all(policySql.list, account, PathPrefix.length, PathPrefix, Number(attached), Number(bounding), after, limit),
      );
      return { Policies: rows.map(policyView), ...rest };
    },
    async deletePolicy({ PolicyArn }, ctx) {
      const row = await thePolicy(tools, ctx, PolicyArn);
      const unit = [
        // Still with this default version, and nobody's boundary.
        write(entitySql.setData, [row.data, row.id, row.data], { expect: 1 }),
        write(quotaSql.boundaries, [row.id, PolicyArn, 0], { expect: 1 }),
        write(policySql.deleteVersion, [row.id, policyData(row).defaultVersion]),
      ];
      await deleteEntity(tools, row, unit);
    },
    async listEntitiesForPolicy(input, ctx) {
      if (!(await findAttachable(tools, ctx, input.PolicyArn))) throw noSuch('policy', input.PolicyArn);
      return entitiesOf(tools, ctx, input);
    },
  };
}
