import type {
  ActionExecutionDetail,
  ActionState,
  GetPipelineStateOutput,
  PipelineExecution,
  StageConditionState,
  StageState,
} from '../services/codepipeline/api.gen.ts';

/** An approval that somebody has to give. */
export interface Approval {
  readonly stageName: string;
  readonly actionName: string;
  readonly token: string;
  /** What the pipeline's author wants said to the reviewer. */
  readonly message: string;
}

export interface ActionView {
  readonly stage: string;
  readonly name: string;
  /** AWS's word, or `Waiting` where it has not begun. */
  readonly status: string;
  /** Epoch ms; absent where it has not begun. */
  readonly from?: number;
  /** Epoch ms; absent while it runs. */
  readonly to?: number;
  readonly note: string;
  readonly approval?: Approval;
  readonly buildId?: string;
}

/** A condition of a stage: `before entry`, `on success`, `on failure`. */
export interface ConditionView {
  readonly stage: string;
  readonly name: string;
  readonly status: string;
  /** The rules that are looked at, or why it does not hold. */
  readonly note: string;
}

export interface StageView {
  readonly name: string;
  readonly status: string;
  /** Why an execution does not get in; that it was skipped, or retried. */
  readonly note: string;
  readonly conditions: readonly ConditionView[];
  readonly actions: readonly ActionView[];
}

/** How one execution of a pipeline stands. */
export interface Snapshot {
  readonly pipeline: string;
  readonly executionId: string;
  readonly status: string;
  readonly over: boolean;
  /** Why it ended, where somebody said so. */
  readonly reason: string;
  /** The execution whose stage this one rolls back to. */
  readonly rollbackOf?: string;
  readonly revisions: readonly { readonly id: string; readonly summary: string }[];
  readonly stages: readonly StageView[];
}

/** What the API says of an execution; details newest first, as it answers them. */
export interface Answers {
  readonly execution: PipelineExecution;
  readonly details: readonly ActionExecutionDetail[];
  readonly state: GetPipelineStateOutput;
  /** The phase each running build is in. */
  readonly phases: ReadonlyMap<string, string>;
}

const OVER: ReadonlySet<string> = new Set(['Succeeded', 'Failed', 'Stopped', 'Superseded', 'Cancelled']);

function firstLine(text: string | undefined): string {
  return (text ?? '').trim().split('\n', 1)[0] ?? '';
}

export function snapshotOf(answers: Answers): Snapshot {
  const { execution, state } = answers;
  const { pipelineName = '', pipelineExecutionId: executionId = '', status = 'InProgress' } = execution;
  const target = execution.rollbackMetadata?.rollbackTargetPipelineExecutionId;
  return {
    pipeline: pipelineName,
    executionId,
    status,
    over: OVER.has(status),
    reason: firstLine(execution.statusSummary),
    revisions: (execution.artifactRevisions ?? []).map(({ revisionId = '', revisionSummary }) => ({
      id: shortRevision(revisionId),
      summary: firstLine(revisionSummary),
    })),
    ...(target !== undefined && { rollbackOf: target }),
    stages: withSkipped((state.stageStates ?? []).map((stage) => stageView(stage, executionId, answers))),
  };
}

/** Another execution may have a stage now that ours has skipped: what lies between stages that it came to, it passed by. */
function withSkipped(stages: readonly StageView[]): readonly StageView[] {
  const begun = stages.map(({ status }) => status !== 'Waiting');
  const [first, last] = [begun.indexOf(true), begun.lastIndexOf(true)];
  return stages.map((stage, index) => (!begun[index] && index > first && index < last ? { ...stage, status: 'Skipped' } : stage));
}

/** Commits by their first digits, as git shows them. */
export function shortRevision(id: string): string {
  return /^[0-9a-f]{40}$/.test(id) ? id.slice(0, 8) : id;
}

function stageView(stage: StageState, executionId: string, answers: Answers): StageView {
  const name = stage.stageName ?? '';
  const mine = stage.latestExecution?.pipelineExecutionId === executionId;
  const actions = (stage.actionStates ?? []).map((action) => actionView(name, action, mine, answers));
  const status = mine ? (stage.latestExecution?.status ?? 'Waiting') : earlierStatus(actions);
  const notes = [inbound(stage, executionId), ...(mine ? [retries(stage)] : [])].filter((note) => note !== '');
  return { name, status, note: notes.join('; '), conditions: mine ? conditionsOf(stage) : [], actions };
}

function retries({ retryStageMetadata: told }: StageState): string {
  const { autoStageRetryAttempt: auto = 0, manualStageRetryAttempt: manual = 0 } = told ?? {};
  const times = (count: number, how: string) => (count === 0 ? [] : [`retried ${how}${count === 1 ? '' : ` ${count} times`}`]);
  return [...times(auto, 'by itself'), ...times(manual, 'by hand')].join(', ');
}

function conditionsOf(stage: StageState): readonly ConditionView[] {
  const of = (name: string, state: StageConditionState | undefined) =>
    state?.latestExecution ? [conditionView(stage.stageName ?? '', name, state)] : [];
  return [
    ...of('before entry', stage.beforeEntryConditionState),
    ...of('on success', stage.onSuccessConditionState),
    ...of('on failure', stage.onFailureConditionState),
  ];
}

function conditionView(stage: string, name: string, { latestExecution, conditionStates = [] }: StageConditionState): ConditionView {
  const { status = 'InProgress', summary } = latestExecution ?? {};
  const rules = conditionStates.flatMap(({ ruleStates = [] }) => ruleStates);
  const open = rules.filter((rule) => rule.latestExecution?.status === 'InProgress').map(({ ruleName = '' }) => ruleName);
  return { stage, name, status, note: firstLine(summary) || (status === 'InProgress' ? open.join(', ') : '') };
}

/** Another execution has the stage now: ours went through it before, or has not come so far. */
function earlierStatus(actions: readonly ActionView[]): string {
  const statuses = new Set(actions.map((action) => action.status));
  if (statuses.size === 1) return [...statuses][0]!;
  return ['Failed', 'Abandoned', 'Stopped', 'InProgress'].find((status) => statuses.has(status)) ?? 'Waiting';
}

function inbound(stage: StageState, executionId: string): string {
  const place = (stage.inboundExecutions ?? []).findIndex(({ pipelineExecutionId }) => pipelineExecutionId === executionId);
  if (place === -1) return '';
  const { enabled = true, disabledReason = '' } = stage.inboundTransitionState ?? {};
  if (enabled && place > 0) return `waits behind ${place} ${place === 1 ? 'other' : 'others'} for the stage`;
  if (enabled) return 'waits until the execution before it has left the stage';
  return `the transition into this stage is disabled${disabledReason && `: ${firstLine(disabledReason)}`}`;
}

function actionView(stage: string, action: ActionState, mine: boolean, { details, phases }: Answers): ActionView {
  const name = action.actionName ?? '';
  const detail = details.find((candidate) => candidate.stageName === stage && candidate.actionName === name);
  if (!detail) return { stage, name, status: 'Waiting', note: '' };
  const { status = 'InProgress', startTime: from = 0, lastUpdateTime: to = from, input, output } = detail;
  const running = status === 'InProgress';
  const approval = running ? approvalOf(stage, action, mine, detail) : undefined;
  const external = output?.executionResult?.externalExecutionId;
  const buildId = input?.actionTypeId?.provider === 'CodeBuild' ? external : undefined;
  const latest = mine ? action.latestExecution : undefined;
  const said = firstLine(output?.executionResult?.errorDetails?.message ?? latest?.errorDetails?.message ?? latest?.summary);
  return {
    stage,
    name,
    status,
    from,
    ...(!running && { to }),
    note: approval?.message ?? (running && buildId !== undefined ? (phases.get(buildId) ?? '') : said),
    ...(approval && { approval }),
    ...(buildId !== undefined && { buildId }),
  };
}

/** In PARALLEL mode the state shows one execution's token, the history that of each. */
function approvalOf(stageName: string, action: ActionState, mine: boolean, detail: ActionExecutionDetail): Approval | undefined {
  const isApproval = detail.input?.actionTypeId?.category === 'Approval';
  const told = isApproval ? detail.output?.executionResult?.externalExecutionId : undefined;
  const token = told ?? (mine ? action.latestExecution?.token : undefined);
  if (token === undefined) return undefined;
  const message = firstLine(detail.input?.resolvedConfiguration?.CustomData ?? detail.input?.configuration?.CustomData);
  return { stageName, actionName: action.actionName ?? '', token, message };
}

export function actionsOf(snapshot: Snapshot): readonly ActionView[] {
  return snapshot.stages.flatMap((stage) => stage.actions);
}

export function approvalIn(snapshot: Snapshot): Approval | undefined {
  return actionsOf(snapshot).find((action) => action.approval)?.approval;
}
