import {
  errors,
  type ActionConfigurationProperty,
  type ActionType,
  type ActionTypeDeclaration,
  type ActionTypeSettings,
} from '../api.gen.ts';
import type { CatalogueEntry, Place, TypeId } from './catalogue.ts';

/** An action type that somebody brought: a custom one of an account, or a third party's. */
export interface CustomType {
  readonly id: ActionType['id'];
  readonly description?: string;
  readonly settings: ActionTypeSettings;
  readonly properties: readonly ActionConfigurationProperty[];
  readonly inputs: CatalogueEntry['artifacts']['inputs'];
  readonly outputs: CatalogueEntry['artifacts']['outputs'];
  /** A third party's: what its workers show. The token is sealed. */
  readonly client?: { readonly id: string; readonly token: string };
  /** As UpdateActionType declared it, where it did. */
  readonly declaration?: ActionTypeDeclaration;
}

/** For the whole action, minutes; a declaration's jobTimeout (seconds) is for one job of it. https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionTypeExecutor.html */
const TIMEOUT_MINUTES = 24 * 60;

export function typeArn({ account, region }: Place, { category, owner, provider, version }: Required<TypeId>): string {
  return `arn:aws:codepipeline:${region}:${account}:actiontype:${owner}/${category}/${provider}/${version}`;
}

/** What the rules need to know of it. */
export function entryOf({ properties, inputs, outputs }: CustomType): CatalogueEntry {
  const settings = Object.fromEntries(
    properties.map(({ name, required, secret, queryable = false, type = 'String', description = '' }) => [
      name,
      { required, secret, queryable, type, description },
    ]),
  );
  return { timeoutMinutes: TIMEOUT_MINUTES, settings, artifacts: { inputs, outputs }, typed: true };
}

/** As ListActionTypes shows it. */
export function actionTypeView({ id, settings, properties, inputs, outputs }: CustomType): ActionType {
  const bounds = ({ min, max }: CatalogueEntry['artifacts']['inputs']) => ({ minimumCount: min, maximumCount: max });
  return {
    id,
    settings,
    actionConfigurationProperties: properties,
    inputArtifactDetails: bounds(inputs),
    outputArtifactDetails: bounds(outputs),
  };
}

/** As GetActionType shows it. */
export function declarationView(type: CustomType): ActionTypeDeclaration {
  if (type.declaration) return type.declaration;
  const { id, settings, properties, inputs, outputs } = type;
  const { thirdPartyConfigurationUrl: configurationUrl, entityUrlTemplate, executionUrlTemplate, revisionUrlTemplate } = settings;
  return {
    executor: { type: 'JobWorker', configuration: { jobWorkerExecutorConfiguration: {} } },
    id,
    inputArtifactDetails: { minimumCount: inputs.min, maximumCount: inputs.max },
    outputArtifactDetails: { minimumCount: outputs.min, maximumCount: outputs.max },
    properties: properties.map(({ name, required, key, secret, queryable, description }) => ({
      name,
      optional: !required,
      key,
      noEcho: secret,
      ...(queryable !== undefined && { queryable }),
      ...(description !== undefined && { description }),
    })),
    urls: {
      ...(configurationUrl !== undefined && { configurationUrl }),
      ...(entityUrlTemplate !== undefined && { entityUrlTemplate }),
      ...(executionUrlTemplate !== undefined && { executionUrlTemplate }),
      ...(revisionUrlTemplate !== undefined && { revisionUrlTemplate }),
    },
  };
}

/** The new declaration of an action type. A Lambda executor has to wait for Lambda. */
export function declaredType(id: ActionType['id'], declaration: ActionTypeDeclaration): CustomType {
  const { executor, inputArtifactDetails: inputs, outputArtifactDetails: outputs, properties = [], urls = {}, description } = declaration;
  if (executor.type === 'Lambda')
    throw errors.ValidationException('Action types with a Lambda executor need Lambda, which Pipewright does not have yet.');
  const { configurationUrl, entityUrlTemplate, executionUrlTemplate, revisionUrlTemplate } = urls;
  return {
    id,
    declaration,
    ...(description !== undefined && { description }),
    settings: {
      ...(configurationUrl !== undefined && { thirdPartyConfigurationUrl: configurationUrl }),
      ...(entityUrlTemplate !== undefined && { entityUrlTemplate }),
      ...(executionUrlTemplate !== undefined && { executionUrlTemplate }),
      ...(revisionUrlTemplate !== undefined && { revisionUrlTemplate }),
    },
    properties: properties.map(({ name, optional, key, noEcho, queryable = false, description: text }) => ({
      name,
      required: !optional,
      key,
      secret: noEcho,
      queryable,
      type: 'String' as const,
      ...(text !== undefined && { description: text }),
    })),
    inputs: { min: inputs.minimumCount, max: inputs.maximumCount },
    outputs: { min: outputs.minimumCount, max: outputs.maximumCount },
  };
}
