import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type ActionExecutionDetail, type Api } from '../api.gen.ts';
import { executionSummary, executionView } from '../rules/execution-view.ts';
import { runningActions, type ExecutionRecord } from '../rules/history.ts';
import { sql } from '../tables.ts';
import { pipelineState, type OperationTools } from './tools.ts';

type Operations = Pick<
  Api,
  'getPipelineExecution' | 'listPipelineExecutions' | 'listActionExecutions' | 'listDeployActionExecutionTargets'
>;

/** Above every id: where a listing of the newest begins. */
const NEWEST = '~';
const invalidToken = () => errors.InvalidNextTokenException('The next token is not valid.');

export function historyOperations(tools: OperationTools): Operations {
  return {
    async getPipelineExecution({ pipelineName, pipelineExecutionId }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      const row = await tools.db.get<{ data: string }>(sql.execution, ctx.account, ctx.region, pipelineName, pipelineExecutionId);
      if (!row) {
        throw errors.PipelineExecutionNotFoundException(`Pipeline '${pipelineName}' has no execution with id '${pipelineExecutionId}'`);
      }
      return { pipelineExecution: executionView(JSON.parse(row.data) as ExecutionRecord, pipelineName) };
    },

    async listPipelineExecutions({ pipelineName, maxResults = 100, filter, nextToken }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      const stage = filter?.succeededInStage?.stageName;
      const scope = `executions/${pipelineName}/${stage ?? ''}`;
      const before = String(decodePageToken(scope, nextToken, invalidToken) ?? NEWEST);
      const key = [ctx.account, ctx.region, pipelineName] as const;
      const rows =
        stage === undefined
          ? await tools.db.all<{ data: string }>(sql.executionsBefore, ...key, before, maxResults + 1)
          : await tools.db.all<{ data: string }>(sql.successesBefore, ...key, stage, before, maxResults + 1);
      const records = rows.slice(0, maxResults).map((row) => JSON.parse(row.data) as ExecutionRecord);
      const more = rows.length > maxResults && { nextToken: encodePageToken(scope, records.at(-1)!.id) };
      return { pipelineExecutionSummaries: records.map(executionSummary), ...more };
    },

    async listActionExecutions({ pipelineName, filter, maxResults = 100, nextToken }, ctx) {
      const state = await pipelineState(tools, ctx, pipelineName);
      const of = filter?.pipelineExecutionId ?? filter?.latestInPipelineExecution?.pipelineExecutionId;
      const scope = `actions/${pipelineName}/${of ?? ''}`;
      const before = String(decodePageToken(scope, nextToken, invalidToken) ?? NEWEST);
      const key = [ctx.account, ctx.region, pipelineName] as const;
      type Row = { data: string };
      const rows =
        of === undefined
          ? await tools.db.all<Row>(sql.actionsBefore, ...key, before, maxResults + 1)
          : await tools.db.all<Row>(sql.actionsOfExecution, ...key, of, before, maxResults + 1);
      const running = runningActions(state).filter(
        (detail) => idOf(detail) < before && (of ?? detail.pipelineExecutionId) === detail.pipelineExecutionId,
      );
      const found = newestFirst([...running, ...rows.map((row) => JSON.parse(row.data) as ActionExecutionDetail)]);
      const details = found.slice(0, maxResults);
      const more = found.length > maxResults && { nextToken: encodePageToken(scope, idOf(details.at(-1)!)) };
      return { actionExecutionDetails: filter?.latestInPipelineExecution ? latestOnly(details) : details, ...more };
    },

    /** Targets are instances of EC2 deployments: no action here has any. */
    async listDeployActionExecutionTargets({ actionExecutionId }, ctx) {
      const row = await tools.db.get<{ data: string }>(sql.actionById, ctx.account, ctx.region, actionExecutionId);
      if (!row) throw errors.ActionExecutionNotFoundException(`There is no action execution with id '${actionExecutionId}'.`);
      return { targets: [] };
    },
  };
}

const idOf = ({ actionExecutionId = '' }: ActionExecutionDetail): string => actionExecutionId;

/** Once each: an action may have ended between the look at the state and that at the history, which then has the last word. */
function newestFirst(details: readonly ActionExecutionDetail[]): readonly ActionExecutionDetail[] {
  const byId = new Map(details.map((detail) => [idOf(detail), detail]));
  return [...byId.values()].toSorted((a, b) => (idOf(a) < idOf(b) ? 1 : -1));
}

/** Newest first, so the first of each stage and action is the latest attempt. */
function latestOnly(details: readonly ActionExecutionDetail[]): ActionExecutionDetail[] {
  const seen = new Set<string>();
  return details.filter(({ stageName, actionName }) => {
    const key = `${stageName}/${actionName}`;
    return !seen.has(key) && seen.add(key);
  });
}
