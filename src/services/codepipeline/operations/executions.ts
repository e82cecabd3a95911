import { ruleOf } from '../../../kernel/rule-session.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { WriteConflict, write } from '../../../ports/database.ts';
import { errors, type Api, type StartPipelineExecutionInput } from '../api.gen.ts';
import { declarationOf, type RevisionOverride, type Trigger } from '../rules/state.ts';
import { pipelineView } from '../rules/view.ts';
import { sql } from '../tables.ts';
import { keyOf, pipelineState, type OperationTools } from './tools.ts';

type Operations = Pick<Api, 'startPipelineExecution' | 'stopPipelineExecution' | 'retryStageExecution' | 'getPipelineState'>;

/** A rule of EventBridge starts executions under a session that names it; everybody else is a person or program. */
function triggerOf(ctx: CallContext): Trigger {
  const rule = ctx.principal.session === 'rule' ? ruleOf(ctx.principal.arn) : undefined;
  return rule === undefined ? { type: 'StartPipelineExecution', detail: ctx.principal.arn } : { type: 'CloudWatchEvent', detail: rule };
}

function overridesOf(input: StartPipelineExecutionInput): readonly RevisionOverride[] {
  return (input.sourceRevisions ?? []).map(({ actionName, revisionType, revisionValue }) => ({
    action: actionName,
    revisionType,
    revision: revisionValue,
  }));
}

/** The execution that an earlier call with the same token started, or a new id that this call now owns. */
async function claimToken(
  tools: OperationTools,
  ctx: CallContext,
  name: string,
  token: string | undefined,
): Promise<{ id: string; mine: boolean }> {
  const id = tools.ids.uuid();
  if (token === undefined) return { id, mine: true };
  try {
    await tools.commits.commit([write(sql.insertToken, [ctx.account, ctx.region, name, token, id], { label: 'token' })]);
    return { id, mine: true };
  } catch (error) {
    if (!(error instanceof WriteConflict)) throw error;
    const row = await tools.db.get<{ execution: string }>(sql.token, ctx.account, ctx.region, name, token);
    return { id: row?.execution ?? id, mine: row === undefined };
  }
}

export function executionOperations(tools: OperationTools): Operations {
  return {
    async startPipelineExecution(input, ctx) {
      const state = await pipelineState(tools, ctx, input.name);
      const overrides = overridesOf(input);
      const sources = new Set(declarationOf(state).stages[0]!.actions.map((action) => action.name));
      const stranger = overrides.find((override) => !sources.has(override.action));
      if (stranger)
        throw errors.ValidationException(
          `The source revision names the action '${stranger.action}', which is no source action of the pipeline.`,
        );
      const { id, mine } = await claimToken(tools, ctx, input.name, input.clientRequestToken);
      if (mine) {
        const variables = Object.fromEntries((input.variables ?? []).map(({ name, value }) => [name, value]));
        await tools.pipelines.send(keyOf(ctx, input.name), {
          type: 'start',
          executionId: id,
          trigger: triggerOf(ctx),
          variables,
          overrides,
        });
      }
      return { pipelineExecutionId: id };
    },

    async stopPipelineExecution({ pipelineName, pipelineExecutionId: executionId, abandon = false, reason = '' }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      await tools.pipelines.send(keyOf(ctx, pipelineName), { type: 'stop', executionId, abandon, reason });
      return { pipelineExecutionId: executionId };
    },

    async retryStageExecution({ pipelineName, stageName: stage, pipelineExecutionId: executionId, retryMode: mode }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      await tools.pipelines.send(keyOf(ctx, pipelineName), { type: 'retry', stage, executionId, mode });
      return { pipelineExecutionId: executionId };
    },

    getPipelineState: async ({ name }, ctx) => pipelineView(await pipelineState(tools, ctx, name)),
  };
}
