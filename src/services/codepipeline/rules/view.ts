import type {
  ActionState,
  GetPipelineStateOutput,
  RuleState,
  StageConditionState,
  StageExecution,
  StageState as StageView,
} from '../api.gen.ts';
import {
  declarationOf,
  inFlight,
  type ActionRun,
  type ConditionRun,
  type Execution,
  type Occupant,
  type PipelineState,
  type Retries,
  type RuleRun,
  type StageState,
} from './state.ts';

/** GetPipelineState: how the pipeline stands now, stage by stage. */
export function pipelineView(state: PipelineState): GetPipelineStateOutput {
  return {
    pipelineName: state.name,
    pipelineVersion: state.version,
    stageStates: declarationOf(state).stages.map((stage) =>
      stageView(
        state,
        stage.name,
        stage.actions.map((action) => action.name),
      ),
    ),
    created: state.createdAt,
    updated: state.updatedAt,
  };
}

function stageView(state: PipelineState, name: string, actions: readonly string[]): StageView {
  const stage = state.stages[name];
  const waiting = inFlight(state).filter((execution) => execution.phase === 'waiting' && execution.stage === name);
  const inbound = waiting.at(-1);
  const latest = stage?.latest;
  return {
    stageName: name,
    ...(inbound && { inboundExecution: inboundView(inbound) }),
    inboundExecutions: waiting.map(inboundView),
    inboundTransitionState: transitionView(stage),
    actionStates: actions.map((action) => actionView(action, stage?.runs[action])),
    ...(latest && {
      latestExecution: {
        pipelineExecutionId: latest.executionId,
        status: stageStatus(state, latest),
        type: latest.rollback ? 'ROLLBACK' : 'STANDARD',
      },
      ...conditionStates(latest),
      ...(latest.retries && { retryStageMetadata: retriesView(latest.retries) }),
    }),
  };
}

function inboundView({ id, status, rollbackOf }: Execution): StageExecution {
  const stopping = status === 'Stopping' ? 'Stopping' : 'InProgress';
  return { pipelineExecutionId: id, status: stopping, type: rollbackOf === undefined ? 'STANDARD' : 'ROLLBACK' };
}

function retriesView({ auto, manual, latest }: Retries): NonNullable<StageView['retryStageMetadata']> {
  return {
    ...(auto !== undefined && { autoStageRetryAttempt: auto }),
    ...(manual !== undefined && { manualStageRetryAttempt: manual }),
    latestRetryTrigger: latest,
  };
}

function conditionStates({ conditions }: Occupant): Partial<StageView> {
  const { BEFORE_ENTRY, ON_SUCCESS, ON_FAILURE } = conditions;
  return {
    ...(BEFORE_ENTRY && { beforeEntryConditionState: conditionView(BEFORE_ENTRY) }),
    ...(ON_SUCCESS && { onSuccessConditionState: conditionView(ON_SUCCESS) }),
    ...(ON_FAILURE && { onFailureConditionState: conditionView(ON_FAILURE) }),
  };
}

/** A stage has one condition of each type, so the condition's state is the type's. */
function conditionView({ status, summary, changedAt, rules }: ConditionRun): StageConditionState {
  const said = summary !== undefined && { summary };
  return {
    latestExecution: { status, ...said },
    conditionStates: [
      { latestExecution: { status, ...said, lastStatusChange: changedAt }, ruleStates: Object.values(rules).map(ruleView) },
    ],
  };
}

function ruleView({ id, rule, status, changedAt, summary, ref, error }: RuleRun): RuleState {
  return {
    ruleName: rule,
    latestExecution: {
      ruleExecutionId: id,
      status,
      lastStatusChange: changedAt,
      ...(summary !== undefined && { summary }),
      ...(ref && { externalExecutionId: ref.id, externalExecutionUrl: ref.url }),
      ...(error && { errorDetails: error }),
    },
  };
}

function stageStatus(state: PipelineState, latest: NonNullable<StageState['latest']>) {
  const stopping = latest.status === 'InProgress' && state.executions[latest.executionId]?.status === 'Stopping';
  return stopping ? 'Stopping' : latest.status;
}

function transitionView(stage: StageState | undefined): StageView['inboundTransitionState'] {
  const inbound = stage?.inbound;
  if (!inbound) return { enabled: true };
  const { enabled, by, at, reason } = inbound;
  return { enabled, lastChangedBy: by, lastChangedAt: at, ...(!enabled && reason !== undefined && { disabledReason: reason }) };
}

function actionView(actionName: string, run: ActionRun | undefined): ActionState {
  if (!run) return { actionName };
  const { revision, ref, error, token, changedBy, percent } = run;
  const summary = run.summary ?? revision?.summary;
  return {
    actionName,
    ...(revision && {
      currentRevision: { revisionId: revision.revisionId, revisionChangeId: revision.revisionId, created: run.changedAt },
      ...(revision.url !== undefined && { revisionUrl: revision.url }),
    }),
    latestExecution: {
      actionExecutionId: run.id,
      status: run.status,
      lastStatusChange: run.changedAt,
      ...(summary !== undefined && { summary }),
      ...(token !== undefined && run.status === 'InProgress' && { token }),
      ...(percent !== undefined && run.status === 'InProgress' && { percentComplete: percent }),
      ...(changedBy !== undefined && { lastUpdatedBy: changedBy }),
      ...(ref && { externalExecutionId: ref.id, externalExecutionUrl: ref.url }),
      ...(error && { errorDetails: { code: error.code, message: error.message } }),
    },
  };
}
