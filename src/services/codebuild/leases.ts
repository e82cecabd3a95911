import type { Aggregates } from '../../engine/process.ts';
import type { Sleeper } from '../../engine/sleeper.ts';
import type { Clock } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/log.ts';
import type { BuildCommand } from './rules/build/events.ts';
import { deadlineOf, isRunning, type BuildState } from './rules/build/state.ts';

/** A runner that has not been heard of for so long has lost its builds. Seconds; told to runners at registration. */
export const LEASE_SECONDS = 30;
const LOST = 'The runner that ran this build was lost; the build did not end by itself.';

/** `ACCOUNT/REGION/PROJECT` of an aggregate's id. */
const projectOf = (id: string): string => id.slice(0, id.lastIndexOf(':'));

interface Waiting {
  readonly runnerId: string;
  wake(): void;
}

export interface StopOrder {
  readonly id: string;
  readonly reason: 'STOPPED' | 'TIMED_OUT';
}

export interface LeaseTools {
  readonly builds: Aggregates<BuildState, BuildCommand>;
  readonly clock: Clock;
  readonly sleeper: Sleeper;
  readonly log: Logger;
}

/**
 * Which builds wait, which are leased, and when their runners were last heard of. All of it is derived from the aggregates and
 * from the runners' calls; nothing here needs to survive: after a restart each lease gets a fresh LEASE_SECONDS to be claimed in.
 */
export class Leases {
  readonly #tools: LeaseTools;
  /** Ids of builds that no runner has, in the order of their arrival. */
  readonly #queue = new Set<string>();
  /** concurrentBuildLimit of the queued builds that have one. */
  readonly #limits = new Map<string, number>();
  readonly #leased = new Map<string, BuildState>();
  readonly #heard = new Map<string, number>();
  readonly #pollers: Waiting[] = [];
  readonly #heartbeats = new Set<() => void>();
  #unsubscribe: (() => void) | undefined;
  /** Long polls answer at once from now on. */
  stopping = false;

  constructor(tools: LeaseTools) {
    this.#tools = tools;
  }

  start(): void {
    this.#unsubscribe = this.#tools.builds.onStep((id, state) => this.#follow(id, state));
    const open = this.#tools.builds.open().toSorted(([, a], [, b]) => a.submittedAt - b.submittedAt || (a.id < b.id ? -1 : 1));
    for (const [id, state] of open) this.#follow(id, state);
    this.#watch();
  }

  stop(): void {
    this.#unsubscribe?.();
    this.stopping = true;
    for (const poller of this.#pollers.splice(0)) poller.wake();
    for (const wake of this.#heartbeats) wake();
  }

  /** The first build that may run now; the caller tries to lease it. `skip` holds those that it has tried. */
  next(skip: ReadonlySet<string>): string | undefined {
    for (const id of this.#queue) if (!skip.has(id) && !this.#isFull(id)) return id;
    return undefined;
  }

  /** The build's project runs as many builds as it may. */
  #isFull(id: string): boolean {
    const limit = this.#limits.get(id);
    if (limit === undefined) return false;
    const project = projectOf(id);
    let running = 0;
    for (const leased of this.#leased.keys()) if (projectOf(leased) === project) running++;
    return running >= limit;
  }

  /** Resolves when something waits in the queue, at the latest after `ms`, or when the signal is aborted. */
  async somethingWaits(runnerId: string, ms: number, signal: AbortSignal): Promise<void> {
    if (this.next(new Set()) !== undefined || ms <= 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const poller: Waiting = { runnerId, wake: () => done() };
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        const at = this.#pollers.indexOf(poller);
        if (at !== -1) this.#pollers.splice(at, 1);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
      this.#pollers.push(poller);
    });
  }

  /** The runner lives. Answers what it must stop, and which of its leases are no longer its own. */
  heard(instanceId: string, leases: readonly { readonly id: string; readonly epoch: number }[]): { stop: StopOrder[]; stale: string[] } {
    const now = this.#tools.clock.now();
    const stop: StopOrder[] = [];
    const stale: string[] = [];
    for (const { id, epoch } of leases) {
      const state = this.#leased.get(id);
      if (!state || state.lease?.instanceId !== instanceId || state.lease.epoch !== epoch) {
        stale.push(id);
        continue;
      }
      this.#heard.set(id, now);
      if (state.stopRequested) stop.push({ id, reason: 'STOPPED' });
      else if ((deadlineOf(state) ?? Infinity) <= now) stop.push({ id, reason: 'TIMED_OUT' });
    }
    return { stop, stale };
  }

  /** Resolves when an order may have changed, at the latest after `ms`: heartbeats are long polls, so that a stop is told at once. */
  async ordersChange(ms: number, signal: AbortSignal): Promise<void> {
    if (ms <= 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#heartbeats.delete(done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done);
      this.#heartbeats.add(done);
    });
  }

  /** A runner began anew under this id: what its earlier instance had is lost. */
  async registered(runnerId: string, instanceId: string): Promise<void> {
    const lost = [...this.#leased.values()].filter(({ lease }) => lease?.runnerId === runnerId && lease.instanceId !== instanceId);
    await Promise.all(lost.map((state) => this.#lose(state)));
  }

  #follow(id: string, state: BuildState): void {
    if (!isRunning(state)) {
      this.#queue.delete(id);
      this.#limits.delete(id);
      this.#heard.delete(id);
      // A place in its project is free again.
      if (this.#leased.delete(id) && this.#limits.size > 0) this.#pollers[0]?.wake();
      return;
    }
    if (!state.lease) {
      this.#queue.add(id);
      const limit = state.spec?.concurrentBuildLimit;
      if (limit !== undefined) this.#limits.set(id, limit);
      this.#pollers[0]?.wake();
      return;
    }
    this.#queue.delete(id);
    this.#limits.delete(id);
    if (!this.#leased.has(id)) this.#heard.set(id, this.#tools.clock.now());
    const stops = state.stopRequested && !this.#leased.get(id)?.stopRequested;
    this.#leased.set(id, state);
    if (stops) for (const wake of this.#heartbeats) wake();
  }

  /** Looks for runners that have gone silent. */
  #watch(): void {
    const now = this.#tools.clock.now();
    for (const [id, state] of this.#leased) {
      if ((this.#heard.get(id) ?? now) + LEASE_SECONDS * 1000 <= now) void this.#lose(state);
    }
    this.#tools.sleeper.set('codebuild leases', now + (LEASE_SECONDS * 1000) / 3, () => this.#watch());
  }

  async #lose(state: BuildState): Promise<void> {
    try {
      await this.#tools.builds.send(state.id, { type: 'lost', epoch: state.lease?.epoch ?? 0, message: LOST });
    } catch (error) {
      this.#tools.log.error('a lost build could not be ended', { build: state.id, error: messageOf(error) });
    }
  }
}
