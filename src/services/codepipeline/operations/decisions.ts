import type { Api } from '../../pipewright/api.gen.ts';
import { decisionsOf, MOST_DECISIONS } from '../git/trigger-log.ts';
import { pipelineState, type OperationTools } from './tools.ts';

/** Of our own API: why a pipeline did or did not start. */
export function decisionOperations(tools: OperationTools): Pick<Api, 'listTriggerDecisions'> {
  return {
    async listTriggerDecisions({ pipelineName, maxResults = MOST_DECISIONS }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      const limit = Math.min(Math.max(maxResults, 1), MOST_DECISIONS);
      const decisions = await decisionsOf(tools.db, ctx, pipelineName, limit);
      return {
        decisions: decisions.map(({ executionId, ...rest }) => ({ ...rest, ...(executionId && { pipelineExecutionId: executionId }) })),
      };
    },
  };
}
