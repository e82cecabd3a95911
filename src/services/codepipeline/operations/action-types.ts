import { WriteConflict, write } from '../../../ports/database.ts';
import type { SecretBox } from '../../../ports/secrets.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type ActionTypeDeclaration, type Api, type CreateCustomActionTypeInput } from '../api.gen.ts';
import type { CustomTypes, KnownType } from '../jobs/custom-types.ts';
import { TYPES_TOPIC } from '../jobs/custom-types.ts';
import type { JobDesk } from '../jobs/desk.ts';
import { typeSql } from '../jobs/tables.ts';
import type { TypeId } from '../rules/catalogue.ts';
import { actionTypeView, declarationView, declaredType, typeArn, validateProperties, type CustomType } from '../rules/custom-type.ts';
import { sql } from '../tables.ts';
import { requireRoom, type OperationTools } from './tools.ts';

type Operations = Pick<Api, 'createCustomActionType' | 'deleteCustomActionType' | 'getActionType' | 'updateActionType'>;

function customType(input: CreateCustomActionTypeInput): CustomType {
  const { category, provider, version, settings = {}, configurationProperties = [], inputArtifactDetails, outputArtifactDetails } = input;
  return {
    id: { category, owner: 'Custom', provider, version },
    settings,
    properties: configurationProperties.map((property) => ({ queryable: false, ...property })),
    inputs: { min: inputArtifactDetails.minimumCount, max: inputArtifactDetails.maximumCount },
    outputs: { min: outputArtifactDetails.minimumCount, max: outputArtifactDetails.maximumCount },
  };
}

const keyOf = ({ account, region }: CallContext, { category, owner = 'Custom', provider, version = '1' }: TypeId) =>
  [account, region, category, owner, provider, version] as const;

const named = ({ category, owner, provider, version }: Required<TypeId>) =>
  `(Category: '${category}', Provider: '${provider}', Owner: '${owner}', Version: '${version}')`;

export function actionTypeOperations(tools: OperationTools & { readonly secrets: SecretBox; readonly desk: JobDesk }, types: CustomTypes): Operations {
  const { commits, clock } = tools;
  const known = async (ctx: CallContext, id: Required<TypeId>): Promise<KnownType> => {
    await types.ready();
    const found = types.find(id, ctx);
    if (!found || found.deleted) throw errors.ActionTypeNotFoundException(`ActionType ${named(id)} does not exist.`);
    return found;
  };
  return {
    async createCustomActionType(input, ctx) {
      const type = customType(input);
      validateProperties(type.properties);
      await requireRoom(tools, typeSql.count, ctx, tools.quotas.customActionTypes, 'custom action types');
      const arn = typeArn(ctx, type.id);
      const tags = (input.tags ?? []).map(({ key, value }) => write(sql.putTag, [arn, key, value]));
      const insert = write(typeSql.insert, [...keyOf(ctx, type.id), JSON.stringify(type)], { label: 'type', topic: TYPES_TOPIC });
      try {
        await commits.commit([insert, ...tags]);
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error;
        // A deleted version stays taken: https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_DeleteCustomActionType.html
        throw errors.ValidationException(`ActionType ${named(type.id)} already exists, or existed and was deleted. Use another version.`);
      }
      await types.ready();
      return { actionType: actionTypeView(type), ...(input.tags && { tags: input.tags }) };
    },

    async deleteCustomActionType(input, ctx) {
      const id = { ...input, owner: 'Custom' };
      await commits.commit([write(typeSql.delete, [clock.now(), ...keyOf(ctx, id)], { topic: TYPES_TOPIC })]);
      await types.ready();
      const deleted = types.find(id, ctx);
      if (deleted) await tools.desk.withdraw(deleted.type, { account: ctx.account, region: ctx.region, owner: 'Custom' });
    },

    async getActionType({ category, owner, provider, version }, ctx) {
      const id = { category, owner, provider, version };
      const own = tools.providers.find(id, ctx);
      if (own && owner === 'AWS') throw errors.ActionTypeNotFoundException(`ActionType ${named(id)} is AWS's own and has no declaration.`);
      return { actionType: declarationView((await known(ctx, id)).type) };
    },

    async updateActionType({ actionType }, ctx) {
      const { id } = actionType;
      if (id.owner === 'AWS') throw errors.ActionTypeNotFoundException(`ActionType ${named(id)} does not exist.`);
      await types.ready();
      // Third parties have no other way to bring a type; in AWS theirs are made for them.
      const exists = types.find(id, ctx);
      const client = exists?.type.client ?? { id: tools.ids.uuid(), token: tools.secrets.seal(tools.ids.uuid()) };
      const declared = declaredType(id as CustomType['id'], actionType as ActionTypeDeclaration);
      const type = id.owner === 'ThirdParty' ? { ...declared, client } : declared;
      validateProperties(type.properties);
      if (id.owner !== 'ThirdParty') await known(ctx, id);
      const statement = exists
        ? write(typeSql.update, [JSON.stringify(type), ...keyOf(ctx, id)], { expect: 1, topic: TYPES_TOPIC })
        : write(typeSql.insert, [...keyOf(ctx, id), JSON.stringify(type)], { topic: TYPES_TOPIC });
      await commits.commit([statement]);
      await types.ready();
    },
  };
}
