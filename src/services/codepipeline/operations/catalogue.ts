import { parseArn } from '../../../kernel/arn.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { write } from '../../../ports/database.ts';
import { errors, type ActionType, type Api } from '../api.gen.ts';
import type { ActionProvider } from '../provider.ts';
import { sql } from '../tables.ts';
import type { CustomTypes } from '../jobs/custom-types.ts';
import { catalogueKey } from '../rules/catalogue.ts';
import { actionTypeView, typeArn } from '../rules/custom-type.ts';
import { isWebhook } from '../webhooks/tables.ts';
import { pipelineState, type OperationTools } from './tools.ts';

type Operations = Pick<Api, 'listActionTypes' | 'listTagsForResource' | 'tagResource' | 'untagResource'>;

/** AWS's limit of tags on one resource. */
export const MOST_TAGS = 50;

function actionType({ type, settings, artifacts }: ActionProvider): ActionType {
  const bounds = ({ min, max }: { min: number; max: number }) => ({ minimumCount: min, maximumCount: max });
  return {
    id: type,
    settings: {},
    actionConfigurationProperties: Object.entries(settings).map(([name, property]) => ({
      name,
      required: property.required,
      key: true,
      secret: property.secret ?? false,
      queryable: false,
      description: property.description,
      type: property.type,
    })),
    inputArtifactDetails: bounds(artifacts.inputs),
    outputArtifactDetails: bounds(artifacts.outputs),
  };
}

export function catalogueOperations(tools: OperationTools, types: CustomTypes): Operations {
  const requirePipeline = async (ctx: CallContext, arn: string): Promise<void> => {
    const parts = parseArn(arn);
    if (parts?.service !== 'codepipeline') throw errors.InvalidArnException(`The ARN '${arn}' is not valid.`);
    if (await isWebhook(tools.db, ctx, arn)) return;
    await types.ready();
    if (types.all(ctx).some(({ id }) => typeArn(ctx, id) === arn)) return;
    const found = await pipelineState(tools, { ...ctx, account: parts.account, region: parts.region }, parts.resource).catch(
      () => undefined,
    );
    if (!found || parts.account !== ctx.account) throw errors.ResourceNotFoundException(`The resource '${arn}' does not exist.`);
  };
  const tagsOf = (arn: string) => tools.db.all<{ name: string; value: string }>(sql.tags, arn);
  return {
    async listActionTypes({ actionOwnerFilter, regionFilter }, ctx) {
      await types.ready();
      const place = { account: ctx.account, region: regionFilter ?? ctx.region };
      const brought = new Set(types.all(place).map(({ id }) => catalogueKey(id)));
      const own = tools.providers.all(place).filter(({ type }) => !brought.has(catalogueKey(type)));
      const all = [...own.map(actionType), ...types.all(place).map(actionTypeView)];
      return { actionTypes: all.filter(({ id }) => !actionOwnerFilter || id.owner === actionOwnerFilter) };
    },

    async listTagsForResource({ resourceArn }, ctx) {
      await requirePipeline(ctx, resourceArn);
      return { tags: (await tagsOf(resourceArn)).map(({ name, value }) => ({ key: name, value })) };
    },

    async tagResource({ resourceArn, tags }, ctx) {
      await requirePipeline(ctx, resourceArn);
      const names = new Set([...(await tagsOf(resourceArn)).map(({ name }) => name), ...tags.map(({ key }) => key)]);
      if (names.size > MOST_TAGS) throw errors.TooManyTagsException(`A resource can have at most ${MOST_TAGS} tags.`);
      await tools.commits.commit(tags.map(({ key, value }) => write(sql.putTag, [resourceArn, key, value])));
      return {};
    },

    async untagResource({ resourceArn, tagKeys }, ctx) {
      await requirePipeline(ctx, resourceArn);
      await tools.commits.commit(tagKeys.map((key) => write(sql.deleteTag, [resourceArn, key])));
      return {};
    },
  };
}
