import { decodePageToken, encodePageToken } from '../../../protocol/page-token.ts';
import { errors, type ActionExecutionDetail, type Api, type PipelineExecution, type PipelineExecutionSummary } from '../api.gen.ts';
import type { ExecutionRecord } from '../rules/history.ts';
import { sql } from '../tables.ts';
import { pipelineState, type OperationTools } from './tools.ts';

type Operations = Pick<Api, 'getPipelineExecution' | 'listPipelineExecutions' | 'listActionExecutions'>;

/** Above every id: where a listing of the newest begins. */
const NEWEST = '~';
const invalidToken = () => errors.InvalidNextTokenException('The next token is not valid.');

function summaryOf(record: ExecutionRecord): string | undefined {
  if (record.supersededBy !== undefined) return `Superseded by ${record.supersededBy}`;
  return record.stop?.reason;
}

function execution(record: ExecutionRecord, pipelineName: string): PipelineExecution {
  const statusSummary = summaryOf(record);
  return {
    pipelineName,
    pipelineVersion: record.version,
    pipelineExecutionId: record.id,
    status: record.status,
    ...(statusSummary !== undefined && { statusSummary }),
    artifactRevisions: Object.entries(record.revisions).map(([action, { artifact, revisionId, summary, url }]) => ({
      name: artifact ?? action,
      revisionId,
      ...(summary !== undefined && { revisionSummary: summary }),
      ...(url !== undefined && { revisionUrl: url }),
    })),
    variables: Object.entries(record.variables).map(([name, resolvedValue]) => ({ name, resolvedValue })),
    trigger: { triggerType: record.trigger.type, triggerDetail: record.trigger.detail },
    executionMode: record.mode as PipelineExecution['executionMode'],
    executionType: 'STANDARD',
  };
}

function summary(record: ExecutionRecord): PipelineExecutionSummary {
  const statusSummary = summaryOf(record);
  return {
    pipelineExecutionId: record.id,
    status: record.status,
    ...(statusSummary !== undefined && { statusSummary }),
    startTime: record.startedAt,
    lastUpdateTime: record.updatedAt,
    sourceRevisions: Object.entries(record.revisions).map(([actionName, revision]) => ({
      actionName,
      revisionId: revision.revisionId,
      ...(revision.summary !== undefined && { revisionSummary: revision.summary }),
      ...(revision.url !== undefined && { revisionUrl: revision.url }),
    })),
    trigger: { triggerType: record.trigger.type, triggerDetail: record.trigger.detail },
    ...(record.stop && { stopTrigger: { reason: record.stop.reason } }),
    executionMode: record.mode as PipelineExecutionSummary['executionMode'],
    executionType: 'STANDARD',
  };
}

export function historyOperations(tools: OperationTools): Operations {
  return {
    async getPipelineExecution({ pipelineName, pipelineExecutionId }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      const row = await tools.db.get<{ data: string }>(sql.execution, ctx.account, ctx.region, pipelineName, pipelineExecutionId);
      if (!row) {
        throw errors.PipelineExecutionNotFoundException(`Pipeline '${pipelineName}' has no execution with id '${pipelineExecutionId}'`);
      }
      return { pipelineExecution: execution(JSON.parse(row.data) as ExecutionRecord, pipelineName) };
    },

    async listPipelineExecutions({ pipelineName, maxResults = 100, filter, nextToken }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      if (filter) throw errors.ValidationException('Pipewright does not filter executions by stage yet; see docs/differences-from-aws.md.');
      const scope = `executions/${pipelineName}`;
      const before = String(decodePageToken(scope, nextToken, invalidToken) ?? NEWEST);
      const rows = await tools.db.all<{ data: string }>(
        sql.executionsBefore,
        ctx.account,
        ctx.region,
        pipelineName,
        before,
        maxResults + 1,
      );
      const records = rows.slice(0, maxResults).map((row) => JSON.parse(row.data) as ExecutionRecord);
      const more = rows.length > maxResults && { nextToken: encodePageToken(scope, records.at(-1)!.id) };
      return { pipelineExecutionSummaries: records.map(summary), ...more };
    },

    async listActionExecutions({ pipelineName, filter, maxResults = 100, nextToken }, ctx) {
      await pipelineState(tools, ctx, pipelineName);
      const of = filter?.pipelineExecutionId ?? filter?.latestInPipelineExecution?.pipelineExecutionId;
      const scope = `actions/${pipelineName}/${of ?? ''}`;
      const before = String(decodePageToken(scope, nextToken, invalidToken) ?? NEWEST);
      const key = [ctx.account, ctx.region, pipelineName] as const;
      type Row = { id: string; data: string };
      const rows =
        of === undefined
          ? await tools.db.all<Row>(sql.actionsBefore, ...key, before, maxResults + 1)
          : await tools.db.all<Row>(sql.actionsOfExecution, ...key, of, before, maxResults + 1);
      const page = rows.slice(0, maxResults);
      const details = page.map((row) => JSON.parse(row.data) as ActionExecutionDetail);
      const more = rows.length > maxResults && { nextToken: encodePageToken(scope, page.at(-1)!.id) };
      return { actionExecutionDetails: filter?.latestInPipelineExecution ? latestOnly(details) : details, ...more };
    },
  };
}

/** Newest first, so the first of each stage and action is the latest attempt. */
function latestOnly(details: readonly ActionExecutionDetail[]): ActionExecutionDetail[] {
  const seen = new Set<string>();
  return details.filter(({ stageName, actionName }) => {
    const key = `${stageName}/${actionName}`;
    return !seen.has(key) && seen.add(key);
  });
}
