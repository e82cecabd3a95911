import { parseArn } from '../../../kernel/arn.ts';
import { write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api } from '../api.gen.ts';
import { doesNotExist, type OperationTools } from '../repositories.ts';
import { sql, type RepositoryRow } from '../tables.ts';

const MOST_TAGS = 50;

async function repositoryOf({ db }: OperationTools, arn: string, ctx: CallContext): Promise<RepositoryRow> {
  const parts = parseArn(arn);
  if (!parts || parts.service !== 'codecommit') throw errors.InvalidResourceArnException(`${arn} is not the ARN of a repository.`);
  const { account, region, resource } = parts;
  const row = account === ctx.account ? await db.get<RepositoryRow>(sql.byName, account, region, resource) : undefined;
  if (!row) throw doesNotExist(resource);
  return row;
}

export function tagOperations(tools: OperationTools): Pick<Api, 'tagResource' | 'untagResource' | 'listTagsForResource'> {
  const { db, commits } = tools;
  const tagsOf = async (id: string) => {
    const rows = await db.all<{ name: string; value: string }>(sql.tags, id);
    return Object.fromEntries(rows.map(({ name, value }) => [name, value]));
  };
  return {
    async tagResource({ resourceArn, tags }, ctx) {
      const { id } = await repositoryOf(tools, resourceArn, ctx);
      const count = Object.keys({ ...(await tagsOf(id)), ...tags }).length;
      if (count > MOST_TAGS) throw errors.TooManyTagsException(`A repository has at most ${MOST_TAGS} tags.`);
      if (Object.keys(tags).some((key) => key.startsWith('aws:'))) {
        throw errors.InvalidSystemTagUsageException('Tag keys that begin with aws: are reserved.');
      }
      await commits.commit(Object.entries(tags).map(([key, value]) => write(sql.putTag, [id, key, value])));
    },

    async untagResource({ resourceArn, tagKeys }, ctx) {
      const { id } = await repositoryOf(tools, resourceArn, ctx);
      await commits.commit(tagKeys.map((key) => write(sql.deleteTag, [id, key])));
    },

    async listTagsForResource({ resourceArn }, ctx) {
      return { tags: await tagsOf((await repositoryOf(tools, resourceArn, ctx)).id) };
    },
  };
}
