import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { validationError } from '../../../protocol/errors.ts';
import { write } from '../../../ports/database.ts';
import { errors, type Api, type Connection, type CreateConnectionInput, type ProviderType } from '../api.gen.ts';
import { needsHost } from '../rules/provider.ts';
import { sql, type ConnectionRow, type HostRow } from '../tables.ts';
import { connectionArn, hostArn, idOf, requireConnection, requireHost, tagWrites, type ConnectionTools, type Place } from '../tools.ts';

type Operations = Pick<Api, 'createConnection' | 'getConnection' | 'listConnections' | 'deleteConnection'>;

const MOST_IN_PAGE = 100;

async function view(tools: ConnectionTools, row: ConnectionRow): Promise<Connection> {
  const host = row.host === null ? undefined : await tools.db.get<HostRow>(sql.host, row.account, row.region, row.host);
  return {
    ConnectionName: row.name,
    ConnectionArn: connectionArn(row),
    ProviderType: row.provider as ProviderType,
    OwnerAccountId: row.account,
    ConnectionStatus: row.status as Connection['ConnectionStatus'] & string,
    ...(host && { HostArn: hostArn(host) }),
  };
}

/** The provider and the host that a new connection is to have. */
async function destination(tools: ConnectionTools, input: CreateConnectionInput, place: Place) {
  const { ProviderType: provider, HostArn: arn } = input;
  if (arn !== undefined) {
    const host = await requireHost(tools, arn, place);
    if (provider !== undefined && provider !== host.provider)
      throw errors.InvalidInputException(`The host is of the provider type ${host.provider}, not ${provider}.`);
    return { provider: host.provider, host: host.id };
  }
  if (provider === undefined) throw errors.InvalidInputException('Either ProviderType or HostArn must be specified.');
  if (needsHost(provider)) throw errors.InvalidInputException(`A connection to ${provider} needs the HostArn of its server.`);
  return { provider, host: null };
}

export function connectionOperations(tools: ConnectionTools, service: string): Operations {
  const { db, commits, ids, clock } = tools;
  return {
    async createConnection(input, ctx) {
      const { account, region } = ctx;
      const { provider, host } = await destination(tools, input, ctx);
      const row = { account, region, id: ids.uuid(), service, name: input.ConnectionName, provider, host, status: 'PENDING' };
      const insertion = write(sql.insertConnection, [account, region, row.id, service, row.name, provider, host, row.status, clock.now()]);
      await commits.commit([insertion, ...tagWrites(row.id, input.Tags)]);
      return { ConnectionArn: connectionArn(row), ...(input.Tags && { Tags: input.Tags }) };
    },

    async getConnection({ ConnectionArn }, ctx) {
      return { Connection: await view(tools, await requireConnection(tools, ConnectionArn, ctx)) };
    },

    async listConnections({ ProviderTypeFilter: provider, HostArnFilter: arn, MaxResults = MOST_IN_PAGE, NextToken }, ctx) {
      const after = decodePageToken('connections', NextToken, () => validationError('The NextToken is not valid.'));
      const host = arn === undefined ? undefined : idOf(arn, 'host', ctx);
      const fits = (row: ConnectionRow) =>
        (provider === undefined || row.provider === provider) && (arn === undefined || (host !== undefined && row.host === host));
      const limit = MaxResults === 0 ? MOST_IN_PAGE : MaxResults;
      const page: ConnectionRow[] = [];
      // Filtered here: an account has few connections, and filters are rarer still.
      for (let cursor = String(after ?? ''), more = true; more && page.length <= limit;) {
        const rows = await db.all<ConnectionRow>(sql.connectionsAfter, ctx.account, ctx.region, cursor, limit + 1);
        page.push(...rows.filter(fits));
        more = rows.length > limit;
        cursor = rows.at(-1)?.id ?? cursor;
      }
      const shown = page.slice(0, limit);
      const Connections = await Promise.all(shown.map((row) => view(tools, row)));
      return { Connections, ...(page.length > limit && { NextToken: encodePageToken('connections', shown.at(-1)!.id) }) };
    },

    async deleteConnection({ ConnectionArn }, ctx) {
      const { account, region, id } = await requireConnection(tools, ConnectionArn, ctx);
      await commits.commit([
        write(sql.deleteConnection, [account, region, id]),
        write(sql.deleteSecrets, [id]),
        write(sql.deleteTags, [id]),
        write(sql.deleteDeliveries, [id]),
      ]);
      return {};
    },
  };
}
