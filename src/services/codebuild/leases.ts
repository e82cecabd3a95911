import type { Aggregates } from '../../engine/process.ts';
import type { Sleeper } from '../../engine/sleeper.ts';
import type { Clock } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Logger } from '../../kernel/log.ts';
import { BuildQueue, type BuildPlace, type FleetPool } from './queue.ts';
import type { BuildCommand } from './rules/build/events.ts';
import { deadlineOf, isRunning, type BuildState } from './rules/build/state.ts';

/** A runner that has not been heard of for so long has lost its builds. Seconds; told to runners at registration. */
export const LEASE_SECONDS = 30;
const LOST = 'The runner that ran this build was lost; the build did not end by itself.';

/** `ACCOUNT/REGION/PROJECT` of an aggregate's id. */
const projectOf = (id: string): string => id.slice(0, id.lastIndexOf(':'));

function placeOf(id: string, { spec }: BuildState): BuildPlace {
  const fleet = spec?.environment.fleet?.fleetArn ?? '';
  return { project: projectOf(id), ...(fleet !== '' && { fleet }) };
}

interface Waiting {
  /** The fleet of the runner that waits. */
  readonly fleet: string | undefined;
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
  readonly #queue = new BuildQueue();
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

  /** After the limits and fleets were told. */
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

  /** How many builds of a project (`ACCOUNT/REGION/NAME`) may run at once, from now on. */
  limit(project: string, limit: number | undefined): void {
    this.#queue.limit(project, limit);
    this.#wake();
  }

  /** What a fleet is from now on; undefined: it is no more. */
  fleet(arn: string, pool: FleetPool | undefined): void {
    this.#queue.fleet(arn, pool);
    this.#wake();
  }

  /** The first build that a runner of this fleet may have now; the caller tries to lease it. `skip` holds those that it has tried. */
  next(fleet: string | undefined, skip: ReadonlySet<string>): string | undefined {
    return this.#queue.next(fleet, skip);
  }

  /** Resolves when something may wait for a runner of this fleet, at the latest after `ms`, or when the signal is aborted. */
  async somethingWaits(fleet: string | undefined, ms: number, signal: AbortSignal): Promise<void> {
    if (this.next(fleet, new Set()) !== undefined || ms <= 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      const poller: Waiting = { fleet, wake: () => done() };
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
      this.#heard.delete(id);
      this.#leased.delete(id);
      // A place in its project and its fleet is free again.
      if (this.#queue.ended(id)) this.#wake();
      return;
    }
    if (!state.lease) {
      this.#queue.add(id, placeOf(id, state));
      this.#wake();
      return;
    }
    this.#queue.leased(id, placeOf(id, state));
    if (!this.#leased.has(id)) this.#heard.set(id, this.#tools.clock.now());
    const stops = state.stopRequested && !this.#leased.get(id)?.stopRequested;
    this.#leased.set(id, state);
    if (stops) for (const wake of this.#heartbeats) wake();
  }

  /** One runner of each fleet that something waits for: it wakes the next by what it leaves. */
  #wake(): void {
    const first = new Map<string | undefined, Waiting>();
    for (const poller of this.#pollers) if (!first.has(poller.fleet)) first.set(poller.fleet, poller);
    for (const [fleet, poller] of first) if (this.#queue.next(fleet, new Set()) !== undefined) poller.wake();
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
