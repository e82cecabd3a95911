import { PipewrightError } from '../../../kernel/errors.ts';
import type { GitConnections } from '../../../ports/connections.ts';
import type { SecretBox } from '../../../ports/secrets.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { errors, type Api } from '../api.gen.ts';
import { pipelineState, type OperationTools } from '../operations/tools.ts';
import { targetAction } from '../rules/webhooks.ts';
import { declarationOf } from '../rules/state.ts';
import { definitionOf, webhookSql, type WebhookRow } from './tables.ts';
import { webhookUrl } from './operations.ts';

type Operations = Pick<Api, 'registerWebhookWithThirdParty' | 'deregisterWebhookWithThirdParty'>;

interface RegistrationTools extends OperationTools {
  readonly secrets: SecretBox;
  readonly connections: GitConnections;
}

/** The webhook and the repository that its pipeline's source action watches. */
async function target(tools: RegistrationTools, name: string | undefined, ctx: CallContext) {
  const { account, region } = ctx;
  const row = name === undefined ? undefined : await tools.db.get<WebhookRow>(webhookSql.get, account, region, name);
  if (!row) throw errors.WebhookNotFoundException(`The webhook '${name ?? ''}' does not exist.`);
  const definition = definitionOf(row);
  const declaration = declarationOf(await pipelineState(tools, ctx, definition.targetPipeline));
  const action = targetAction(definition, declaration);
  const { ConnectionArn: connection, FullRepositoryId: repository } = action.configuration ?? {};
  if (connection === undefined || repository === undefined)
    throw errors.ValidationException(`The source action '${action.name}' has no connection by which the git host could be told.`);
  return { row, connection, repository, user: { account, region, role: action.roleArn ?? declaration.roleArn } };
}

/** What the git host refuses is the caller's to mend. */
async function asValidation<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (
      error instanceof PipewrightError &&
      ['HostRefused', 'HostUnreachable', 'ConnectionUnavailable', 'AccessDenied'].includes(error.code)
    )
      throw errors.ValidationException(error.message);
    throw error;
  }
}

/** Makes and removes the webhook at the git host, by the source action's connection. Both may be repeated. */
export function registrationOperations(tools: RegistrationTools): Operations {
  return {
    async registerWebhookWithThirdParty({ webhookName }, ctx) {
      const { row, connection, repository, user } = await target(tools, webhookName, ctx);
      const secret = row.secret === null ? undefined : tools.secrets.open(row.secret);
      await asValidation(
        tools.connections.register(connection, repository, { url: webhookUrl(row, ctx), ...(secret !== undefined && { secret }) }, user),
      );
      return {};
    },

    async deregisterWebhookWithThirdParty({ webhookName }, ctx) {
      const { row, connection, repository, user } = await target(tools, webhookName, ctx);
      await asValidation(tools.connections.deregister(connection, repository, webhookUrl(row, ctx), user));
      return {};
    },
  };
}
