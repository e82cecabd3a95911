import type { Fact } from './fact.ts';
import type { ExecutionRecord } from './history.ts';
import type { Trigger } from './state.ts';

/** The action that failed an execution, with its error. */
export interface Failure {
  readonly stage: string;
  readonly action: string;
  readonly code: string;
  readonly message: string;
}

/** What something that could have started the pipeline led to, and why. */
export interface TriggerSeen {
  readonly at: number;
  /** The source action, or the webhook. */
  readonly source: string;
  readonly event: string;
  readonly verdict: 'STARTED' | 'FILTERED' | 'IGNORED' | 'FAILED';
  readonly reason: string;
  readonly executionId?: string;
}

/** What happened to the executions, and what started nothing, newest first. `failures` are by execution. */
export function explainPast(
  records: readonly ExecutionRecord[],
  failures: ReadonlyMap<string, Failure>,
  triggers: readonly TriggerSeen[] = [],
): readonly Fact[] {
  const starts = new Map(triggers.map((trigger) => [trigger.executionId, trigger]));
  const told = new Set(records.map(({ id }) => id));
  const oldest = records.at(-1)?.startedAt ?? 0;
  const seen = triggers.filter(({ at, executionId }) => at >= oldest && !told.has(executionId ?? '')).map(triggerFact);
  return records
    .flatMap((record) => [...ended(record, failures.get(record.id)), ...skipped(record), started(record, starts.get(record.id))])
    .concat(seen)
    .toSorted((a, b) => (b.at ?? 0) - (a.at ?? 0));
}

const VERDICTS = {
  STARTED: 'started an execution',
  FILTERED: 'was filtered out',
  IGNORED: 'was ignored',
  FAILED: 'could not be followed',
} as const;

function triggerFact({ at, source, event, verdict, reason, executionId }: TriggerSeen): Fact {
  const text = `${source}: ${event} ${VERDICTS[verdict]}: ${reason}.`;
  const of = executionId !== undefined && { pipelineExecutionId: executionId };
  return { kind: 'TRIGGER_SEEN', time: 'PAST', at, actionName: source, triggerDetail: event, verdict, reason, text, ...of };
}

function started(
  { id, trigger, startedAt, revisions, overrides, rollbackOf, stage }: ExecutionRecord,
  seen: TriggerSeen | undefined,
): Fact {
  const revisionId = overrides[0]?.revision ?? Object.values(revisions)[0]?.revisionId;
  const told = { pipelineExecutionId: id, at: startedAt, triggerType: trigger.type, triggerDetail: trigger.detail };
  const why = seen ? `${seen.reason} (${seen.source}: ${seen.event})` : because(trigger);
  const on = revisionId === undefined || why.includes(revisionId) ? '' : `, on the revision ${revisionId}`;
  const text =
    rollbackOf === undefined
      ? `The execution ${id} began: ${why}${on}.`
      : `The execution ${id} began, to roll the stage ${stage} back to the execution ${rollbackOf}: ${because(trigger)}.`;
  return {
    kind: 'EXECUTION_STARTED',
    time: 'PAST',
    ...told,
    text,
    ...(revisionId !== undefined && { revisionId }),
    ...(seen && { verdict: seen.verdict, reason: seen.reason }),
    ...(rollbackOf !== undefined && { otherExecutionId: rollbackOf }),
  };
}

function because({ type, detail }: Trigger): string {
  switch (type) {
    case 'CreatePipeline':
      return `${detail} created the pipeline`;
    case 'StartPipelineExecution':
      return detail.startsWith('arn:') ? `${detail} started it` : detail;
    case 'PollForSourceChanges':
      return `the source action ${detail} had a new revision`;
    case 'Webhook':
    case 'WebhookV2':
      return `a webhook was called (${detail})`;
    case 'CloudWatchEvent':
      return `the EventBridge rule ${detail} started it`;
    case 'PutActionRevision':
      return `${detail} announced a new revision`;
    case 'ManualRollback':
      return `${detail} asked for it`;
    case 'AutomatedRollback':
      return `the execution ${detail} had failed in it`;
  }
}

function ended(record: ExecutionRecord, failure: Failure | undefined): readonly Fact[] {
  const { id, status, updatedAt: at, stage, supersededBy, stop } = record;
  const base = { time: 'PAST', at, pipelineExecutionId: id } as const;
  switch (status) {
    case 'Succeeded':
      return [{ ...base, kind: 'EXECUTION_SUCCEEDED', text: `The execution ${id} succeeded.` }];
    case 'Failed':
      return [failed(record, failure)];
    case 'Stopped': {
      const why = stop?.reason ? `: ${stop.reason}` : '';
      const because = stop?.reason ? { reason: stop.reason } : {};
      return [
        {
          ...base,
          ...because,
          kind: 'EXECUTION_STOPPED',
          stageName: stage,
          text: `The execution ${id} was stopped at the stage ${stage}${why}.`,
        },
      ];
    }
    case 'Superseded': {
      const text = `The execution ${id} was superseded at the entrance of the stage ${stage} by the newer execution ${supersededBy}.`;
      return [
        {
          ...base,
          kind: 'EXECUTION_SUPERSEDED',
          stageName: stage,
          text,
          ...(supersededBy !== undefined && { otherExecutionId: supersededBy }),
        },
      ];
    }
    case 'InProgress':
    case 'Stopping':
      return [];
  }
}

function failed({ id, updatedAt: at, stage, reason }: ExecutionRecord, failure: Failure | undefined): Fact {
  const base = { kind: 'EXECUTION_FAILED', time: 'PAST', at, pipelineExecutionId: id } as const;
  if (!failure || reason !== undefined) {
    const why = reason === undefined ? '' : `: ${reason}`;
    return {
      ...base,
      stageName: stage,
      text: `The execution ${id} failed in the stage ${stage}${why}`,
      ...(reason !== undefined && { reason }),
    };
  }
  const { action, code, message } = failure;
  const place = { stageName: failure.stage, actionName: action };
  const text = `The execution ${id} failed because the action ${failure.stage}/${action} failed (${code}): ${message}`;
  return { ...base, ...place, errorCode: code, errorMessage: message, text };
}

function skipped({ id, marks = [] }: ExecutionRecord): readonly Fact[] {
  return marks
    .filter(({ status }) => status === 'Skipped')
    .map(({ stage, ended: at = 0 }) => {
      const text = `The execution ${id} skipped the stage ${stage}: its entry condition did not hold.`;
      return { kind: 'STAGE_SKIPPED', time: 'PAST', at, pipelineExecutionId: id, stageName: stage, text };
    });
}
