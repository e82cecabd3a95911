import type { Step } from '../../../kernel/step.ts';
import type { ActionDeclaration } from '../api.gen.ts';
import { conditionOf, evaluate, isPassed } from './conditions.ts';
import type { Catalogues } from './catalogue.ts';
import type { PipelineEvent } from './events.ts';
import { automaticRollback } from './rollback.ts';
import type { Situation } from './situation.ts';
import { startAction } from './start-action.ts';
import { declarationOf, runsOf, type ActionRun, type ConditionType, type Execution, type PipelineState } from './state.ts';

/** The next thing that happens to an execution in its stage: entry condition, actions by run order, success or failure condition, the way out. */
export function inStage(state: PipelineState, execution: Execution, step: Step, catalogues: Catalogues): readonly PipelineEvent[] {
  const declaration = declarationOf(state, execution.version);
  const stage = declaration.stages.find(({ name }) => name === execution.stage)!;
  const place = { executionId: execution.id, stage: stage.name, at: step.now };
  const now: Situation = { state, execution, declaration, stage, step, catalogues, place };
  const late = lateRuns(now);
  if (late.length > 0) return late;
  if (execution.status === 'Stopping') return stopping(now);
  const gate = execution.only?.action === undefined;
  if (gate && !isPassed(now, 'BEFORE_ENTRY')) return evaluate(now, 'BEFORE_ENTRY') ?? refusedEntry(now);
  const runs = runsOf(execution);
  const busy = runs.some((run) => run.status === 'InProgress');
  if (runs.some((run) => run.status === 'Failed' || run.status === 'Abandoned')) return busy ? [] : failing(now);
  const due = dueActions(now, runs);
  if (due.length > 0) return due.flatMap((action) => startAction({ ...now, action }));
  if (busy) return [];
  if (gate && !isPassed(now, 'ON_SUCCESS')) return evaluate(now, 'ON_SUCCESS') ?? refusedExit(now);
  return leave(now, 'stageSucceeded');
}

function leave({ declaration, execution, stage, place }: Situation, how: 'stageSucceeded' | 'stageSkipped'): readonly PipelineEvent[] {
  const { executionId, at } = place;
  const next = execution.only ? undefined : declaration.stages[declaration.stages.indexOf(stage) + 1];
  const done = { type: how, ...place } as const;
  return next
    ? [done, { type: 'stageArrived', executionId, stage: next.name, at }]
    : [done, { type: 'executionSucceeded', executionId, at }];
}

function fail({ place }: Situation, reason?: string): readonly PipelineEvent[] {
  const { executionId, at } = place;
  return [
    { type: 'stageFailed', ...place },
    { type: 'executionFailed', executionId, at, ...(reason !== undefined && { reason }) },
  ];
}

function conditionFailed({ stage }: Situation, type: ConditionType): string {
  return `The ${type} condition of the stage '${stage.name}' failed.`;
}

function refusedEntry(now: Situation): readonly PipelineEvent[] {
  if (conditionOf(now.stage, 'BEFORE_ENTRY')?.result === 'SKIP') return leave(now, 'stageSkipped');
  return fail(now, conditionFailed(now, 'BEFORE_ENTRY'));
}

/** A roll back leaves the stage the success that it was; it is the execution that goes no further. */
function refusedExit(now: Situation): readonly PipelineEvent[] {
  const reason = conditionFailed(now, 'ON_SUCCESS');
  if (conditionOf(now.stage, 'ON_SUCCESS')?.result !== 'ROLLBACK') return fail(now, reason);
  const { executionId, at } = now.place;
  return [
    { type: 'stageSucceeded', ...now.place, refused: true },
    { type: 'executionFailed', executionId, at, reason },
    ...automaticRollback(now),
  ];
}

/** Its actions have come to rest, and one has failed: what the stage says is to be done then. */
function failing(now: Situation): readonly PipelineEvent[] {
  const { onFailure } = now.stage;
  if (!onFailure || now.execution.only) return fail(now);
  if (conditionOf(now.stage, 'ON_FAILURE') && !isPassed(now, 'ON_FAILURE')) {
    const events = evaluate(now, 'ON_FAILURE');
    if (events) return events;
    const result = conditionOf(now.stage, 'ON_FAILURE')?.result;
    return result === 'ROLLBACK' ? [...fail(now), ...automaticRollback(now)] : fail(now);
  }
  if (onFailure.result === 'ROLLBACK') return [...fail(now), ...automaticRollback(now)];
  if (onFailure.result === 'RETRY' && now.execution.passage.retries?.auto === undefined) {
    const mode = onFailure.retryConfiguration?.retryMode ?? 'FAILED_ACTIONS';
    return [
      { type: 'stageFailed', ...now.place },
      { type: 'stageRetried', ...now.place, mode, automatic: true },
    ];
  }
  return fail(now);
}

/** Stop and wait lets running actions end; stop and abandon gives them up, while the provider's work goes on. Conditions end at once. */
function stopping({ execution, place }: Situation): readonly PipelineEvent[] {
  const abandon = execution.stop?.abandon === true;
  const open = Object.entries(execution.passage.conditions).filter(([, { status }]) => status === 'InProgress');
  if (open.length > 0) {
    const status = abandon ? 'Abandoned' : 'Cancelled';
    return open.map(([condition]) => ({ type: 'conditionEnded', ...place, condition: condition as ConditionType, status }));
  }
  const running = runsOf(execution).filter((run) => run.status === 'InProgress');
  if (running.length === 0)
    return [
      { type: 'stageStopped', ...place },
      { type: 'executionStopped', executionId: execution.id, at: place.at },
    ];
  if (!abandon) return [];
  return running.map((run) => ({ type: 'actionAbandoned', ...place, action: run.action }));
}

function lateRuns({ execution, step, place }: Situation): readonly PipelineEvent[] {
  const isLate = (run: { status: string; deadline: number }) => run.status === 'InProgress' && run.deadline <= step.now;
  const error = (what: string, run: { startedAt: number; deadline: number }) => ({
    code: 'TimedOut',
    message: `The ${what} did not end within ${Math.round((run.deadline - run.startedAt) / 60_000)} minutes.`,
  });
  const actions = runsOf(execution)
    .filter(isLate)
    .map((run) => ({ type: 'actionFailed', ...place, action: run.action, ...error('action', run) }) as const);
  const rules = Object.entries(execution.passage.conditions).flatMap(([condition, { rules: runs }]) =>
    Object.values(runs)
      .filter(isLate)
      .map(({ rule, ...run }) => {
        const ended = { type: 'ruleEnded', ...place, condition: condition as ConditionType, rule, status: 'Failed' } as const;
        return { ...ended, error: error('rule', run) };
      }),
  );
  return [...actions, ...rules];
}

/** The actions of the lowest run order that is not done, unless they are under way. */
function dueActions({ stage, execution }: Situation, runs: readonly ActionRun[]): readonly ActionDeclaration[] {
  const started = new Map(runs.map((run) => [run.action, run]));
  const only = execution.only?.action;
  const wanted = only === undefined ? stage.actions : stage.actions.filter(({ name }) => name === only);
  const open = wanted.filter((action) => started.get(action.name)?.status !== 'Succeeded');
  const order = Math.min(...open.map((action) => action.runOrder ?? 1));
  return open.filter((action) => (action.runOrder ?? 1) === order && !started.has(action.name));
}
