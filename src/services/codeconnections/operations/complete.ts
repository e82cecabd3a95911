import { write } from '../../../ports/database.ts';
import { ApiError } from '../../../protocol/errors.ts';
import { errors, type Api } from '../../pipewright/api.gen.ts';
import type { ProviderType } from '../api.gen.ts';
import { providerFacts, serverUrl } from '../rules/provider.ts';
import { sql } from '../tables.ts';
import { connectionArn, requireConnection, type ConnectionTools, type Place } from '../tools.ts';

/** The path at which a connection's webhooks are received. */
export const HOOKS = '/_pipewright/hooks/';

async function pendingConnection(tools: ConnectionTools, arn: string, place: Place) {
  try {
    return await requireConnection(tools, arn, place);
  } catch (error) {
    if (error instanceof ApiError) throw errors.ResourceNotFoundException(error.message);
    throw error;
  }
}

/**
 * What AWS's handshake in the browser does: gives a connection what it needs to be AVAILABLE. Called again it replaces the token, and
 * keeps the webhook secret where none is given. Nothing that is secret is ever answered.
 */
export function completionOperations(tools: ConnectionTools): Pick<Api, 'completeConnection'> {
  const { db, commits, secrets } = tools;
  return {
    async completeConnection({ connectionArn: arn, token, username, webhookSecret, endpoint }, ctx) {
      const row = await pendingConnection(tools, arn, ctx);
      if (!providerFacts(row.provider as ProviderType))
        throw errors.InvalidInputException(`Connections to ${row.provider} are not supported.`);
      const url = endpoint === undefined ? null : serverUrl(endpoint);
      if (url === undefined) throw errors.InvalidInputException('The endpoint must be an http or https URL without credentials and query.');
      if (url !== null && row.host !== null) throw errors.InvalidInputException('The connection’s host says where the server is.');
      const before = await db.get<{ webhook: string | null }>(sql.secrets, row.id);
      const webhook = webhookSecret === undefined ? (before?.webhook ?? null) : secrets.seal(webhookSecret);
      await commits.commit([
        write(sql.putSecrets, [row.id, url, username ?? null, secrets.seal(token), webhook]),
        write(sql.complete, [row.account, row.region, row.id], { expect: 1 }),
      ]);
      return { connectionArn: connectionArn(row), connectionStatus: 'AVAILABLE', webhookUrl: `${ctx.endpoint}${HOOKS}${row.id}` };
    },
  };
}
