import { errors as own, type Api } from '../../pipewright/api.gen.ts';
import { errors, type ActionExecutionDetail } from '../api.gen.ts';
import { keyOf, pipelineState } from '../operations/tools.ts';
import { runningActions } from '../rules/history.ts';
import { planReplay } from '../rules/replay.ts';
import { planRerun } from '../rules/rerun.ts';
import type { PipelineState } from '../rules/state.ts';
import { sql } from '../tables.ts';
import { keyFor, requireRecord, structure, type InsightTools, type Key } from './tools.ts';

type Operations = Pick<Api, 'replayPipelineExecution' | 'rerunAction'>;

/** The action execution of that id, running ones included; throws ActionExecutionNotFoundException. */
async function requireAction(tools: InsightTools, key: Key, state: PipelineState, id: string): Promise<ActionExecutionDetail> {
  const row = await tools.db.get<{ data: string }>(sql.action, ...key, id);
  const found = row
    ? (JSON.parse(row.data) as ActionExecutionDetail)
    : runningActions(state).find(({ actionExecutionId }) => actionExecutionId === id);
  if (!found) throw own.ActionExecutionNotFoundException(`Pipeline '${key[2]}' has no action execution with id '${id}'`);
  return found;
}

/** Executions that begin again with what earlier ones had made. */
export function againOperations(tools: InsightTools): Operations {
  return {
    async replayPipelineExecution({ pipelineName, pipelineExecutionId, stageName }, ctx) {
      const key = keyFor(ctx, pipelineName);
      const state = await pipelineState(tools, ctx, pipelineName);
      const record = await requireRecord(tools, key, pipelineExecutionId);
      const declaration = await structure(tools, key, state, record.version);
      const plan = planReplay(record, declaration, stageName);
      if (!plan.ok && plan.why === 'NoSuchStage') throw errors.StageNotFoundException(plan.message);
      if (!plan.ok) throw own.NotReplayableException(plan.message);
      const { stage, carried } = plan;
      const { version, variables } = record;
      const trigger = {
        type: 'StartPipelineExecution',
        detail: `Replay of the execution ${record.id} by ${ctx.principal.arn}`,
      } as const;
      const executionId = tools.ids.uuid();
      const command = {
        type: 'startFrom',
        executionId,
        trigger,
        stage,
        version,
        variables,
        carried,
        declaration,
        replayOf: record.id,
      } as const;
      await tools.pipelines.send(keyOf(ctx, pipelineName), command);
      return { pipelineExecutionId: executionId, stageName: stage, pipelineVersion: version };
    },

    async rerunAction({ pipelineName, actionExecutionId }, ctx) {
      const key = keyFor(ctx, pipelineName);
      const state = await pipelineState(tools, ctx, pipelineName);
      const detail = await requireAction(tools, key, state, actionExecutionId);
      const record = await requireRecord(tools, key, detail.pipelineExecutionId ?? '');
      const declaration = await structure(tools, key, state, record.version);
      const plan = planRerun(detail, record, declaration);
      if (!plan.ok) throw own.NotReplayableException(plan.message);
      const { version, variables } = record;
      const actionName = detail.actionName ?? '';
      const trigger = {
        type: 'StartPipelineExecution',
        detail: `${plan.start.stage}/${actionName} of the execution ${record.id} again by ${ctx.principal.arn}`,
      } as const;
      const executionId = tools.ids.uuid();
      const command = { type: 'startFrom', executionId, trigger, version, variables, declaration, ...plan.start } as const;
      await tools.pipelines.send(keyOf(ctx, pipelineName), command);
      return { pipelineExecutionId: executionId, stageName: plan.start.stage, actionName, pipelineVersion: version };
    },
  };
}
