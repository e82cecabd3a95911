import type { LogStore } from '../../ports/logs.ts';
import type { Service, ServiceTools } from '../../protocol/service.ts';
import { model, type Api } from './api.gen.ts';
import { filterOperations } from './operations/filter-events.ts';
import { getOperations } from './operations/get-events.ts';
import { groupOperations, retentionOperations } from './operations/groups.ts';
import { putOperations } from './operations/put-events.ts';
import { streamOperations } from './operations/streams.ts';
import { tagOperations } from './operations/tags.ts';
import { StreamInfos } from './stream-infos.ts';
import { migrations } from './tables.ts';
import type { LogsTools } from './tools.ts';

/** Amazon CloudWatch Logs: the table of contents of this service. */
export function createLogs(given: ServiceTools & { readonly logs: LogStore }): Service<Api> {
  const tools: LogsTools = { ...given, infos: new StreamInfos(given.logs) };
  return {
    model,
    migrations,
    operations: {
      ...groupOperations(tools),
      ...retentionOperations(tools),
      ...streamOperations(tools),
      ...putOperations(tools),
      ...getOperations(tools),
      ...filterOperations(tools),
      ...tagOperations(tools),
    },
  };
}
