import { write } from '../../../ports/database.ts';
import type { Api } from '../api.gen.ts';
import { addPermission, defaultPolicy, removePermission } from '../rules/policy.ts';
import { parseAttributes } from '../rules/topic-attributes.ts';
import { sql } from '../tables.ts';
import { requireTopic, tagsOf, tagWrites, topicArn, type OperationTools, type Place } from '../tools.ts';
import { errors } from '../api.gen.ts';
import { lost } from './topics.ts';

type Operations = Pick<Api, 'addPermission' | 'removePermission' | 'tagResource' | 'untagResource' | 'listTagsForResource'>;

const MOST_TAGS = 50;

/** What lies on a topic: its policy's statements (kept; nothing evaluates them yet) and its tags. */
export function permissionOperations(tools: OperationTools): Operations {
  const { commits } = tools;

  async function changePolicy(ctx: Place, arn: string, change: (policy: string) => string): Promise<void> {
    const row = await requireTopic(tools, ctx, arn);
    const attributes = parseAttributes(row.attributes);
    const policy = change(attributes.Policy ?? defaultPolicy(topicArn(ctx, row.name), ctx.account));
    const changed = JSON.stringify({ ...attributes, Policy: policy });
    await commits.commit([write(sql.setTopic, [changed, ctx.account, ctx.region, row.name, row.attributes], { expect: 1 })]).catch(lost);
  }

  async function requireTagged(ctx: Place, arn: string): Promise<void> {
    await requireTopic(tools, ctx, arn, 'ResourceArn').catch((error: unknown) => {
      if (error instanceof Error && error.name === 'NotFound') throw errors.ResourceNotFoundException('Resource does not exist');
      throw error;
    });
  }

  return {
    addPermission: ({ TopicArn, Label: label, AWSAccountId: accounts, ActionName: actions }, ctx) =>
      changePolicy(ctx, TopicArn, (policy) => addPermission(policy, TopicArn, { label, accounts, actions })),

    removePermission: ({ TopicArn, Label }, ctx) => changePolicy(ctx, TopicArn, (policy) => removePermission(policy, Label)),

    async tagResource({ ResourceArn, Tags }, ctx) {
      await requireTagged(ctx, ResourceArn);
      const keys = new Set([...(await tagsOf(tools, ResourceArn)), ...Tags].map(({ Key }) => Key));
      if (keys.size > MOST_TAGS) throw errors.TagLimitExceededException(`Could not complete request: tag quota of per resource exceeded`);
      await commits.commit(tagWrites(ResourceArn, Tags));
    },

    async untagResource({ ResourceArn, TagKeys }, ctx) {
      await requireTagged(ctx, ResourceArn);
      await commits.commit(TagKeys.map((key) => write(sql.deleteTag, [ResourceArn, key])));
    },

    async listTagsForResource({ ResourceArn }, ctx) {
      await requireTagged(ctx, ResourceArn);
      return { Tags: await tagsOf(tools, ResourceArn) };
    },
  };
}
