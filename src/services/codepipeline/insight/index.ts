import type { Api } from '../../pipewright/api.gen.ts';
import { againOperations } from './again.ts';
import { approvalOperations } from './approvals.ts';
import { explainOperations } from './explain.ts';
import { figuresOperations } from './figures.ts';
import { timingOperations } from './timing.ts';
import type { InsightTools } from './tools.ts';

/** The operations of our own API (services/pipewright/model.json) that look into pipelines. */
export type InsightOperations = Pick<
  Api,
  'explainPipeline' | 'replayPipelineExecution' | 'rerunAction' | 'describeApproval' | 'getExecutionTiming' | 'getDeliveryFigures'
>;

export function insightOperations(tools: InsightTools): InsightOperations {
  return {
    ...explainOperations(tools),
    ...againOperations(tools),
    ...approvalOperations(tools),
    ...timingOperations(tools),
    ...figuresOperations(tools),
  };
}
