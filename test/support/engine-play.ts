import type { PipelineDeclaration } from '../../src/services/codepipeline/api.gen.ts';
import type { PipelineCommand } from '../../src/services/codepipeline/rules/commands.ts';
import { inFlight, runsOf, type PipelineState } from '../../src/services/codepipeline/rules/state.ts';
import { Chance } from './chance.ts';
import { EngineInMemory } from './engine-in-memory.ts';
import { actionOf, stageOf, type Plan, type Wish } from './engine-plan.ts';
import { whole, type Input, type Scenario } from './scenario-file.ts';

const BY = 'arn:aws:iam::000000000000:root';
/** After the last wish everything that runs by itself has this long, ms: longer than any action, shorter than an approval's time-out. */
const AFTERWARDS = 3_600_000;

/** How a plan went: as a scenario, with what was answered to whom, and how everything happened. */
export interface Course {
  readonly scenario: Omit<Scenario, 'final'>;
  readonly engine: EngineInMemory;
}

/** Plays a plan in memory, calmly (one thing after the other) or not. */
export class EnginePlay {
  readonly #plan: Plan;
  readonly #engine: EngineInMemory;
  readonly #inputs: Input[] = [];
  #at = 0;

  constructor(plan: Plan, manner: 'calm' | 'wild') {
    this.#plan = plan;
    this.#engine = new EngineInMemory('demo', manner === 'wild' ? new Chance(plan.seed) : undefined);
  }

  async play(): Promise<Course> {
    try {
      return await this.#play();
    } catch (error) {
      const scenario = JSON.stringify(this.#scenario());
      throw new Error(`${error instanceof Error ? error.message : String(error)}\n${scenario}\n${this.#engine.witness.lines.join('\n')}`, {
        cause: error,
      });
    }
  }

  /** Gives every approval and enables every transition until nothing is left: whatever has started comes to its end. */
  async finish(): Promise<void> {
    for (let turns = 0; inFlight(this.#engine.state).length > 0; turns++) {
      if (turns > 2_000) throw new Error('executions that never end');
      const [way] = this.#ways(this.#engine.state);
      if (way) await this.#engine.send(way);
      await this.#engine.pass((this.#at += AFTERWARDS));
    }
    this.#engine.witness.agrees(this.#engine.state);
  }

  async #play(): Promise<Course> {
    const declaration = whole(this.#plan.pipelines[0]!);
    this.#engine.validate(declaration);
    await this.#engine.send({ type: 'create', declaration });
    for (const wish of this.#plan.wishes) {
      this.#at += wish.after;
      await this.#engine.pass(this.#at);
      const input = this.#input(wish);
      const refused = await this.#refusal(input);
      this.#inputs.push({ ...input, ...(refused !== undefined && { refused }) });
    }
    await this.#engine.pass((this.#at += AFTERWARDS));
    this.#engine.witness.agrees(this.#engine.state);
    return { scenario: this.#scenario(), engine: this.#engine };
  }

  #scenario(): Omit<Scenario, 'final'> {
    const pipeline = this.#plan.pipelines[0]!;
    return { about: 'found', pipeline, inputs: this.#inputs, until: this.#at / 1_000, expect: this.#engine.witness.lines };
  }

  async #refusal(input: Input): Promise<string | undefined> {
    try {
      await this.#engine.send(this.#command(input));
      return undefined;
    } catch (error) {
      const { code } = error as { readonly code?: string };
      if (code === undefined) throw error;
      return code;
    }
  }

  /** What it comes to. Without any execution there is nothing to do but to start one. */
  #input(wish: Wish): Input {
    const { started } = this.#engine.witness;
    const at = this.#at / 1_000;
    const of = { at, do: wish.do };
    const stages = [...new Set(this.#plan.pipelines.flatMap(({ stages: declared }) => Object.keys(declared)))];
    const stage = stageOf(wish, stages);
    if (wish.do === 'disable' || wish.do === 'enable') return { ...of, stage };
    if (wish.do === 'update') return { ...of, pipeline: this.#plan.pipelines[wish.stage % this.#plan.pipelines.length]! };
    if (wish.do === 'revision') return { ...of, stage: 'Source', action: 'A', revision: `r${wish.execution}` };
    if (wish.do === 'start' || started.length === 0) return { at, do: 'start', variables: { end: wish.end } };
    const aims = wish.aimed ? this.#aims(wish.do, stages) : [];
    const aim = aims[wish.execution % aims.length] ?? { execution: wish.execution % started.length, stage };
    const where = { execution: aim.execution + 1, stage: aim.stage };
    if (wish.do === 'approve' || wish.do === 'reject') return { ...of, ...where, action: this.#pending(aim.execution) ?? actionOf(wish) };
    if (wish.do === 'stop' || wish.do === 'abandon') return { ...of, execution: where.execution };
    return { ...of, ...where, ...(wish.do === 'override' && { condition: wish.condition }) };
  }

  /** Where it might succeed: executions, by the place in which they started, with a stage. */
  #aims(deed: Input['do'], stages: readonly string[]): readonly { readonly execution: number; readonly stage: string }[] {
    const { witness, state } = this.#engine;
    return witness.started.flatMap((id, execution) => {
      if (deed === 'rollback') return stages.filter((stage) => witness.succeededIn(stage, id)).map((stage) => ({ execution, stage }));
      const own = state.executions[id];
      if (!own || (deed.startsWith('retry') && own.phase === 'waiting')) return [];
      if ((deed === 'approve' || deed === 'reject') && this.#pending(execution) === undefined) return [];
      if (deed === 'override' && Object.keys(own.passage.conditions).length === 0) return [];
      return [{ execution, stage: own.stage }];
    });
  }

  #pending(number: number): string | undefined {
    const execution = this.#engine.state.executions[this.#engine.witness.started[number]!];
    return execution && runsOf(execution).find(({ status, token }) => status === 'InProgress' && token !== undefined)?.action;
  }

  #command(input: Input): PipelineCommand {
    const { stage = '', action = '', execution = 1, variables = {} } = input;
    const executionId = this.#engine.witness.started[execution - 1] ?? '';
    const newId = this.#engine.newId();
    switch (input.do) {
      case 'start':
        return {
          type: 'start',
          executionId: newId,
          trigger: { type: 'StartPipelineExecution', detail: BY },
          variables,
          overrides: [],
        };
      case 'stop':
      case 'abandon':
        return { type: 'stop', executionId, abandon: input.do === 'abandon', reason: 'because' };
      case 'retry':
      case 'retryAll':
        return { type: 'retry', executionId, stage, mode: input.do === 'retry' ? 'FAILED_ACTIONS' : 'ALL_ACTIONS' };
      case 'approve':
      case 'reject': {
        const token = this.#token(executionId, stage, action);
        return { type: 'approve', stage, action, token, approved: input.do === 'approve', summary: 'because', by: BY };
      }
      case 'disable':
      case 'enable':
        return { type: 'transition', stage, enabled: input.do === 'enable', reason: 'because', by: BY };
      case 'update': {
        const declaration = { ...whole(this.#plan.pipelines[0]!), ...whole(input.pipeline!) } as PipelineDeclaration;
        this.#engine.validate(declaration);
        return { type: 'update', declaration };
      }
      case 'rollback':
        return { type: 'rollback', executionId: newId, stage, by: BY, target: this.#candidate(executionId, stage) };
      case 'override':
        return { type: 'override', executionId, stage, condition: input.condition!, by: BY };
      case 'revision': {
        const trigger = { type: 'PutActionRevision', detail: BY } as const;
        return { type: 'sourceChanged', executionId: newId, action, revisionType: 'COMMIT_ID', revision: input.revision!, trigger };
      }
      case 'delete':
        return { type: 'delete' };
    }
  }

  /** The token of the newest run of that action in that execution, as history tells it. */
  #token(executionId: string, stage: string, action: string): string {
    const own = this.#engine.state.executions[executionId];
    const run = own?.stage === stage ? own.passage.runs[action] : undefined;
    if (run) return run.token ?? run.ref?.id ?? 'no-token';
    const all = [...this.#engine.witness.actions.values()].filter((detail) => detail.pipelineExecutionId === executionId);
    const detail = all.findLast(({ stageName, actionName }) => stageName === stage && actionName === action);
    return detail?.output?.executionResult?.externalExecutionId ?? 'no-token';
  }

  #candidate(executionId: string, stage: string) {
    const record = this.#engine.witness.executions.get(executionId);
    if (!record) return undefined;
    const { version, variables, artifacts, outputs, revisions, rollbackOf, only } = record;
    const isRollback = rollbackOf !== undefined || only !== undefined;
    const succeededInStage = this.#engine.witness.succeededIn(stage, executionId);
    return { executionId, version, variables, artifacts, outputs, revisions, isRollback, succeededInStage };
  }

  /** What lets those go on that wait for people. */
  #ways(state: PipelineState): readonly PipelineCommand[] {
    const disabled = Object.entries(state.stages).filter(([, { inbound }]) => inbound?.enabled === false);
    const enable = disabled
      .filter(([stage]) => Object.values(state.declarations).some(({ stages }) => stages.some(({ name }) => name === stage)))
      .map(([stage]) => ({ type: 'transition', stage, enabled: true, by: BY }) as const);
    const approvals = inFlight(state).flatMap((execution) =>
      runsOf(execution).flatMap(({ action, status, token }) =>
        status === 'InProgress' && token !== undefined
          ? [{ type: 'approve', stage: execution.stage, action, token, approved: true, summary: '', by: BY } as const]
          : [],
      ),
    );
    return [...enable, ...approvals];
  }
}
