import type { PipelineEvent } from './events.ts';
import {
  declarationOf,
  modeOf,
  type ActionRun,
  type Carried,
  type ConditionRun,
  type Execution,
  type Occupant,
  type Passage,
  type PipelineState,
  type RuleRun,
  type StageMark,
  type StageState,
  type StageStatus,
} from './state.ts';

type Of<T extends PipelineEvent['type']> = Extract<PipelineEvent, { type: T }>;

/** Executions in PARALLEL mode that ended in a stage and are kept for a retry; of the others each stage keeps one. */
const MOST_ENDED = 100;

export const FRESH: Passage = { runs: {}, conditions: {} };

export function withExecution(state: PipelineState, id: string, change: Partial<Execution>): PipelineState {
  const execution = state.executions[id];
  return execution ? { ...state, executions: { ...state.executions, [id]: { ...execution, ...change } } } : state;
}

export function withoutExecution(state: PipelineState, id: string): PipelineState {
  const { [id]: gone, ...executions } = state.executions;
  return gone ? withoutOldDeclarations({ ...state, executions }) : state;
}

export function withStage(state: PipelineState, name: string, change: Partial<StageState>): PipelineState {
  const stage = state.stages[name] ?? { runs: {} };
  return { ...state, stages: { ...state.stages, [name]: { ...stage, ...change } } };
}

/** Definitions that no execution runs and that are not the newest are in the history only. */
export function withoutOldDeclarations(state: PipelineState): PipelineState {
  const used = new Set([state.version, ...Object.values(state.executions).map((execution) => execution.version)]);
  const kept = Object.entries(state.declarations).filter(([version]) => used.has(Number(version)));
  return kept.length === Object.keys(state.declarations).length ? state : { ...state, declarations: Object.fromEntries(kept) };
}

/** Changes what is shown of a stage's occupant, as long as it is that execution. */
function withOccupant(state: PipelineState, at: { executionId: string; stage: string }, change: Partial<Occupant>): PipelineState {
  const latest = state.stages[at.stage]?.latest;
  return latest?.executionId === at.executionId ? withStage(state, at.stage, { latest: { ...latest, ...change } }) : state;
}

/** Changes a run where it counts, and where it is shown. */
export function withRun(
  state: PipelineState,
  at: { readonly executionId: string; readonly stage: string; readonly action: string },
  change: Partial<ActionRun>,
): PipelineState {
  const execution = state.executions[at.executionId];
  const run = execution?.passage.runs[at.action];
  if (!execution || !run) return state;
  const changed = { ...run, ...change };
  const { passage } = execution;
  const next = withExecution(state, execution.id, { passage: { ...passage, runs: { ...passage.runs, [at.action]: changed } } });
  const shown = state.stages[at.stage]?.runs ?? {};
  return shown[at.action]?.id === run.id ? withStage(next, at.stage, { runs: { ...shown, [at.action]: changed } }) : next;
}

export function actionStarted(state: PipelineState, { executionId, stage, run }: Of<'actionStarted'>): PipelineState {
  const execution = state.executions[executionId];
  if (!execution) return state;
  const passage = { ...execution.passage, runs: { ...execution.passage.runs, [run.action]: run } };
  const next = withExecution(state, executionId, { passage });
  return withStage(next, stage, { runs: { ...next.stages[stage]?.runs, [run.action]: run } });
}

export function withCondition(
  state: PipelineState,
  at: { readonly executionId: string; readonly stage: string; readonly condition: Of<'conditionStarted'>['condition'] },
  change: (condition: ConditionRun | undefined) => ConditionRun,
): PipelineState {
  const execution = state.executions[at.executionId];
  if (!execution) return state;
  const conditions = { ...execution.passage.conditions, [at.condition]: change(execution.passage.conditions[at.condition]) };
  const next = withExecution(state, execution.id, { passage: { ...execution.passage, conditions } });
  return withOccupant(next, at, { conditions });
}

export function withRule(state: PipelineState, event: Of<'ruleProgressed' | 'ruleEnded'>, change: Partial<RuleRun>): PipelineState {
  const rule = state.executions[event.executionId]?.passage.conditions[event.condition]?.rules[event.rule];
  if (!rule) return state;
  return withCondition(state, event, (condition) => ({
    ...condition!,
    rules: { ...condition!.rules, [event.rule]: { ...rule, ...change, changedAt: event.at } },
  }));
}

/** Rules that are still at work when their condition ends are of no interest any more. */
export function conditionEnded(
  condition: ConditionRun,
  { status, summary, at }: { readonly status: ConditionRun['status']; readonly summary?: string; readonly at: number },
): ConditionRun {
  const rules = Object.entries(condition.rules).map(([name, rule]) => {
    const over: RuleRun = { ...rule, status: 'Abandoned', changedAt: at, wakeOn: undefined, wakeAt: undefined };
    return [name, rule.status === 'InProgress' ? over : rule] as const;
  });
  return { ...condition, status, changedAt: at, rules: Object.fromEntries(rules), ...(summary !== undefined && { summary }) };
}

/** Adds to what is known of the newest passage through a stage. */
function marked({ marks }: Execution, change: Partial<StageMark>): readonly StageMark[] {
  const last = marks.at(-1);
  return last ? [...marks.slice(0, -1), { ...last, ...change }] : marks;
}

/** A transition that was disabled changes at `at`: those who wait behind it have waited for it until then. */
export function withClosedTimes(state: PipelineState, stage: string, at: number): PipelineState {
  const inbound = state.stages[stage]?.inbound;
  if (inbound?.enabled !== false) return state;
  const waiting = Object.values(state.executions).filter((execution) => execution.phase === 'waiting' && execution.stage === stage);
  return waiting.reduce((next, execution) => {
    const { arrived = at, closed = [] } = execution.marks.at(-1) ?? {};
    const from = Math.max(arrived, inbound.at);
    return withExecution(next, execution.id, { marks: marked(execution, { closed: [...closed, { from, to: at }] }) });
  }, state);
}

export function stageArrived(state: PipelineState, { executionId, stage, at }: Of<'stageArrived'>): PipelineState {
  const execution = state.executions[executionId];
  if (!execution) return state;
  const marks = [...execution.marks, { stage, arrived: at }];
  return withExecution(state, executionId, { phase: 'waiting', stage, attempt: 1, passage: FRESH, marks });
}

/** The last in the stage has the say in it: those that ended there before can no longer be taken up. In PARALLEL mode each can. */
function takenOver(state: PipelineState, stage: string): PipelineState {
  const ended = Object.values(state.executions).filter((execution) => execution.phase === 'ended' && execution.stage === stage);
  const over = ended.filter((execution) => modeOf(state, execution) !== 'PARALLEL');
  return over.reduce((next, { id }) => withoutExecution(next, id), state);
}

export function stageEntered(state: PipelineState, event: Of<'stageEntered'>): PipelineState {
  const { executionId, stage } = event;
  const execution = state.executions[executionId];
  if (!execution) return state;
  let next = takenOver(state, stage);
  const latest: Occupant = {
    executionId,
    status: 'InProgress',
    conditions: {},
    ...(execution.rollbackOf !== undefined && { rollback: true }),
  };
  next = withStage(next, stage, { latest });
  return withExecution(next, executionId, { phase: 'running', stage, passage: FRESH, marks: marked(execution, { entered: event.at }) });
}

/** What stands of the passage stays: successes of actions (unless all run again), conditions that were passed. */
export function stageRetried(state: PipelineState, event: Of<'stageRetried'>): PipelineState {
  const execution = state.executions[event.executionId];
  if (!execution) return state;
  const { runs, conditions, retries } = execution.passage;
  const stands = ({ status }: { status: string }) => status === 'Succeeded' || status === 'InProgress' || status === 'Overridden';
  const passage: Passage = {
    runs: event.mode === 'ALL_ACTIONS' ? {} : Object.fromEntries(Object.entries(runs).filter(([, run]) => stands(run))),
    conditions: conditions.BEFORE_ENTRY && stands(conditions.BEFORE_ENTRY) ? { BEFORE_ENTRY: conditions.BEFORE_ENTRY } : {},
    retries: {
      ...retries,
      ...(event.automatic ? { auto: (retries?.auto ?? 0) + 1 } : { manual: (retries?.manual ?? 0) + 1 }),
      latest: event.automatic ? 'AutomatedStageRetry' : 'ManualStageRetry',
    },
  };
  const attempt = execution.attempt + 1;
  const marks = [...execution.marks, { stage: event.stage, arrived: event.at, entered: event.at }];
  const next = withExecution(state, execution.id, { status: 'InProgress', phase: 'running', attempt, stop: undefined, passage, marks });
  return withOccupant(next, event, { status: 'InProgress', conditions: passage.conditions, retries: passage.retries! });
}

export function carriedOf({ artifacts, outputs, revisions }: Carried): Carried {
  return { artifacts, outputs, revisions };
}

export function stageEnded(
  state: PipelineState,
  event: { readonly executionId: string; readonly stage: string; readonly refused?: boolean; readonly at: number },
  status: StageStatus,
): PipelineState {
  const execution = state.executions[event.executionId];
  const timed = execution && withExecution(state, execution.id, { marks: marked(execution, { ended: event.at, status }) });
  const next = withOccupant(timed ?? state, event, { status });
  if (status !== 'Succeeded' || event.refused || !execution || execution.only) return next;
  // Rolling back to a rollback is not possible: https://docs.aws.amazon.com/codepipeline/latest/userguide/stage-rollback.html
  if (declarationOf(state, execution.version).stages[0]?.name === event.stage) return next;
  const { id, version, variables } = execution;
  return withStage(next, event.stage, { lastSuccess: { executionId: id, version, variables, ...carriedOf(execution) } });
}

/** An overridden condition lets its execution go on, from where the condition's result had ended it. */
export function conditionOverridden(state: PipelineState, event: Of<'conditionOverridden'>): PipelineState {
  const ended = { status: 'Overridden', summary: `Overridden by ${event.by}`, at: event.at } as const;
  const next = withCondition(state, event, (condition) => conditionEnded(condition!, ended));
  const execution = next.executions[event.executionId];
  if (!execution) return state;
  const again = { stage: event.stage, arrived: event.at, entered: event.at };
  const marks = execution.phase === 'ended' ? [...execution.marks, again] : execution.marks;
  return withOccupant(withExecution(next, execution.id, { status: 'InProgress', phase: 'running', marks }), event, {
    status: 'InProgress',
  });
}

/** Ended in a stage: kept, because the stage may be retried. Ended at an entrance: over for good. */
export function executionEnded(state: PipelineState, id: string, status: 'Failed' | 'Stopped'): PipelineState {
  const execution = state.executions[id];
  if (execution?.phase !== 'running' || execution.only?.action !== undefined) return withoutExecution(state, id);
  const next = withExecution(state, id, { status, phase: 'ended' });
  if (modeOf(state, execution) !== 'PARALLEL') return next;
  const ended = Object.values(next.executions).filter((other) => other.phase === 'ended' && modeOf(next, other) === 'PARALLEL');
  return ended.length > MOST_ENDED ? withoutExecution(next, ended[0]!.id) : next;
}
