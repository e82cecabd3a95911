import { write } from '../../../ports/database.ts';
import { errors, type Api, type PolicyVersion } from '../api.gen.ts';
import { updateData } from '../entities.ts';
import { policyData, thePolicy, type PolicyRow } from '../managed-policies.ts';
import { page } from '../paging.ts';
import { QUOTAS } from '../quotas.ts';
import { checkManagedDocument, encodeDocument } from '../rules/documents.ts';
import { policySql } from '../tables.ts';
import type { IamTools } from '../tools.ts';

type Operations = Pick<
  Api,
  'createPolicyVersion' | 'getPolicyVersion' | 'listPolicyVersions' | 'deletePolicyVersion' | 'setDefaultPolicyVersion'
>;

interface VersionRow {
  readonly version: number;
  /** Epoch ms. */
  readonly created: number;
  readonly document: string;
}

type ListedVersion = Omit<VersionRow, 'document'> & { readonly cursor: string };

function view({ version, created }: Omit<VersionRow, 'document'>, policy: PolicyRow): PolicyVersion {
  return { VersionId: `v${version}`, IsDefaultVersion: version === policyData(policy).defaultVersion, CreateDate: created };
}

/** Throws NoSuchEntity where the policy has no such version. `VersionId` looks like `v3`, the model says so. */
async function theVersion(tools: IamTools, policy: PolicyRow, arn: string, VersionId: string): Promise<VersionRow> {
  const row = await tools.db.get<VersionRow>(policySql.version, policy.id, Number.parseInt(VersionId.slice(1), 10));
  if (!row) throw errors.NoSuchEntityException(`Policy ${arn} version ${VersionId} does not exist or is not attachable.`);
  return row;
}

export function policyVersionOperations(tools: IamTools): Operations {
  const { db, clock } = tools;
  return {
    async createPolicyVersion({ PolicyArn, PolicyDocument, SetAsDefault }, ctx) {
      const policy = await thePolicy(tools, ctx, PolicyArn);
      checkManagedDocument(PolicyDocument);
      const held = await db.all(policySql.versions, policy.id, Number.MAX_SAFE_INTEGER, QUOTAS.VersionsPerPolicy);
      if (held.length >= QUOTAS.VersionsPerPolicy) {
        throw errors.LimitExceededException(
          'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
        );
      }
      const before = policyData(policy);
      const [version, created] = [before.lastVersion + 1, clock.now()];
      const data = { ...before, updated: created, lastVersion: version, ...(SetAsDefault && { defaultVersion: version }) };
      // The update is refused where another version came between, so that the count above still holds.
      await updateData(tools, policy, data, [write(policySql.insertVersion, [policy.id, version, PolicyDocument, created])]);
      return { PolicyVersion: { VersionId: `v${version}`, IsDefaultVersion: SetAsDefault === true, CreateDate: created } };
    },
    async getPolicyVersion({ PolicyArn, VersionId }, ctx) {
      const policy = await thePolicy(tools, ctx, PolicyArn);
      const row = await theVersion(tools, policy, PolicyArn, VersionId);
      return { PolicyVersion: { Document: encodeDocument(row.document), ...view(row, policy) } };
    },
    async listPolicyVersions(input, ctx) {
      const policy = await thePolicy(tools, ctx, input.PolicyArn);
      const { rows, rest } = await page<ListedVersion>(`versions ${policy.id}`, input, (after, limit) =>
        db.all(policySql.versions, policy.id, after === '' ? Number.MAX_SAFE_INTEGER : Number(after), limit),
      );
      return { Versions: rows.map((row) => view(row, policy)), ...rest };
    },
    async deletePolicyVersion({ PolicyArn, VersionId }, ctx) {
      const policy = await thePolicy(tools, ctx, PolicyArn);
      const { version } = await theVersion(tools, policy, PolicyArn, VersionId);
      const data = policyData(policy);
      if (version === data.defaultVersion) throw errors.DeleteConflictException('Cannot delete the default version of a policy.');
      await updateData(tools, policy, { ...data, updated: clock.now() }, [write(policySql.deleteVersion, [policy.id, version])]);
    },
    async setDefaultPolicyVersion({ PolicyArn, VersionId }, ctx) {
      const policy = await thePolicy(tools, ctx, PolicyArn);
      const { version } = await theVersion(tools, policy, PolicyArn, VersionId);
      await updateData(tools, policy, { ...policyData(policy), updated: clock.now(), defaultVersion: version });
    },
  };
}
