import { dummyProviders } from '../../src/actions/dummy/index.ts';
import { manualApproval } from '../../src/actions/manual-approval/index.ts';
import { dummyRule } from '../../src/conditions/dummy/index.ts';
import { variableCheck } from '../../src/conditions/variable-check/index.ts';
import { Deciding } from '../../src/engine/aggregate.ts';
import type { Effect } from '../../src/engine/process.ts';
import { ManualClock } from '../../src/kernel/clock.ts';
import { countingIds } from '../../src/kernel/ids.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { PipelineDeclaration } from '../../src/services/codepipeline/api.gen.ts';
import { findRun, progressCommand, toolsFor, type PerformerTools } from '../../src/services/codepipeline/performers.ts';
import { pipelineProcess, type RunAddress } from '../../src/services/codepipeline/process.ts';
import { fixedCatalogue } from '../../src/services/codepipeline/rules/catalogue.ts';
import type { PipelineCommand } from '../../src/services/codepipeline/rules/commands.ts';
import type { PipelineEvent } from '../../src/services/codepipeline/rules/events.ts';
import { aggregateId, inFlight, ruleRunsOf, runsOf, type PipelineState } from '../../src/services/codepipeline/rules/state.ts';
import { validatePipeline } from '../../src/services/codepipeline/rules/validate.ts';
import type { Chance } from './chance.ts';
import { EngineWitness } from './engine-witness.ts';
import { START } from './scenario-log.ts';

const PLACE = { account: '000000000000', region: 'us-east-1' };
/** A pipeline that does not come to an end within so many turns never does. */
const MOST_TURNS = 5_000;

interface Job {
  readonly effect?: string;
  readonly run: () => Promise<PipelineCommand | undefined>;
}

/**
 * The rules of the pipeline engine with the providers of scenarios, in memory and in virtual time. Given a chance, it takes liberties
 * that a real shell may take: several commands in one step, work done twice or again, a state rebuilt from its events.
 */
export class EngineInMemory {
  readonly witness = new EngineWitness();
  readonly #chance: Chance | undefined;
  readonly #clock = new ManualClock(START);
  readonly #ids = countingIds();
  readonly #catalogues = {
    actions: fixedCatalogue([...dummyProviders(), manualApproval()]),
    rules: fixedCatalogue([variableCheck, dummyRule()]),
  };
  readonly #type = pipelineProcess(this.#catalogues, { write: () => never() } as never);
  readonly #tools: PerformerTools;
  readonly #outbox = new Map<string, Effect>();
  readonly #history: PipelineEvent[] = [];
  /** Two things were due at one moment: which came first was chance. */
  tied = false;
  state: PipelineState;

  constructor(name: string, chance?: Chance) {
    this.#chance = chance;
    const { actions: providers, rules } = this.#catalogues;
    this.#tools = {
      aws: { as: () => ({}) } as never,
      clock: this.#clock,
      log: silentLogger,
      providers: { ...providers, ready: async () => {} },
      rules,
    };
    this.state = this.#type.initial(aggregateId(PLACE.account, PLACE.region, name));
  }

  get now(): number {
    return this.#clock.now();
  }

  newId(): string {
    return this.#ids.uuid();
  }

  validate(declaration: PipelineDeclaration): void {
    validatePipeline(declaration, this.#catalogues, PLACE);
  }

  /** Sends a command and lets everything happen that needs no time; throws what the rules answer. */
  async send(command: PipelineCommand): Promise<void> {
    const [refusal] = this.#step([command]);
    if (refusal) throw refusal;
    await this.#settle();
  }

  /** Lets time pass, ms since the beginning. */
  async pass(to: number): Promise<void> {
    const target = START + to;
    for (let turns = 0; ; turns++) {
      if (turns > MOST_TURNS) throw new Error('there is always something more to do');
      const next = this.#next();
      if (next === undefined || next > target) break;
      this.#clock.advance(Math.max(0, next - this.now));
      await this.#settle();
    }
    this.#clock.advance(Math.max(0, target - this.now));
  }

  /** Whether something is due at that time, ms since the beginning. */
  isDue(at: number): boolean {
    return this.#next() === START + at;
  }

  /** A state that was forgotten, rebuilt from what was written down. */
  rebuilt(): PipelineState {
    return written(this.#history).reduce((state, event) => this.#type.evolve(state, event), this.#type.initial(this.state.id));
  }

  #next(): number | undefined {
    const times = this.#running().flatMap(({ ref, wakeAt }) => (ref && wakeAt !== undefined ? [wakeAt] : []));
    const deadline = this.#type.wakeAt(this.state);
    const all = deadline === undefined ? times : [...times, deadline];
    return all.length === 0 ? undefined : Math.min(...all);
  }

  #running() {
    const inside = inFlight(this.state).filter(({ phase }) => phase === 'running');
    return inside.flatMap((execution) => [...runsOf(execution), ...ruleRunsOf(execution)]).filter(({ status }) => status === 'InProgress');
  }

  async #settle(): Promise<void> {
    for (let turns = 0; ; turns++) {
      if (turns > MOST_TURNS) throw new Error('it never comes to rest');
      const polls = this.#polls();
      const late = (this.#type.wakeAt(this.state) ?? Infinity) <= this.now;
      if (polls.length + Number(late) > 1) this.tied = true;
      const effects = [...this.#outbox.values()].map((effect): Job => ({ effect: effect.id, run: () => this.#perform(effect) }));
      const jobs = [...effects, ...polls];
      if (jobs.length === 0 && !late) return this.witness.waits(this.state);
      await this.#work(this.#chance?.some(jobs) ?? jobs.slice(0, 1));
    }
  }

  async #work(jobs: readonly Job[]): Promise<void> {
    const commands: PipelineCommand[] = [];
    const done: string[] = [];
    for (const { effect, run } of jobs) {
      const command = await run();
      // The shell may die before it says what it has done: then it is done again.
      if (this.#chance?.is(0.1)) continue;
      if (effect !== undefined) done.push(effect);
      if (command) commands.push(command, ...(this.#chance?.is(0.1) ? [command] : []));
    }
    this.#step(commands);
    for (const effect of done) this.#outbox.delete(effect);
  }

  #polls(): Job[] {
    const due = this.#running().filter(({ ref, wakeAt }) => ref && wakeAt !== undefined && wakeAt <= this.now);
    return due.map(({ id: runId, executionId }) => ({ run: () => this.#poll({ runId, executionId }) }));
  }

  async #perform(effect: Effect): Promise<PipelineCommand | undefined> {
    const address = effect.payload as RunAddress;
    const found = findRun(this.state, address, this.#tools);
    if (!found) return undefined;
    const rights = toolsFor(found.job, this.#tools, new AbortController().signal);
    if (effect.kind.startsWith('stop')) {
      await (found.kind === 'action'
        ? found.provider.stop(found.job, found.run.ref, rights)
        : found.provider.stop(found.job, found.run.ref, rights));
      return undefined;
    }
    const progress = await (found.kind === 'action' ? found.provider.start(found.job, rights) : found.provider.start(found.job, rights));
    return progressCommand(address, progress);
  }

  async #poll(address: RunAddress): Promise<PipelineCommand | undefined> {
    const found = findRun(this.state, address, this.#tools);
    if (!found?.run.ref) return undefined;
    const rights = toolsFor(found.job, this.#tools, new AbortController().signal);
    const { ref } = found.run;
    const progress = await (found.kind === 'action'
      ? found.provider.poll(found.job, ref, rights)
      : found.provider.poll(found.job, ref, rights));
    return progressCommand(address, progress);
  }

  /** One step for all the commands; answers for each what refused it. */
  #step(commands: readonly PipelineCommand[]): (Error | undefined)[] {
    const deciding = new Deciding(this.#type, this.state, { now: this.now, id: () => this.#ids.uuid() });
    const refusals = commands.map((command) => {
      try {
        deciding.receive(command);
        return undefined;
      } catch (error) {
        if (error instanceof Error && 'code' in error) return error;
        throw error;
      }
    });
    const { after, events, transitions, effects, cancelled } = deciding.settle();
    this.witness.saw(transitions, this.now);
    this.state = after;
    this.#history.push(...events);
    for (const id of cancelled) this.#outbox.delete(id);
    for (const effect of effects) this.#outbox.set(effect.id, effect);
    if (this.#chance?.is(0.05)) this.#restart();
    return refusals;
  }

  #restart(): void {
    const rebuilt = this.rebuilt();
    if (JSON.stringify(rebuilt) !== JSON.stringify(this.state)) throw new Error('the events rebuild another state');
    this.state = rebuilt;
  }
}

function written<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function never(): never {
  throw new Error('nothing is projected here');
}
