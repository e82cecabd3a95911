import { write } from '../../../ports/database.ts';
import { isObject } from '../../../kernel/json.ts';
import { errors, type Api } from '../api.gen.ts';
import { checkTags } from '../rules/tags.ts';
import { isPublic } from '../rules/public-policy.ts';
import { sql, type TagRow } from '../tables.ts';
import { requireLive, requireSecret, type SecretsTools } from '../tools.ts';

type Operations = Pick<Api, 'putResourcePolicy' | 'getResourcePolicy' | 'deleteResourcePolicy' | 'tagResource' | 'untagResource'>;

function parsed(policy: string): Record<string, unknown> {
  let document: unknown;
  try {
    document = JSON.parse(policy);
  } catch {
    document = undefined;
  }
  if (!isObject(document) || document['Statement'] === undefined)
    throw errors.MalformedPolicyDocumentException('This resource policy contains invalid Json');
  return document;
}

/** Policies are kept and shown; nothing asks them until policies are evaluated. */
export function policyAndTagOperations(tools: SecretsTools): Operations {
  const { db, commits } = tools;
  return {
    async putResourcePolicy({ SecretId, ResourcePolicy, BlockPublicPolicy }, ctx) {
      const { arn, name } = await requireLive(tools, ctx, SecretId);
      if (isPublic(parsed(ResourcePolicy)) && BlockPublicPolicy)
        throw errors.PublicPolicyException(
          'The BlockPublicPolicy parameter is set to true, and the resource policy did not prevent broad access.',
        );
      await commits.commit([write(sql.setPolicy, [ResourcePolicy, arn])]);
      return { ARN: arn, Name: name };
    },

    async getResourcePolicy({ SecretId }, ctx) {
      const { arn, name, policy } = await requireSecret(tools, ctx, SecretId);
      return { ARN: arn, Name: name, ...(policy !== null && { ResourcePolicy: policy }) };
    },

    async deleteResourcePolicy({ SecretId }, ctx) {
      const { arn, name } = await requireLive(tools, ctx, SecretId);
      await commits.commit([write(sql.setPolicy, [null, arn])]);
      return { ARN: arn, Name: name };
    },

    async tagResource({ SecretId, Tags }, ctx) {
      const { arn } = await requireLive(tools, ctx, SecretId);
      const known = await db.all<TagRow>(sql.tags, arn);
      checkTags(
        known.map(({ name }) => name),
        Tags,
      );
      await commits.commit(Tags.map(({ Key = '', Value = '' }) => write(sql.putTag, [arn, Key, Value])));
    },

    async untagResource({ SecretId, TagKeys }, ctx) {
      const { arn } = await requireLive(tools, ctx, SecretId);
      await commits.commit(TagKeys.map((key) => write(sql.deleteTag, [arn, key])));
    },
  };
}
