import { Follower } from '../../engine/follower.ts';
import type { Sleeper } from '../../engine/sleeper.ts';
import type { Aggregates } from '../../engine/process.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Bus } from '../../ports/bus.ts';
import { findRun, progressCommand, toolsFor, type PerformerTools } from './performers.ts';
import type { RunAddress } from './process.ts';
import type { PipelineCommand } from './rules/commands.ts';
import { inFlight, ruleRunsOf, runsOf, type PipelineState } from './rules/state.ts';

/** How long a provider that threw is left alone, ms. */
const RETRY_MS = 1_000;

interface Watched extends RunAddress {
  readonly pipeline: string;
  readonly wakeOn: readonly string[];
  readonly wakeAt: number | undefined;
}

/**
 * Looks at running actions when something may have happened to them: an event of a resource they named, the time they
 * named, once right after their start was committed (no event falls between), and once after a restart.
 */
export class Watcher {
  readonly #tools: PerformerTools & { readonly bus: Bus; readonly sleeper: Sleeper };
  readonly #aggregates: Aggregates<PipelineState, PipelineCommand>;
  readonly #sleeper: Sleeper;
  readonly #runs = new Map<string, Watched>();
  readonly #byPipeline = new Map<string, Set<string>>();
  readonly #byArn = new Map<string, Set<string>>();
  /** Polls under way; true where another look was asked for meanwhile. */
  readonly #polling = new Map<string, boolean>();
  readonly #abort = new AbortController();
  readonly #follower: Follower;
  #unsubscribe: (() => void) | undefined;

  constructor(
    tools: PerformerTools & { readonly bus: Bus; readonly sleeper: Sleeper },
    aggregates: Aggregates<PipelineState, PipelineCommand>,
  ) {
    this.#tools = tools;
    this.#aggregates = aggregates;
    this.#sleeper = tools.sleeper;
    this.#follower = new Follower(tools.bus, tools.log, (events) => {
      for (const event of events) for (const arn of event.resources) for (const id of this.#byArn.get(arn) ?? []) this.#look(id);
    });
  }

  async start(): Promise<void> {
    await this.#follower.start();
    this.#unsubscribe = this.#aggregates.onStep((id, state) => this.#follow(id, state));
    for (const [id, state] of this.#aggregates.open()) this.#follow(id, state);
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#follower.stop();
    this.#abort.abort();
  }

  #follow(pipeline: string, state: PipelineState): void {
    const now = new Set<string>();
    for (const execution of inFlight(state)) {
      if (execution.phase !== 'running') continue;
      for (const run of [...runsOf(execution), ...ruleRunsOf(execution)]) {
        if (run.status !== 'InProgress' || !run.ref) continue;
        now.add(run.id);
        const known = this.#runs.get(run.id);
        if (known && String(known.wakeOn) === String(run.wakeOn) && known.wakeAt === run.wakeAt) continue;
        this.#watch({ pipeline, runId: run.id, executionId: execution.id, wakeOn: run.wakeOn ?? [], wakeAt: run.wakeAt });
      }
    }
    for (const id of this.#byPipeline.get(pipeline) ?? []) if (!now.has(id)) this.#unwatch(id);
    if (now.size > 0) this.#byPipeline.set(pipeline, now);
    else this.#byPipeline.delete(pipeline);
  }

  #watch(watched: Watched): void {
    this.#unwatch(watched.runId);
    this.#runs.set(watched.runId, watched);
    for (const arn of watched.wakeOn) this.#byArn.set(arn, (this.#byArn.get(arn) ?? new Set()).add(watched.runId));
    if (watched.wakeAt !== undefined) this.#sleeper.set(`run ${watched.runId}`, watched.wakeAt, () => this.#look(watched.runId));
    if (watched.wakeOn.length > 0) this.#look(watched.runId);
  }

  #unwatch(id: string): void {
    for (const arn of this.#runs.get(id)?.wakeOn ?? []) {
      const ids = this.#byArn.get(arn);
      ids?.delete(id);
      if (ids?.size === 0) this.#byArn.delete(arn);
    }
    this.#runs.delete(id);
    this.#sleeper.set(`run ${id}`, undefined, () => {});
  }

  #look(id: string): void {
    if (this.#polling.has(id)) this.#polling.set(id, true);
    else void this.#poll(id);
  }

  async #poll(id: string): Promise<void> {
    this.#polling.set(id, false);
    try {
      await this.#ask(id);
    } catch (error) {
      this.#tools.log.warn('a running action could not be looked at', { action: id, error: messageOf(error) });
      this.#sleeper.set(`run ${id}`, this.#tools.clock.now() + RETRY_MS, () => this.#look(id));
    }
    const again = this.#polling.get(id);
    this.#polling.delete(id);
    if (again && this.#runs.has(id)) void this.#poll(id);
  }

  async #ask(id: string): Promise<void> {
    const watched = this.#runs.get(id);
    if (!watched) return;
    const state = await this.#aggregates.state(watched.pipeline);
    const found = state && findRun(state, watched, this.#tools);
    if (!found?.run.ref || found.run.status !== 'InProgress') return;
    const rights = toolsFor(found.job, this.#tools, this.#abort.signal);
    const { ref } = found.run;
    const progress = await (found.kind === 'action'
      ? found.provider.poll(found.job, ref, rights)
      : found.provider.poll(found.job, ref, rights));
    await this.#aggregates.send(watched.pipeline, progressCommand(watched, progress));
  }
}
