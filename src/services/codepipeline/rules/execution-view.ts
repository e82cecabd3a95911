import type { PipelineExecution, PipelineExecutionSummary } from '../api.gen.ts';
import type { ExecutionRecord } from './history.ts';

function summaryOf(record: ExecutionRecord): string | undefined {
  if (record.supersededBy !== undefined) return `Superseded by ${record.supersededBy}`;
  return record.reason ?? record.stop?.reason;
}

/** GetPipelineExecution. */
export function executionView(record: ExecutionRecord, pipelineName: string): PipelineExecution {
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
    ...executionType(record),
  };
}

/** A line of ListPipelineExecutions. */
export function executionSummary(record: ExecutionRecord): PipelineExecutionSummary {
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
    ...executionType(record),
  };
}

function executionType({ rollbackOf }: ExecutionRecord) {
  if (rollbackOf === undefined) return { executionType: 'STANDARD' } as const;
  return { executionType: 'ROLLBACK', rollbackMetadata: { rollbackTargetPipelineExecutionId: rollbackOf } } as const;
}
