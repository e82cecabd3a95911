import type { Fact } from './fact.ts';
import { inFlight, modeOf, runsOf, type ConditionType, type Execution, type PipelineState, type StageState } from './state.ts';

/** How a pipeline stands: what each execution in flight does or waits for, newest first, and entrances that are closed. */
export function explainNow(state: PipelineState): readonly Fact[] {
  const executions = inFlight(state);
  const facts = executions.toReversed().flatMap((execution) => {
    const doing = execution.phase === 'waiting' ? waits(state, execution, executions) : runs(execution);
    return execution.status === 'Stopping' ? [stopping(execution), ...doing] : doing;
  });
  const held = new Set(facts.flatMap(({ kind, stageName }) => (kind === 'TRANSITION_DISABLED' ? (stageName ?? []) : [])));
  const closed = Object.entries(state.stages).flatMap(([name, stage]) => (held.has(name) ? [] : disabled(name, stage)));
  const idle: Fact = { kind: 'IDLE', time: 'NOW', text: 'Nothing runs, and nothing waits.' };
  return executions.length === 0 ? [idle, ...closed] : [...facts, ...closed];
}

function stopping({ id, stop }: Execution): Fact {
  const how = stop?.abandon ? 'its running actions are given up' : 'its running actions end first';
  const why = stop?.reason ? ` (${stop.reason})` : '';
  const base = { kind: 'STOPPING', time: 'NOW', pipelineExecutionId: id, ...(stop?.reason && { reason: stop.reason }) } as const;
  return { ...base, text: `The execution ${id} is being stopped${why}: ${how}.` };
}

/** Why an execution is not let into its stage: all the reasons there are. */
function waits(state: PipelineState, execution: Execution, all: readonly Execution[]): readonly Fact[] {
  const { id, stage, only } = execution;
  const since = execution.marks.at(-1)?.arrived ?? execution.startedAt;
  const base = { time: 'NOW', at: since, pipelineExecutionId: id, stageName: stage } as const;
  const place = `The execution ${id} waits at the entrance of the stage ${stage}`;
  const shut = only ? [] : disabled(stage, state.stages[stage] ?? { runs: {} });
  const facts: Fact[] = shut.map((fact) => ({ ...fact, ...base, text: `${place}: ${lowered(fact.text)}` }));
  if (modeOf(state, execution) === 'PARALLEL') return facts;
  const here = all.filter((other) => other.stage === stage && other.id !== id && modeOf(state, other) !== 'PARALLEL');
  const inside = here.find(({ phase }) => phase === 'running');
  if (inside)
    facts.push({ ...base, kind: 'STAGE_LOCKED', otherExecutionId: inside.id, text: `${place}: the execution ${inside.id} is in it.` });
  const first = here.find((other) => other.phase === 'waiting' && goesBefore(other, execution, all));
  if (first)
    facts.push({
      ...base,
      kind: 'BEHIND_OTHERS',
      otherExecutionId: first.id,
      text: `${place}: the execution ${first.id} goes in before it.`,
    });
  return facts;
}

function lowered(text: string): string {
  return text.replace(/^The /, 'the ');
}

/** A rollback, or one action again, goes before the others; these keep their order. */
function goesBefore(other: Execution, execution: Execution, all: readonly Execution[]): boolean {
  if ((other.only !== undefined) !== (execution.only !== undefined)) return other.only !== undefined;
  return all.indexOf(other) < all.indexOf(execution);
}

function disabled(stageName: string, { inbound }: StageState): readonly Fact[] {
  if (inbound?.enabled !== false) return [];
  const { by, reason, at } = inbound;
  const why = reason === undefined ? '' : ` Reason: ${reason}`;
  const text = `The transition into the stage ${stageName} was disabled by ${by}: nothing is let in.${why}`;
  return [{ kind: 'TRANSITION_DISABLED', time: 'NOW', text, at, stageName, by, ...(reason !== undefined && { reason }) }];
}

function runs(execution: Execution): readonly Fact[] {
  const { id, stage } = execution;
  const base = { time: 'NOW', pipelineExecutionId: id, stageName: stage } as const;
  const actions = runsOf(execution)
    .filter(({ status }) => status === 'InProgress')
    .map(({ action, token, startedAt, deadline, summary }): Fact => {
      const told = { ...base, actionName: action, at: startedAt, until: deadline };
      const said = summary === undefined || summary === '' ? '' : ` (${summary})`;
      if (token === undefined)
        return { ...told, kind: 'ACTION_RUNS', text: `The execution ${id} runs the action ${stage}/${action}${said}.` };
      return { ...told, kind: 'APPROVAL_WAITS', text: `The execution ${id} waits for the approval ${stage}/${action}${said}.` };
    });
  const conditions = Object.entries(execution.passage.conditions).flatMap(([type, { rules }]) =>
    Object.values(rules)
      .filter(({ status }) => status === 'InProgress')
      .map(({ rule, startedAt, deadline }): Fact => {
        const told = { ...base, conditionType: type as ConditionType, ruleName: rule, at: startedAt, until: deadline };
        return {
          ...told,
          kind: 'CONDITION_RUNS',
          text: `The execution ${id} waits for the rule ${rule} of the ${type} condition of the stage ${stage}.`,
        };
      }),
  );
  return [...actions, ...conditions];
}
