import { write } from '../../../ports/database.ts';
import { errors, type Api } from '../api.gen.ts';
import { sql } from '../tables.ts';
import { requireConnection, requireHost, tagWrites, type ConnectionTools, type Place } from '../tools.ts';

type Operations = Pick<Api, 'tagResource' | 'untagResource' | 'listTagsForResource'>;

const MOST_TAGS = 50;

export function tagOperations(tools: ConnectionTools): Operations {
  const { db, commits } = tools;
  const resource = async (arn: string, place: Place): Promise<string> => {
    const row = /:host\//.test(arn) ? await requireHost(tools, arn, place) : await requireConnection(tools, arn, place);
    return row.id;
  };
  const tagsOf = async (id: string) => {
    const rows = await db.all<{ name: string; value: string }>(sql.tags, id);
    return rows.map(({ name, value }) => ({ Key: name, Value: value }));
  };
  return {
    async tagResource({ ResourceArn, Tags }, ctx) {
      const id = await resource(ResourceArn, ctx);
      const names = new Set([...(await tagsOf(id)), ...Tags].map(({ Key }) => Key));
      if (names.size > MOST_TAGS) throw errors.LimitExceededException(`A resource has at most ${MOST_TAGS} tags.`);
      await commits.commit(tagWrites(id, Tags));
      return {};
    },

    async untagResource({ ResourceArn, TagKeys }, ctx) {
      const id = await resource(ResourceArn, ctx);
      await commits.commit(TagKeys.map((key) => write(sql.deleteTag, [id, key])));
      return {};
    },

    listTagsForResource: async ({ ResourceArn }, ctx) => ({ Tags: await tagsOf(await resource(ResourceArn, ctx)) }),
  };
}
