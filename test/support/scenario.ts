import { dummyProviders } from '../../src/actions/dummy/index.ts';
import { deploymentWindow } from '../../src/conditions/deployment-window/index.ts';
import { dummyRule } from '../../src/conditions/dummy/index.ts';
import { variableCheck } from '../../src/conditions/variable-check/index.ts';
import { manualApproval } from '../../src/actions/manual-approval/index.ts';
import { load } from '../../src/engine/aggregate.ts';
import { Committer } from '../../src/engine/committer.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import { createEventLog } from '../../src/engine/event-log.ts';
import type { Aggregates, ProcessType } from '../../src/engine/process.ts';
import { ManualClock } from '../../src/kernel/clock.ts';
import { noFaults, type Faults } from '../../src/kernel/fault.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { PositionedEvent } from '../../src/ports/bus.ts';
import type { Service } from '../../src/protocol/service.ts';
import type { Api, PipelineDeclaration } from '../../src/services/codepipeline/api.gen.ts';
import { createCodePipeline } from '../../src/services/codepipeline/index.ts';
import { callOf, context, type Desk } from './scenario-call.ts';
import type { PipelineEvent } from '../../src/services/codepipeline/rules/events.ts';
import { aggregateId, type PipelineState } from '../../src/services/codepipeline/rules/state.ts';
import { openScenarioDatabase, type ScenarioDatabase } from './scenario-database.ts';
import { eventLine, START } from './scenario-log.ts';
import { standing } from './scenario-standing.ts';
import { whole, type Input, type Played, type Scenario } from './scenario-file.ts';

type ClientError = Error & { readonly code: string };

interface World {
  readonly engine: Engine;
  readonly service: Service<Api>;
  readonly commits: Committer;
  readonly death: Death;
  /** The pipelines, as the shell has them in memory. */
  readonly pipelines: Aggregates<PipelineState, unknown>;
  readonly type: ProcessType<PipelineState, PipelineEvent, unknown>;
}

/** What is left behind when a scenario is over. */
export interface Evidence {
  readonly service: Partial<Api>;
  readonly events: readonly PositionedEvent[];
  /** The pipeline as the shell has it in memory, and as the database gives it back. */
  readonly live: PipelineState | undefined;
  readonly stored: PipelineState;
}

/** A killed shell stays dead: whatever it still tries, every fault point kills it again, so nothing of it can be written. */
class Death implements Faults {
  readonly #faults: Faults;
  dead = false;

  constructor(faults: Faults) {
    this.#faults = faults;
  }

  hit(point: string): void {
    if (this.dead) throw new Error(`dead at ${point}`);
    try {
      this.#faults.hit(point);
    } catch (error) {
      this.dead = true;
      throw error;
    }
  }
}

/** Runs one scenario on a real database; `faults` may kill the shell, which is then started anew on what was committed. */
export class ScenarioRun {
  readonly #scenario: Omit<Scenario, 'pipeline'> & { readonly pipeline: PipelineDeclaration };
  readonly #faults: Faults;
  readonly #clock = new ManualClock(START);
  readonly #ids = randomIds(this.#clock);
  /** The outside world: it survives the shell. */
  readonly #providers = [...dummyProviders(), manualApproval()];
  #opened: ScenarioDatabase | undefined;
  #world: World | undefined;
  /** How often the shell was killed. */
  crashes = 0;

  constructor(scenario: Scenario, faults: Faults = noFaults) {
    this.#scenario = { ...scenario, pipeline: whole(scenario.pipeline) };
    this.#faults = faults;
  }

  /** `examine` looks at what is left behind, before it is gone. */
  async play(examine?: (evidence: Evidence) => Promise<void>): Promise<Played> {
    this.#opened = await openScenarioDatabase();
    try {
      while (!(await this.#boot())) this.crashes++;
      await this.#try(() => this.#service.createPipeline!({ pipeline: this.#scenario.pipeline }, context), ['PipelineNameInUseException']);
      await this.#settle();
      for (const input of this.#scenario.inputs) {
        await this.#passTime(input.at);
        await this.#input(input);
        await this.#settle();
      }
      await this.#passTime(this.#scenario.until);
      await examine?.(await this.#evidence());
      const numbers = new Map<string, number>();
      const expect = await this.#log(numbers);
      return { expect, final: await standing(this.#service, this.#scenario.pipeline.name, context, numbers) };
    } finally {
      await this.#halt();
      await this.#database.close();
    }
  }

  get #database(): ScenarioDatabase {
    return this.#opened ?? fail('the scenario has not begun');
  }

  get #service(): Partial<Api> {
    return this.#world!.service.operations;
  }

  /** Starts a shell on what is in the database; false where it was killed before it stood. */
  async #boot(): Promise<boolean> {
    const death = new Death(this.#faults);
    const commits = new Committer(this.#database, death);
    const bus = createEventLog(this.#database, commits);
    const tools = { db: this.#database, commits, bus, clock: this.#clock, ids: this.#ids, log: silentLogger };
    const engine = createEngine({
      reader: this.#database,
      commits,
      clock: this.#clock,
      ids: this.#ids,
      log: silentLogger,
      faults: death,
    });
    // The providers of scenarios call no service: an AWS client that is touched is a mistake in the scenario.
    const aws = { as: () => new Proxy({}, { get: (_, name) => fail(`a scenario called ${String(name)}`) }) as never };
    const known: Pick<World, 'pipelines' | 'type'>[] = [];
    const told = { ...engine, register: registering(engine, known) };
    const rules = [variableCheck, deploymentWindow, dummyRule()];
    const service = createCodePipeline({ ...tools, engine: told, aws, providers: this.#providers, rules });
    this.#world = { engine, service, commits, death, ...known[0]! };
    try {
      await engine.start();
      await service.start!();
    } catch (error) {
      if (!death.dead) throw error;
    }
    if (!death.dead) return true;
    await this.#halt();
    return false;
  }

  async #halt(): Promise<void> {
    this.#world?.engine.close();
    await this.#world?.service.stop!();
    await this.#world?.commits.drained();
  }

  /** Starts anew after a kill: nothing in memory survives. True where that was needed. */
  async #revive(): Promise<boolean> {
    if (!this.#world!.death.dead) return false;
    await this.#halt();
    do this.crashes++;
    while (!(await this.#boot()));
    return true;
  }

  /** A client repeats a call whose answer it never got; `done` is what the repetition is told when the first had worked. */
  async #try(call: () => Promise<unknown>, done: readonly string[], refused?: string): Promise<ClientError | undefined> {
    for (let repeated = false; ; repeated = true) {
      try {
        await call();
        return undefined;
      } catch (error) {
        if (await this.#revive()) continue;
        const { code } = error as Partial<ClientError>;
        if (code === undefined) throw error;
        return repeated && done.includes(code) && code !== refused ? undefined : (error as ClientError);
      }
    }
  }

  /** Lets everything that can happen without time happen. Turns of the loop, not time: the shell's own work is all in-process. */
  async #settle(): Promise<void> {
    for (let quiet = 0; quiet < 12;) {
      await this.#world!.commits.drained();
      const before = this.#database.batches;
      await new Promise((resolve) => setImmediate(resolve));
      const wrote = this.#database.batches !== before;
      quiet = (await this.#revive()) || this.#ringDue() || wrote ? 0 : quiet + 1;
    }
  }

  /** Rings what is due already, so that no real timer is waited for. */
  #ringDue(): boolean {
    const { engine } = this.#world!;
    const due = (engine.sleeper.next() ?? Infinity) <= this.#clock.now();
    if (due) engine.tick();
    return due;
  }

  /** Moves the clock from alarm to alarm, up to the given second. */
  async #passTime(seconds: number): Promise<void> {
    const target = START + Math.round(seconds * 1000);
    for (;;) {
      const next = this.#world!.engine.sleeper.next();
      const now = this.#clock.now();
      if (now >= target && (next === undefined || next > now)) return;
      this.#clock.advance(Math.max(0, Math.min(next ?? target, target) - now));
      this.#world!.engine.tick();
      await this.#settle();
      if (this.#clock.now() >= target) return;
    }
  }

  async #input(input: Input): Promise<void> {
    const { pipeline } = this.#scenario;
    const desk: Desk = { service: () => this.#service, pipeline, clock: this.#clock, newToken: () => this.#ids.uuid() };
    const error = await this.#try(...(await callOf(input, desk)), input.refused);
    const said = error?.message ?? '';
    const asExpected = error?.code === input.refused && said.includes(input.saying ?? '');
    if (!asExpected)
      fail(`${input.do} at ${input.at}s: ${error?.code ?? 'success'} (${said}), not ${input.refused ?? 'success'} ${input.saying ?? ''}`);
  }

  async #evidence(): Promise<Evidence> {
    const { pipelines, type, commits } = this.#world!;
    const id = aggregateId(context.account, context.region, this.#scenario.pipeline.name);
    const { state: stored } = await load(this.#database, type, id);
    const events = await createEventLog(this.#database, commits).read(0, 100_000);
    return { service: this.#service, events, live: await pipelines.state(id), stored };
  }

  /** What happened, in AWS's public events, with executions numbered in the order of their first event. */
  async #log(numbers: Map<string, number>): Promise<string[]> {
    const bus = createEventLog(this.#database, this.#world!.commits);
    return (await bus.read(0, 100_000)).map((event) => eventLine(event, numbers));
  }
}

/** Registers as the engine does, and keeps what was registered. */
function registering(engine: Engine, known: Pick<World, 'pipelines' | 'type'>[]): Engine['register'] {
  return (type, performers) => {
    const pipelines = engine.register(type, performers);
    known.push({ pipelines, type } as unknown as Pick<World, 'pipelines' | 'type'>);
    return pipelines;
  };
}

function fail(message: string): never {
  throw new Error(message);
}
