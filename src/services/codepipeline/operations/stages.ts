import { errors, type Api } from '../api.gen.ts';
import { structureWith } from '../rules/structure.ts';
import { keyOf, pipelineState, type OperationTools } from './tools.ts';

type Operations = Pick<Api, 'enableStageTransition' | 'disableStageTransition' | 'putApprovalResult'>;

export function stageOperations(tools: OperationTools): Operations {
  /** An outbound transition is the next stage's inbound one. */
  const entrance = async (ctx: Parameters<typeof pipelineState>[1], name: string, stageName: string, type: string): Promise<string> => {
    const { stages } = structureWith(await pipelineState(tools, ctx, name), stageName);
    const index = stages.findIndex((stage) => stage.name === stageName);
    const stage = type === 'Inbound' ? stages[index] : stages[index + 1];
    if (!stage) throw errors.ValidationException(`The stage '${stageName}' is the last one: it has no outbound transition.`);
    return stage.name;
  };
  return {
    async enableStageTransition({ pipelineName, stageName, transitionType }, ctx) {
      const stage = await entrance(ctx, pipelineName, stageName, transitionType);
      await tools.pipelines.send(keyOf(ctx, pipelineName), { type: 'transition', stage, enabled: true, by: ctx.principal.arn });
    },

    async disableStageTransition({ pipelineName, stageName, transitionType, reason }, ctx) {
      const stage = await entrance(ctx, pipelineName, stageName, transitionType);
      await tools.pipelines.send(keyOf(ctx, pipelineName), { type: 'transition', stage, enabled: false, reason, by: ctx.principal.arn });
    },

    async putApprovalResult({ pipelineName, stageName: stage, actionName: action, result, token }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      const { status, summary } = result;
      const command = { type: 'approve', stage, action, token, summary, approved: status === 'Approved', by: ctx.principal.arn } as const;
      const state = await tools.pipelines.send(keyOf(ctx, pipelineName), command);
      return { approvedAt: state.stages[stage]?.runs[action]?.changedAt ?? tools.clock.now() };
    },
  };
}
