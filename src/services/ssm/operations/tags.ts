import { write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api, type ResourceTypeForTagging } from '../api.gen.ts';
import { sql, type TagRow } from '../tables.ts';
import { findNewest, type SsmTools } from '../tools.ts';

type Operations = Pick<Api, 'addTagsToResource' | 'removeTagsFromResource' | 'listTagsForResource'>;

const MOST_TAGS = 50;

export function tagOperations(tools: SsmTools): Operations {
  /** Of all that Systems Manager tags there are parameters only. */
  const require = async (type: ResourceTypeForTagging, id: string, ctx: CallContext): Promise<void> => {
    if (type !== 'Parameter' || !(await findNewest(tools, ctx, id)))
      throw errors.InvalidResourceId('The resource ID is not valid. Verify that you entered the correct ID and try again.');
  };
  const tagsOf = (name: string, { account, region }: CallContext) => tools.db.all<TagRow>(sql.tags, account, region, name);
  return {
    async addTagsToResource({ ResourceType, ResourceId, Tags }, ctx) {
      await require(ResourceType, ResourceId, ctx);
      const names = new Set([...(await tagsOf(ResourceId, ctx)).map(({ tag }) => tag), ...Tags.map(({ Key }) => Key)]);
      if (names.size > MOST_TAGS) throw errors.TooManyTagsError(`A parameter can have at most ${MOST_TAGS} tags.`);
      await tools.commits.commit(Tags.map(({ Key, Value }) => write(sql.putTag, [ctx.account, ctx.region, ResourceId, Key, Value])));
    },

    async removeTagsFromResource({ ResourceType, ResourceId, TagKeys }, ctx) {
      await require(ResourceType, ResourceId, ctx);
      await tools.commits.commit(TagKeys.map((key) => write(sql.deleteTag, [ctx.account, ctx.region, ResourceId, key])));
    },

    async listTagsForResource({ ResourceType, ResourceId }, ctx) {
      await require(ResourceType, ResourceId, ctx);
      return { TagList: (await tagsOf(ResourceId, ctx)).map(({ tag, value }) => ({ Key: tag, Value: value })) };
    },
  };
}
