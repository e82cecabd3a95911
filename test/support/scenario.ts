import { dummyProviders } from '../../src/actions/dummy/index.ts';
import { dummyRule } from '../../src/conditions/dummy/index.ts';
import { variableCheck } from '../../src/conditions/variable-check/index.ts';
import { manualApproval } from '../../src/actions/manual-approval/index.ts';
import { Committer } from '../../src/engine/committer.ts';
import { createEngine, type Engine } from '../../src/engine/engine.ts';
import { createEventLog } from '../../src/engine/event-log.ts';
import { ManualClock } from '../../src/kernel/clock.ts';
import { noFaults, type Faults } from '../../src/kernel/fault.ts';
import { randomIds } from '../../src/kernel/ids.ts';
import { silentLogger } from '../../src/kernel/log.ts';
import type { PositionedEvent } from '../../src/ports/bus.ts';
import type { Service } from '../../src/protocol/service.ts';
import type { Api, PipelineDeclaration } from '../../src/services/codepipeline/api.gen.ts';
import { createCodePipeline } from '../../src/services/codepipeline/index.ts';
import { callOf, context, type Desk } from './scenario-call.ts';
import { openScenarioDatabase, type ScenarioDatabase } from './scenario-database.ts';
import { standing } from './scenario-standing.ts';
import { whole, type Input, type Played, type Scenario } from './scenario-file.ts';

const START = Date.UTC(2026, 0, 1);

type ClientError = Error & { readonly code: string };

interface World {
  readonly engine: Engine;
  readonly service: Service<Api>;
  readonly commits: Committer;
  readonly death: Death;
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

  async play(): Promise<Played> {
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
    const service = createCodePipeline({ ...tools, engine, aws, providers: this.#providers, rules: [variableCheck, dummyRule()] });
    this.#world = { engine, service, commits, death };
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
    const target = START + seconds * 1000;
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

  /** What happened, in AWS's public events, with executions numbered in the order of their first event. */
  async #log(numbers: Map<string, number>): Promise<string[]> {
    const bus = createEventLog(this.#database, this.#world!.commits);
    return (await bus.read(0, 100_000)).map((event) => line(event, numbers));
  }
}

function line({ time, ...event }: PositionedEvent, numbers: Map<string, number>): string {
  const detail = event.detail as Readonly<Record<string, string | undefined>>;
  const execution = String(detail['execution-id']);
  if (!numbers.has(execution)) numbers.set(execution, numbers.size + 1);
  const what = detail.action
    ? `action ${String(detail.stage)}/${String(detail.action)}`
    : detail.stage
      ? `stage ${String(detail.stage)}`
      : 'pipeline';
  const result = event.detail['execution-result'] as Record<string, string> | undefined;
  const summary = detail.state === 'FAILED' && result ? ` (${result['external-execution-summary']})` : '';
  return `${(time - START) / 1000}s #${numbers.get(execution)} ${what} ${String(detail.state)}${summary}`;
}

function fail(message: string): never {
  throw new Error(message);
}
