import type { GitConnections } from '../../ports/connections.ts';
import type { GitHosts } from '../../ports/git-hosts.ts';
import type { Principal } from '../../ports/authorise.ts';
import type { Service } from '../../protocol/service.ts';
import { model as codestarModel } from '../codestar-connections/api.gen.ts';
import type { Api as PipewrightApi } from '../pipewright/api.gen.ts';
import { model, type Api } from './api.gen.ts';
import { checkedRepository } from './checked-repository.ts';
import { gitConnections } from './connections.ts';
import { gitHosts } from './hosts.ts';
import { completionOperations } from './operations/complete.ts';
import { connectionOperations } from './operations/connections.ts';
import { hostOperations } from './operations/hosts.ts';
import { tagOperations } from './operations/tags.ts';
import { openConnection } from './opened.ts';
import { receiveHook, type HookAnswer, type HookRequest } from './receive.ts';
import { migrations } from './tables.ts';
import type { ConnectionTools } from './tools.ts';

/** Where a git request through a connection goes. */
export interface ProxiedRepository {
  readonly url: string;
  readonly authorization: string;
}

export interface CodeConnections {
  readonly services: readonly Service[];
  readonly ownOperations: Pick<PipewrightApi, 'completeConnection'>;
  readonly connections: GitConnections;
  readonly hosts: GitHosts;
  receive(request: HookRequest): Promise<HookAnswer | undefined>;
  /** For the git plane; rejects as `GitConnections` does. */
  proxied(arn: string, repository: string, principal: Principal): Promise<ProxiedRepository>;
}

function operations(tools: ConnectionTools, service: string): Partial<Api> {
  return { ...connectionOperations(tools, service), ...hostOperations(tools, service), ...tagOperations(tools) };
}

/** AWS CodeConnections, under its new name and its old one: the table of contents of this service. */
export function createCodeConnections(tools: ConnectionTools): CodeConnections {
  const named: Service<Api> = { model, migrations, operations: operations(tools, 'codeconnections') };
  // The same shapes, but for a provider type that came later.
  const formerly: Service = { model: codestarModel, operations: operations(tools, 'codestar-connections') };
  return {
    services: [named, formerly],
    ownOperations: completionOperations(tools),
    connections: gitConnections(tools),
    hosts: gitHosts(tools),
    receive: (request) => receiveHook(tools, request),
    async proxied(arn, repository, principal) {
      const { web, gitUser, token } = await openConnection(tools, arn, principal);
      return {
        url: `${web}/${checkedRepository(repository)}.git`,
        authorization: `Basic ${Buffer.from(`${gitUser}:${token}`).toString('base64')}`,
      };
    },
  };
}
