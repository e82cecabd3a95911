import { isDeepStrictEqual } from 'node:util';
import { WriteConflict, write, type Write } from '../../../ports/database.ts';
import type { SecretBox } from '../../../ports/secrets.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api, type CreateCustomActionTypeInput } from '../api.gen.ts';
import type { CustomTypes } from '../jobs/custom-types.ts';
import { TYPES_TOPIC } from '../jobs/custom-types.ts';
import type { JobDesk } from '../jobs/desk.ts';
import { typeSql } from '../jobs/tables.ts';
import type { TypeId } from '../rules/catalogue.ts';
import { actionTypeView, declarationView, declaredType, typeArn, type CustomType } from '../rules/custom-type.ts';
import { validateType } from '../rules/validate-type.ts';
import { sql } from '../tables.ts';
import { MOST_TAGS } from './catalogue.ts';
import { requireRoom, type OperationTools } from './tools.ts';

type Custom = Pick<Api, 'createCustomActionType' | 'deleteCustomActionType'>;
type Declared = Pick<Api, 'getActionType' | 'updateActionType'>;

export interface TypeTools extends OperationTools {
  readonly secrets: SecretBox;
  readonly desk: JobDesk;
}

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

/** A deleted version stays taken, but by what it was: https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_DeleteCustomActionType.html */
async function restore(tools: TypeTools, types: CustomTypes, ctx: CallContext, type: CustomType, tags: readonly Write[]): Promise<void> {
  await types.ready();
  const there = types.find(type.id, ctx);
  if (!there?.deleted || !isDeepStrictEqual(there.type, type))
    throw errors.ValidationException(`ActionType ${named(type.id)} already exists, or existed and was deleted. Use another version.`);
  await tools.commits.commit([write(typeSql.restore, keyOf(ctx, type.id), { topic: TYPES_TOPIC }), ...tags]);
}

/** An account's own types. */
function customOperations(tools: TypeTools, types: CustomTypes): Custom {
  const { commits, clock } = tools;
  return {
    async createCustomActionType(input, ctx) {
      const type = customType(input);
      validateType(type);
      await types.ready();
      if (!types.find(type.id, ctx) && tools.providers.find(type.id, ctx))
        throw errors.ValidationException(`ActionType ${named(type.id)} is one of Pipewright's own.`);
      await requireRoom(tools, typeSql.count, ctx, tools.quotas.customActionTypes, 'custom action types');
      if ((input.tags ?? []).length > MOST_TAGS) throw errors.TooManyTagsException(`A resource can have at most ${MOST_TAGS} tags.`);
      const arn = typeArn(ctx, type.id);
      const tags = (input.tags ?? []).map(({ key, value }) => write(sql.putTag, [arn, key, value]));
      const insert = write(typeSql.insert, [...keyOf(ctx, type.id), JSON.stringify(type)], { label: 'type', topic: TYPES_TOPIC });
      try {
        await commits.commit([insert, ...tags]);
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error;
        await restore(tools, types, ctx, type, tags);
      }
      await types.ready();
      return { actionType: actionTypeView(type), ...(input.tags && { tags: input.tags }) };
    },

    async deleteCustomActionType(input, ctx) {
      const id = { ...input, owner: 'Custom' };
      const forgetTags = write(sql.deleteTags, [typeArn(ctx, id)]);
      await commits.commit([write(typeSql.delete, [clock.now(), ...keyOf(ctx, id)], { topic: TYPES_TOPIC }), forgetTags]);
      await types.ready();
      const deleted = types.find(id, ctx);
      if (deleted) await tools.desk.withdraw(deleted.type, { account: ctx.account, region: ctx.region, owner: 'Custom' });
    },
  };
}

/** Third parties' types. */
function declaredOperations(tools: TypeTools, types: CustomTypes): Declared {
  return {
    async getActionType({ category, owner, provider, version }, ctx) {
      const id = { category, owner, provider, version };
      await types.ready();
      const known = types.find(id, ctx);
      if (!known) throw errors.ActionTypeNotFoundException(`ActionType ${named(id)} was not brought by a third party.`);
      return { actionType: declarationView(known.type) };
    },

    async updateActionType({ actionType }, ctx) {
      const { id } = actionType;
      if (id.owner === 'AWS') throw errors.ActionTypeNotFoundException(`ActionType ${named(id)} was not brought by a third party.`);
      await types.ready();
      // They have no other way to bring a type; in AWS theirs are made for them.
      const exists = types.find(id, ctx);
      const client = exists?.type.client ?? { id: tools.ids.uuid(), token: tools.secrets.seal(tools.ids.uuid()) };
      const type: CustomType = { ...declaredType(id as CustomType['id'], actionType), client };
      validateType(type);
      const statement = exists
        ? write(typeSql.update, [JSON.stringify(type), ...keyOf(ctx, id)], { expect: 1, topic: TYPES_TOPIC })
        : write(typeSql.insert, [...keyOf(ctx, id), JSON.stringify(type)], { topic: TYPES_TOPIC });
      await tools.commits.commit([statement]);
      await types.ready();
    },
  };
}

export function actionTypeOperations(tools: TypeTools, types: CustomTypes): Custom & Declared {
  return { ...customOperations(tools, types), ...declaredOperations(tools, types) };
}
