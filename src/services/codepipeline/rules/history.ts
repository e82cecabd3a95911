import type { ActionExecutionDetail, PipelineDeclaration, RuleExecutionDetail } from '../api.gen.ts';
import type { PipelineEvent } from './events.ts';
import { maskSecrets } from './secret-values.ts';
import { ruleDetail } from './rule-detail.ts';
import { declarationOf, inFlight, runsOf, type ActionRun, type Execution, type ExecutionStatus, type PipelineState } from './state.ts';

/** An execution as history keeps it: the aggregate's own record, with what was decided of it last. */
export interface ExecutionRecord extends Omit<Execution, 'passage' | 'marks'> {
  /** Absent in what an older program wrote. */
  readonly marks?: Execution['marks'];
  readonly updatedAt: number;
  readonly mode: string;
  readonly pipelineType: string;
  readonly supersededBy?: string;
  /** Why it failed, where no action says so. */
  readonly reason?: string;
}

/** What one step changed in the history: last word wins. */
export interface Changed {
  readonly executions: ReadonlyMap<string, ExecutionRecord>;
  readonly actions: ReadonlyMap<string, ActionExecutionDetail>;
  readonly rules: ReadonlyMap<string, RuleExecutionDetail>;
}

const FINAL: Partial<Record<PipelineEvent['type'], ExecutionStatus>> = {
  executionSucceeded: 'Succeeded',
  executionFailed: 'Failed',
  executionStopped: 'Stopped',
  executionSuperseded: 'Superseded',
};

/** One event with the states on both sides of it. */
export interface Transition {
  readonly event: PipelineEvent;
  readonly before: PipelineState;
  readonly after: PipelineState;
}

/** The executions and actions that a step touched, as history is to show them now. */
export function changedHistory(transitions: readonly Transition[], now: number): Changed {
  const executions = new Map<string, ExecutionRecord>();
  const actions = new Map<string, ActionExecutionDetail>();
  const rules = new Map<string, RuleExecutionDetail>();
  for (const { event, before, after } of transitions) {
    if (!('executionId' in event)) continue;
    const execution = after.executions[event.executionId] ?? before.executions[event.executionId];
    if (!execution) continue;
    const declaration = declarationOf(before.declarations[execution.version] ? before : after, execution.version);
    if (touchesExecution(event)) executions.set(execution.id, executionRecord(execution, declaration, event, now));
    const run = touchedRun(event, after);
    if (run && 'stage' in event) actions.set(run.id, actionDetail(run, event.stage, execution, declaration));
    if ('condition' in event) {
      for (const rule of Object.values(after.executions[execution.id]?.passage.conditions[event.condition]?.rules ?? {}))
        rules.set(rule.id, ruleDetail(rule, { stage: event.stage, condition: event.condition, execution, declaration }));
    }
  }
  return { executions, actions, rules };
}

/** Actions come and go without changing what history says of their execution, but for the revision a source took. */
function touchesExecution(event: PipelineEvent): boolean {
  if (event.type === 'actionSucceeded') return event.revision !== undefined || Object.keys(event.variables).length > 0;
  return !('action' in event) && !('condition' in event && event.type !== 'conditionOverridden') && event.type !== 'actionStarted';
}

function executionRecord(execution: Execution, declaration: PipelineDeclaration, event: PipelineEvent, now: number): ExecutionRecord {
  const { passage: _, ...kept } = execution;
  return {
    ...kept,
    status: FINAL[event.type] ?? execution.status,
    updatedAt: now,
    mode: declaration.executionMode ?? 'SUPERSEDED',
    pipelineType: declaration.pipelineType ?? 'V1',
    ...(event.type === 'executionSuperseded' && { supersededBy: event.by }),
    ...(event.type === 'executionFailed' && event.reason !== undefined && { reason: event.reason }),
  };
}

function touchedRun(event: PipelineEvent, after: PipelineState): ActionRun | undefined {
  if (!('action' in event) || event.type === 'actionProgressed') return undefined;
  return after.executions[event.executionId]?.passage.runs[event.action];
}

/** The actions that run now: history keeps what is over, the aggregate knows the rest. */
export function runningActions(state: PipelineState): readonly ActionExecutionDetail[] {
  return inFlight(state).flatMap((execution) =>
    runsOf(execution)
      .filter((run) => run.status === 'InProgress')
      .map((run) => actionDetail(run, execution.stage, execution, declarationOf(state, execution.version))),
  );
}

/** An action's run as ListActionExecutions shows it. */
export function actionDetail(
  run: ActionRun,
  stageName: string,
  execution: Execution,
  declaration: PipelineDeclaration,
): ActionExecutionDetail {
  const stage = declaration.stages.find((candidate) => candidate.name === stageName);
  const action = stage?.actions.find((candidate) => candidate.name === run.action);
  const artifacts = (list: ActionRun['inputs']) => list.map(({ name, bucket, key }) => ({ name, s3location: { bucket, key } }));
  const summary = run.error?.message ?? run.summary ?? run.revision?.summary;
  const updatedBy = run.changedBy;
  return {
    pipelineExecutionId: execution.id,
    actionExecutionId: run.id,
    pipelineVersion: execution.version,
    stageName,
    actionName: run.action,
    startTime: run.startedAt,
    lastUpdateTime: run.changedAt,
    ...(updatedBy !== undefined && { updatedBy }),
    status: run.status,
    input: {
      ...(action && { actionTypeId: action.actionTypeId, configuration: maskSecrets(action.configuration ?? {}), region: action.region }),
      resolvedConfiguration: maskSecrets(run.configuration),
      ...(action?.roleArn !== undefined && { roleArn: action.roleArn }),
      ...(action?.namespace !== undefined && { namespace: action.namespace }),
      inputArtifacts: artifacts(run.inputs),
    },
    output: {
      outputArtifacts: run.status === 'Succeeded' ? artifacts(run.outputs) : [],
      executionResult: {
        // In PARALLEL mode this is where an approval's token is found: https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PutApprovalResult.html
        ...(run.token !== undefined && { externalExecutionId: run.token }),
        ...(run.ref && { externalExecutionId: run.token ?? run.ref.id, externalExecutionUrl: run.ref.url }),
        ...(summary !== undefined && { externalExecutionSummary: summary }),
        ...(run.error && { errorDetails: run.error }),
      },
      outputVariables: run.variables ?? {},
    },
  };
}
