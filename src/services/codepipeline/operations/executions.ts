import { ruleOf } from '../../../kernel/rule-session.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { WriteConflict } from '../../../ports/database.ts';
import { errors, type Api, type StartPipelineExecutionInput } from '../api.gen.ts';
import type { RollbackCandidate } from '../rules/commands.ts';
import type { ExecutionRecord } from '../rules/history.ts';
import { validateOverrides } from '../rules/source-overrides.ts';
import { requireStage } from '../rules/structure.ts';
import { declarationOf, type RevisionOverride, type Trigger } from '../rules/state.ts';
import { withEntityUrls } from '../rules/entity-urls.ts';
import { pipelineView } from '../rules/view.ts';
import { sql } from '../tables.ts';
import { refuseCircle } from './invocation.ts';
import { keyOf, pipelineState, type OperationTools } from './tools.ts';

type Operations = Pick<
  Api,
  'startPipelineExecution' | 'stopPipelineExecution' | 'retryStageExecution' | 'rollbackStage' | 'putActionRevision' | 'getPipelineState'
>;

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

/** The execution that an earlier call with the same token started. */
async function startedBefore(
  tools: OperationTools,
  ctx: CallContext,
  name: string,
  token: string | undefined,
): Promise<string | undefined> {
  if (token === undefined) return undefined;
  const row = await tools.db.get<{ execution: string }>(sql.token, ctx.account, ctx.region, name, token);
  return row?.execution;
}

/** Starts an execution. The token's row is part of the start's own commit, so a token never stands for an execution that is not there. */
async function start(tools: OperationTools, ctx: CallContext, input: StartPipelineExecutionInput): Promise<string> {
  const { name, clientRequestToken: token } = input;
  const executionId = tools.ids.uuid();
  const variables = Object.fromEntries((input.variables ?? []).map((variable) => [variable.name, variable.value]));
  const command = { type: 'start', executionId, trigger: triggerOf(ctx), variables, overrides: overridesOf(input) } as const;
  try {
    await tools.pipelines.send(keyOf(ctx, name), token === undefined ? command : { ...command, token });
    return executionId;
  } catch (error) {
    const other = error instanceof WriteConflict && error.label === 'token' ? await startedBefore(tools, ctx, name, token) : undefined;
    if (other === undefined) throw error;
    return other;
  }
}

type Key = readonly [account: string, region: string, pipeline: string];

async function newestExecution(tools: OperationTools, key: Key): Promise<string | undefined> {
  const row = await tools.db.get<{ data: string }>(sql.executionsBefore, ...key, '~', 1);
  return row && (JSON.parse(row.data) as ExecutionRecord).id;
}

/** What history knows of an execution that a stage is to be rolled back to. */
async function rollbackCandidate(tools: OperationTools, key: Key, stage: string, id: string): Promise<RollbackCandidate | undefined> {
  const row = await tools.db.get<{ data: string }>(sql.execution, ...key, id);
  if (!row) return undefined;
  const { version, variables, artifacts, outputs, revisions, rollbackOf, only } = JSON.parse(row.data) as ExecutionRecord;
  const succeededInStage = (await tools.db.get(sql.success, ...key, stage, id)) !== undefined;
  const carried = { artifacts, outputs, revisions };
  return { executionId: id, version, variables, ...carried, isRollback: rollbackOf !== undefined || only !== undefined, succeededInStage };
}

export function executionOperations(tools: OperationTools): Operations {
  return {
    async startPipelineExecution(input, ctx) {
      const state = await pipelineState(tools, ctx, input.name);
      validateOverrides(overridesOf(input), declarationOf(state), tools.catalogues.actions, ctx);
      const before = await startedBefore(tools, ctx, input.name, input.clientRequestToken);
      if (before !== undefined) return { pipelineExecutionId: before };
      await refuseCircle(tools, ctx, input.name);
      return { pipelineExecutionId: await start(tools, ctx, input) };
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

    async rollbackStage({ pipelineName, stageName: stage, targetPipelineExecutionId }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      const target = await rollbackCandidate(tools, [ctx.account, ctx.region, pipelineName], stage, targetPipelineExecutionId);
      const executionId = tools.ids.uuid();
      await tools.pipelines.send(keyOf(ctx, pipelineName), { type: 'rollback', executionId, stage, by: ctx.principal.arn, target });
      return { pipelineExecutionId: executionId };
    },

    async putActionRevision({ pipelineName, stageName, actionName: action, actionRevision }, ctx) {
      const declaration = declarationOf(await pipelineState(tools, ctx, pipelineName));
      const stage = requireStage(declaration, stageName);
      const declared = stage.actions.find(({ name }) => name === action);
      if (!declared) throw errors.ActionNotFoundException(`The stage '${stageName}' has no action '${action}'.`);
      if (declared.actionTypeId.category !== 'Source')
        throw errors.ValidationException(`The action '${action}' is no source action: it takes no revisions.`);
      const executionId = tools.ids.uuid();
      const trigger = { type: 'PutActionRevision', detail: ctx.principal.arn } as const;
      const command = {
        type: 'sourceChanged',
        executionId,
        action,
        revisionType: 'COMMIT_ID',
        revision: actionRevision.revisionId,
        trigger,
      } as const;
      const state = await tools.pipelines.send(keyOf(ctx, pipelineName), command);
      const newRevision = state.executions[executionId] !== undefined;
      const pipelineExecutionId = newRevision ? executionId : await newestExecution(tools, [ctx.account, ctx.region, pipelineName]);
      return { newRevision, ...(pipelineExecutionId !== undefined && { pipelineExecutionId }) };
    },

    async getPipelineState({ name }, ctx) {
      const state = await pipelineState(tools, ctx, name);
      return withEntityUrls(pipelineView(state), declarationOf(state), (type) => tools.providers.find(type, state)?.entityUrlTemplate);
    },
  };
}
