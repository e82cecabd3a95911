import type {
  ActionExecutionDetail,
  ActionState,
  GetPipelineStateOutput,
  PipelineExecution,
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

export interface StageView {
  readonly name: string;
  readonly status: string;
  /** Why an execution does not get in. */
  readonly note: string;
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
    stages: (state.stageStates ?? []).map((stage) => stageView(stage, executionId, answers)),
  };
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
  return { name, status, note: inbound(stage, executionId), actions };
}

/** Another execution has the stage now: ours went through it before, or has not come so far. */
function earlierStatus(actions: readonly ActionView[]): string {
  const statuses = new Set(actions.map((action) => action.status));
  if (statuses.size === 1) return [...statuses][0]!;
  return ['Failed', 'Abandoned', 'Stopped', 'InProgress'].find((status) => statuses.has(status)) ?? 'Waiting';
}

function inbound(stage: StageState, executionId: string): string {
  if (!stage.inboundExecutions?.some(({ pipelineExecutionId }) => pipelineExecutionId === executionId)) return '';
  const { enabled = true, disabledReason = '' } = stage.inboundTransitionState ?? {};
  if (enabled) return 'waits until the execution before it has left the stage';
  return `the transition into this stage is disabled${disabledReason && `: ${firstLine(disabledReason)}`}`;
}

function actionView(stage: string, action: ActionState, mine: boolean, { details, phases }: Answers): ActionView {
  const name = action.actionName ?? '';
  const detail = details.find((candidate) => candidate.stageName === stage && candidate.actionName === name);
  if (!detail) return { stage, name, status: 'Waiting', note: '' };
  const { status = 'InProgress', startTime: from = 0, lastUpdateTime: to = from, input, output } = detail;
  const running = status === 'InProgress';
  const approval = mine && running ? approvalOf(stage, action, detail) : undefined;
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

function approvalOf(stageName: string, action: ActionState, detail: ActionExecutionDetail): Approval | undefined {
  const token = action.latestExecution?.token;
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
