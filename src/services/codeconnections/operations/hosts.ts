import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { validationError } from '../../../protocol/errors.ts';
import { write, WriteConflict } from '../../../ports/database.ts';
import { errors, type Api, type Host, type ProviderType, type VpcConfiguration } from '../api.gen.ts';
import { needsHost, serverUrl } from '../rules/provider.ts';
import { sql, type HostRow } from '../tables.ts';
import { hostArn, requireHost, tagWrites, type ConnectionTools } from '../tools.ts';

type Operations = Pick<Api, 'createHost' | 'getHost' | 'listHosts' | 'updateHost' | 'deleteHost'>;

const MOST_IN_PAGE = 100;

/** There is nothing to install at the server, unlike in AWS: a host is there at once. */
const STATUS = 'AVAILABLE';

function view(row: HostRow): Host {
  return {
    Name: row.name,
    ProviderType: row.provider as ProviderType,
    ProviderEndpoint: row.endpoint,
    Status: STATUS,
    ...(row.vpc !== null && { VpcConfiguration: JSON.parse(row.vpc) as VpcConfiguration }),
  };
}

function checkedUrl(text: string): string {
  const url = serverUrl(text);
  if (url === undefined) throw validationError(`The provider endpoint '${text}' is no http or https URL without credentials and query.`);
  return url;
}

const vpcText = (vpc: VpcConfiguration | undefined): string | null => (vpc ? JSON.stringify(vpc) : null);

export function hostOperations(tools: ConnectionTools, service: string): Operations {
  const { db, commits, ids } = tools;
  return {
    async createHost({ Name: name, ProviderType: provider, ProviderEndpoint, VpcConfiguration: vpc, Tags }, ctx) {
      const { account, region } = ctx;
      if (!needsHost(provider)) throw validationError(`The provider type ${provider} does not support hosts.`);
      const row = {
        account,
        region,
        id: `${name}-${ids.hex(4)}`,
        service,
        name,
        provider,
        endpoint: checkedUrl(ProviderEndpoint),
        vpc: vpcText(vpc),
      };
      const insertion = write(sql.insertHost, [account, region, row.id, service, name, provider, row.endpoint, row.vpc]);
      await commits.commit([insertion, ...tagWrites(row.id, Tags)]);
      return { HostArn: hostArn(row), ...(Tags && { Tags }) };
    },

    getHost: async ({ HostArn }, ctx) => view(await requireHost(tools, HostArn, ctx)),

    async listHosts({ MaxResults = MOST_IN_PAGE, NextToken }, ctx) {
      const after = decodePageToken('hosts', NextToken, () => validationError('The NextToken is not valid.'));
      const limit = MaxResults === 0 ? MOST_IN_PAGE : MaxResults;
      const rows = await db.all<HostRow>(sql.hostsAfter, ctx.account, ctx.region, String(after ?? ''), limit + 1);
      const page = rows.slice(0, limit);
      const Hosts = page.map((row) => ({ ...view(row), HostArn: hostArn(row) }));
      return { Hosts, ...(rows.length > limit && { NextToken: encodePageToken('hosts', page.at(-1)!.id) }) };
    },

    async updateHost({ HostArn, ProviderEndpoint, VpcConfiguration: vpc }, ctx) {
      const row = await requireHost(tools, HostArn, ctx);
      const endpoint = ProviderEndpoint === undefined ? row.endpoint : checkedUrl(ProviderEndpoint);
      await commits.commit([write(sql.updateHost, [endpoint, vpc ? vpcText(vpc) : row.vpc, row.account, row.region, row.id])]);
      return {};
    },

    async deleteHost({ HostArn }, ctx) {
      const { account, region, id } = await requireHost(tools, HostArn, ctx);
      try {
        const deletion = write(sql.deleteHost, [account, region, id], { expect: 1, label: 'host' });
        await commits.commit([deletion, write(sql.deleteTags, [id])]);
      } catch (error) {
        if (!(error instanceof WriteConflict)) throw error;
        throw errors.ResourceUnavailableException('The host has connections. Delete them first.');
      }
      return {};
    },
  };
}
