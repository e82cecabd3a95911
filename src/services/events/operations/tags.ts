import { parseArn } from '../../../kernel/arn.ts';
import { write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { validationError } from '../../../protocol/errors.ts';
import type { Api } from '../api.gen.ts';
import { sql } from '../tables.ts';
import { busOfRule, requireBus, requireRule, tagWrites, type OperationTools } from '../tools.ts';

type Operations = Pick<Api, 'tagResource' | 'untagResource' | 'listTagsForResource'>;

const MOST_TAGS = 50;

export function tagOperations(tools: OperationTools): Operations {
  const { db, commits } = tools;

  /** Throws where there is no such rule or bus. */
  async function requireResource(arn: string, ctx: CallContext): Promise<void> {
    const parts = parseArn(arn);
    const [kind, ...names] = (parts?.service === 'events' ? parts.resource : '').split('/');
    if (parts?.account !== ctx.account || parts.region !== ctx.region || names.length === 0 || (kind !== 'event-bus' && kind !== 'rule'))
      throw validationError(`Parameter ${arn} is not valid. Reason: Provided Arn is not in correct format.`);
    if (kind === 'event-bus') await requireBus(tools, ctx, names.join('/'));
    else await requireRule(tools, ctx, busOfRule(arn)!, names.at(-1)!);
  }

  const tagsOf = async (arn: string) => {
    const rows = await db.all<{ name: string; value: string }>(sql.tags, arn);
    return rows.map(({ name, value }) => ({ Key: name, Value: value }));
  };

  return {
    async tagResource({ ResourceARN: arn, Tags: tags }, ctx) {
      await requireResource(arn, ctx);
      const names = new Set([...(await tagsOf(arn)), ...tags].map(({ Key }) => Key));
      if (names.size > MOST_TAGS) throw validationError(`A resource has at most ${MOST_TAGS} tags.`);
      await commits.commit(tagWrites(arn, tags));
    },

    async untagResource({ ResourceARN: arn, TagKeys }, ctx) {
      await requireResource(arn, ctx);
      await commits.commit(TagKeys.map((key) => write(sql.deleteTag, [arn, key])));
    },

    async listTagsForResource({ ResourceARN: arn }, ctx) {
      await requireResource(arn, ctx);
      return { Tags: await tagsOf(arn) };
    },
  };
}
