import type { CallContext } from '../../src/protocol/context.ts';
import type {
  ActionState,
  Api,
  PipelineExecutionSummary,
  StageConditionState,
  StageState,
} from '../../src/services/codepipeline/api.gen.ts';

/** How a pipeline stands, in the words of its API: executions first, then stages; nothing where it no longer exists. */
export async function standing(
  service: Partial<Api>,
  name: string,
  context: CallContext,
  numbers: ReadonlyMap<string, number>,
): Promise<readonly string[]> {
  const { pipelines } = await service.listPipelines!({}, context);
  if (!pipelines?.length) return [];
  const known = (id: string | undefined) => (id === undefined ? '' : `#${numbers.get(id) ?? '?'}`);
  const { pipelineExecutionSummaries = [] } = await service.listPipelineExecutions!({ pipelineName: name }, context);
  const executions = pipelineExecutionSummaries.map((execution) => executionLine(execution, known));
  const { stageStates = [] } = await service.getPipelineState!({ name }, context);
  return [...executions.toSorted(), ...stageStates.map((stage) => stageLine(stage, known))];
}

type Known = (id: string | undefined) => string;

/** Texts name executions by their ids. */
export function numbered(text: string, known: Known): string {
  return text.replaceAll(/[0-9a-f]{8}-[0-9a-f-]{27}/g, (id) => known(id));
}

function executionLine(execution: PipelineExecutionSummary, known: Known): string {
  const { pipelineExecutionId, status, statusSummary, rollbackMetadata, sourceRevisions = [], trigger, executionMode } = execution;
  const target = rollbackMetadata?.rollbackTargetPipelineExecutionId;
  const revisions = sourceRevisions.map(({ actionName, revisionId }) => `${actionName} ${revisionId}`).toSorted();
  return [
    `${known(pipelineExecutionId)} ${status}`,
    target !== undefined && `rolls back to ${known(target)}`,
    revisions.length > 0 && `of ${revisions.join(', ')}`,
    trigger?.triggerType !== 'StartPipelineExecution' && `by ${trigger?.triggerType}`,
    executionMode !== 'SUPERSEDED' && `in ${executionMode} mode`,
    statusSummary !== undefined && `(${numbered(statusSummary, known)})`,
  ]
    .filter(Boolean)
    .join(' ');
}

function actionPart({ actionName, latestExecution: run }: ActionState, known: Known): string {
  const said = run?.status === 'Succeeded' && run.summary !== 'dummy' ? ` (${numbered(run.summary ?? '', known)})` : '';
  return `${actionName} ${run?.status ?? "didn't run"}${said}`;
}

function stageLine(stage: StageState, known: Known): string {
  const { latestExecution, inboundExecutions = [], inboundTransitionState, actionStates = [], retryStageMetadata: retries } = stage;
  const parts = [
    latestExecution ? `${known(latestExecution.pipelineExecutionId)} ${latestExecution.status}` : 'empty',
    actionStates.map((state) => actionPart(state, known)).join(', '),
    conditionPart('before entry', stage.beforeEntryConditionState),
    conditionPart('on success', stage.onSuccessConditionState),
    conditionPart('on failure', stage.onFailureConditionState),
    retries && `retried ${retries.autoStageRetryAttempt ?? 0} by itself, ${retries.manualStageRetryAttempt ?? 0} by hand`,
    inboundExecutions.length > 0 && `inbound ${inboundExecutions.map(({ pipelineExecutionId }) => known(pipelineExecutionId)).join(', ')}`,
    inboundTransitionState?.enabled === false && `entrance disabled (${inboundTransitionState.disabledReason})`,
  ];
  return `stage ${stage.stageName}: ${parts.filter(Boolean).join('; ')}`;
}

function conditionPart(name: string, state: StageConditionState | undefined): string | undefined {
  if (!state) return undefined;
  const rules = (state.conditionStates ?? []).flatMap(({ ruleStates = [] }) => ruleStates);
  return `${name} ${state.latestExecution?.status} [${rules.map(({ ruleName, latestExecution }) => `${ruleName} ${latestExecution?.status}`).join(', ')}]`;
}
