import type { ActionExecutionDetail } from '../../src/services/codepipeline/api.gen.ts';
import { conditionOf } from '../../src/services/codepipeline/rules/conditions.ts';
import { changedHistory, runningActions, type ExecutionRecord, type Transition } from '../../src/services/codepipeline/rules/history.ts';
import { publicEvents } from '../../src/services/codepipeline/rules/public-events.ts';
import {
  declarationOf,
  inFlight,
  modeOf,
  ruleRunsOf,
  runsOf,
  type Execution,
  type PipelineState,
} from '../../src/services/codepipeline/rules/state.ts';
import { EventGrammar } from './event-grammar.ts';
import { eventLine } from './scenario-log.ts';

type Of<T extends Transition['event']['type']> = Extract<Transition['event'], { type: T }>;

/** Sees every event of a pipeline with the states before and after it, and throws where a rule of the engine is broken. */
export class EngineWitness {
  readonly #grammar = new EventGrammar();
  readonly #numbers = new Map<string, number>();
  /** Executions in the order in which they started. */
  readonly started: string[] = [];
  /** The newest execution that has entered each stage in each version's structure, by its place in `started`. */
  readonly #entered = new Map<string, number>();
  readonly #successes = new Set<string>();
  readonly executions = new Map<string, ExecutionRecord>();
  readonly actions = new Map<string, ActionExecutionDetail>();
  /** The public log, as scenarios write it. */
  readonly lines: string[] = [];

  /** The steps of one commit, in their order. */
  saw(transitions: readonly Transition[], now: number): void {
    for (const transition of transitions) {
      this.#event(transition);
      this.#state(transition.after);
      for (const { at: time, detail } of publicEvents(transition)) {
        this.lines.push(eventLine({ time, detail }, this.#numbers));
        this.#grammar.take(detail);
      }
    }
    const changed = changedHistory(transitions, now);
    for (const [id, record] of changed.executions) this.executions.set(id, record);
    for (const [id, detail] of changed.actions) this.actions.set(id, detail);
  }

  succeededIn(stage: string, execution: string): boolean {
    return this.#successes.has(`${stage}/${execution}`);
  }

  /** What history says is what the events have said; what it does not say yet, the state knows. */
  agrees(state: PipelineState): void {
    const running = new Map(runningActions(state).map((detail) => [detail.actionExecutionId!, detail]));
    for (const [id, said] of this.#grammar.actions) {
      const status = (this.actions.get(id) ?? running.get(id))?.status;
      must(
        status?.toUpperCase() === (said === 'STARTED' ? 'INPROGRESS' : said),
        `the action ${id} is ${said} in events, ${status} in history`,
      );
    }
    for (const [id, said] of this.#grammar.executions) {
      const status = this.executions.get(id)?.status.toUpperCase();
      const goesOn = said === 'STARTED' || said === 'RESUMED';
      must(status === (goesOn ? 'INPROGRESS' : said), `the execution ${id} is ${said} in events, ${status} in history`);
    }
    must(this.executions.size === this.started.length, 'history has other executions than have started');
  }

  #event(transition: Transition): void {
    const { event, before } = transition;
    if (event.type === 'executionStarted') {
      this.started.push(event.executionId);
      if (event.rollbackOf !== undefined) this.#rollback(event, before);
    }
    if (event.type === 'executionSuperseded') this.#superseded(event, before);
    if (event.type === 'stageEntered') this.#enters(event, before);
    if (event.type === 'stageSucceeded' && !event.refused) this.#successes.add(`${event.stage}/${event.executionId}`);
    if (event.type === 'actionStarted') this.#actionStarts(event, before);
    this.#ends(transition);
  }

  #ends({ event, before, after }: Transition): void {
    if (event.type === 'actionSucceeded' || event.type === 'actionFailed' || event.type === 'actionAbandoned') {
      const run = before.executions[event.executionId]?.passage.runs[event.action];
      must(run?.status === 'InProgress', `${event.type}, and the run of ${event.action} is ${run?.status}`);
    }
    if (event.type === 'executionSucceeded' || event.type === 'executionFailed' || event.type === 'executionStopped')
      this.#atRest(event.executionId, after.executions[event.executionId] ?? before.executions[event.executionId]);
  }

  #rollback({ rollbackOf = '', stage, version }: Of<'executionStarted'>, before: PipelineState): void {
    const target = this.executions.get(rollbackOf);
    must(this.succeededIn(stage, rollbackOf), `${stage} is rolled back to an execution that did not succeed in it`);
    must(target?.rollbackOf === undefined, `${stage} is rolled back to a rollback`);
    must(target?.version === version, `${stage} is rolled back to another structure`);
    must(declarationOf(before, version).stages[0]?.name !== stage, 'the source is rolled back');
  }

  #superseded({ executionId, by }: Of<'executionSuperseded'>, before: PipelineState): void {
    const execution = before.executions[executionId]!;
    must(execution.phase === 'waiting', 'an execution is superseded inside a stage');
    must(modeOf(before, execution) === 'SUPERSEDED', `an execution in ${modeOf(before, execution)} mode is superseded`);
    must(this.started.indexOf(by) > this.started.indexOf(executionId), 'an execution is superseded by an older one');
    must(!execution.only, 'a rollback is superseded');
  }

  #enters({ executionId, stage }: Of<'stageEntered'>, before: PipelineState): void {
    const execution = before.executions[executionId]!;
    must(execution.phase === 'waiting' && execution.status === 'InProgress', `${executionId} enters ${stage} and did not wait`);
    if (execution.only) return;
    must(before.stages[stage]?.inbound?.enabled !== false, `${executionId} enters ${stage} through a disabled transition`);
    if (modeOf(before, execution) === 'PARALLEL') return;
    const place = this.started.indexOf(executionId);
    const key = `${execution.version}/${stage}`;
    must((this.#entered.get(key) ?? -1) < place, `${executionId} enters ${stage} behind a newer one`);
    this.#entered.set(key, place);
  }

  #actionStarts({ executionId, stage: name, run }: Of<'actionStarted'>, before: PipelineState): void {
    const execution = before.executions[executionId]!;
    must(
      execution.phase === 'running' && execution.status === 'InProgress',
      `${run.action} starts in an execution that is ${execution.status}`,
    );
    const stage = declarationOf(before, execution.version).stages.find((candidate) => candidate.name === name)!;
    const order = (action: string) => stage.actions.find((candidate) => candidate.name === action)?.runOrder ?? 1;
    for (const { name: other } of stage.actions) {
      const status = execution.passage.runs[other]?.status;
      if (order(other) < order(run.action)) must(status === 'Succeeded', `${run.action} starts, ${other} before it is ${status}`);
      if (other === run.action) must(status === undefined, `${run.action} starts again while it is ${status}`);
    }
    const entry = execution.passage.conditions.BEFORE_ENTRY?.status;
    if (conditionOf(stage, 'BEFORE_ENTRY'))
      must(entry === 'Succeeded' || entry === 'Overridden', `${run.action} starts, the entry condition is ${entry}`);
  }

  #atRest(id: string, execution: Execution | undefined): void {
    const runs = execution ? [...runsOf(execution), ...ruleRunsOf(execution)] : [];
    must(!runs.some(({ status }) => status === 'InProgress'), `${id} has ended while something of it runs`);
  }

  #state(state: PipelineState): void {
    const inside = new Map<string, string>();
    for (const execution of Object.values(state.executions)) {
      const { id, phase, status, stage } = execution;
      const over = status === 'Failed' || status === 'Stopped';
      must((phase === 'ended') === over, `${id} is ${status} and ${phase}`);
      if (phase !== 'running' || modeOf(state, execution) === 'PARALLEL') continue;
      must(!inside.has(stage), `${stage} holds ${inside.get(stage)} and ${id}`);
      inside.set(stage, id);
    }
    for (const [stage, { latest }] of Object.entries(state.stages)) {
      if (latest?.status !== 'Failed' && latest?.status !== 'Stopped') continue;
      must(
        state.executions[latest.executionId]?.stage === stage,
        `${stage} can no longer be retried by ${latest.executionId}, which was last in it`,
      );
    }
  }

  /** Where nothing happens by itself any more, an execution waits for people, or behind one that does. */
  waits(state: PipelineState): void {
    for (const execution of inFlight(state)) {
      if (execution.phase === 'running') {
        const open = [...runsOf(execution), ...ruleRunsOf(execution)].some(({ status }) => status === 'InProgress');
        must(open, `${execution.id} is in ${execution.stage} and nothing of it runs`);
        continue;
      }
      const { stage } = execution;
      const held = state.stages[stage]?.inbound?.enabled === false && !execution.only;
      const occupied = inFlight(state).some(
        (other) => other.stage === stage && other.phase === 'running' && modeOf(state, other) !== 'PARALLEL',
      );
      const waits = held || (occupied && modeOf(state, execution) !== 'PARALLEL');
      must(waits && execution.status === 'InProgress', `${execution.id} waits for nothing at ${stage}`);
    }
  }
}

function must(holds: boolean, broken: string): void {
  if (!holds) throw new Error(broken);
}
