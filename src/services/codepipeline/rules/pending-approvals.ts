import { inFlight, modeOf, runsOf, type ActionRun, type Execution, type PipelineState } from './state.ts';

/** An approval that waits for somebody. */
export interface PendingApproval {
  readonly execution: Execution;
  readonly run: ActionRun;
  readonly mode: ReturnType<typeof modeOf>;
  /** What else runs in the stage beside it. */
  readonly others: readonly string[];
  /** The newest execution that waits to be let into the stage, with its time of arrival; none in PARALLEL mode. */
  readonly newest?: { readonly execution: Execution; readonly since: number; readonly transitionEnabled: boolean };
}

export interface ApprovalFilter {
  readonly stage?: string | undefined;
  readonly action?: string | undefined;
  readonly executionId?: string | undefined;
}

/** The approvals that wait in a pipeline, in the order in which their executions started. */
export function pendingApprovals(state: PipelineState, { stage, action, executionId }: ApprovalFilter): readonly PendingApproval[] {
  const fits = (wanted: string | undefined, is: string) => wanted === undefined || wanted === is;
  return inFlight(state)
    .filter((execution) => execution.phase === 'running' && fits(stage, execution.stage) && fits(executionId, execution.id))
    .flatMap((execution) =>
      runsOf(execution)
        .filter((run) => run.status === 'InProgress' && run.token !== undefined && fits(action, run.action))
        .map((run) => pending(state, execution, run)),
    );
}

function pending(state: PipelineState, execution: Execution, run: ActionRun): PendingApproval {
  const mode = modeOf(state, execution);
  const others = runsOf(execution).filter((other) => other.status === 'InProgress' && other.token === undefined);
  const newest = mode === 'PARALLEL' ? undefined : newestInbound(state, execution.stage);
  return { execution, run, mode, others: others.map(({ action }) => action), ...(newest && { newest }) };
}

function newestInbound(state: PipelineState, stage: string): PendingApproval['newest'] {
  const waiting = inFlight(state).filter(
    (execution) => execution.phase === 'waiting' && execution.stage === stage && execution.status === 'InProgress' && !execution.only,
  );
  const execution = waiting.at(-1);
  if (!execution) return undefined;
  const since = execution.marks.at(-1)?.arrived ?? execution.startedAt;
  return { execution, since, transitionEnabled: state.stages[stage]?.inbound?.enabled !== false };
}
