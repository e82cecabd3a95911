import { write } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api } from '../api.gen.ts';
import { sql } from '../tables.ts';
import { groupArn, nameOfArn, requireGroup, type LogsTools } from '../tools.ts';

type Operations = Pick<Api, 'tagResource' | 'untagResource' | 'listTagsForResource' | 'tagLogGroup' | 'untagLogGroup' | 'listTagsLogGroup'>;

export function tagOperations(tools: LogsTools): Operations {
  const ofArn = async (ctx: CallContext, arn: string): Promise<string> => {
    const name = nameOfArn(arn);
    if (name === undefined) throw errors.InvalidParameterException(`The ARN ${arn} is not that of a log group.`);
    return ofGroup(ctx, name);
  };
  const ofGroup = async (ctx: CallContext, name: string): Promise<string> => {
    await requireGroup(tools, ctx, name);
    return groupArn(ctx, name);
  };
  const put = (arn: string, tags: Readonly<Record<string, string>>) =>
    tools.commits.commit(Object.entries(tags).map(([key, value]) => write(sql.putTag, [arn, key, value])));
  const remove = (arn: string, keys: readonly string[]) => tools.commits.commit(keys.map((key) => write(sql.deleteTag, [arn, key])));
  const list = async (arn: string) => {
    const rows = await tools.db.all<{ name: string; value: string }>(sql.tags, arn);
    return { tags: Object.fromEntries(rows.map(({ name, value }) => [name, value])) };
  };
  return {
    tagResource: async ({ resourceArn, tags }, ctx) => put(await ofArn(ctx, resourceArn), tags),
    untagResource: async ({ resourceArn, tagKeys }, ctx) => remove(await ofArn(ctx, resourceArn), tagKeys),
    listTagsForResource: async ({ resourceArn }, ctx) => list(await ofArn(ctx, resourceArn)),
    tagLogGroup: async ({ logGroupName, tags }, ctx) => put(await ofGroup(ctx, logGroupName), tags),
    untagLogGroup: async ({ logGroupName, tags }, ctx) => remove(await ofGroup(ctx, logGroupName), tags),
    listTagsLogGroup: async ({ logGroupName }, ctx) => list(await ofGroup(ctx, logGroupName)),
  };
}
