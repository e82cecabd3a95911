import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createClient, type PipewrightClient } from '../client/client.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { BuildJob } from '../services/pipewright/api.gen.ts';
import { insist, isPassing, pause } from './client.ts';
import { CredentialsAddress } from './credentials-address.ts';
import { LeasedBuild } from './leased-build.ts';
import { KEEP_MS } from './reporter.ts';
import { OutputCourier } from './output/courier.ts';
import { Mirrors } from './source/mirror.ts';
import type { Runtimes } from './runtimes.ts';
import type { RunnerSettings } from './settings.ts';

export interface RunnerOptions {
  /** The same for every life of the runner on this folder. */
  readonly runnerId: string;
  /** New for every life: tells the server that the leases of an earlier one are lost. */
  readonly instanceId: string;
  readonly folder: string;
  readonly capacity: number;
  /** The ARN of the fleet that it belongs to; without one it is the server's own. */
  readonly fleetArn?: string;
  readonly runtimes: Runtimes;
  readonly log: Logger;
  readonly gitProtocols?: string;
}

const LEASE_WAIT_SECONDS = 20;
const HEARTBEAT_SECONDS = 5;
/** How long a stopping runner tries to deliver, ms. */
const PATIENCE_MS = 7_000;

/** Leases builds and runs them; a client of the public API like any other. */
export class Runner {
  readonly #options: RunnerOptions;
  readonly #builds = new Map<string, LeasedBuild>();
  readonly #mirrors: Mirrors;
  readonly #credentialsAddress: CredentialsAddress;
  readonly #courier = new OutputCourier(() => this.#api());
  readonly #freed: (() => void)[] = [];
  #settings: RunnerSettings | undefined;
  #client: PipewrightClient | undefined;
  /** Aborted when the settings change or the runner stops. */
  #session = new AbortController();
  #stopped = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#mirrors = new Mirrors(join(options.folder, 'mirrors'), options.log);
    this.#credentialsAddress = new CredentialsAddress(options.log);
    mkdirSync(this.#spool, { recursive: true, mode: 0o700 });
  }

  get busy(): boolean {
    return this.#builds.size > 0;
  }

  get #identity() {
    const { runnerId, instanceId, capacity, fleetArn } = this.#options;
    return { runnerId, instanceId, capacity, ...(fleetArn !== undefined && { fleetArn }) };
  }

  get #spool(): string {
    return join(this.#options.folder, 'spool');
  }

  /** Ends what an earlier life left. Before `connect`. */
  async sweep(): Promise<void> {
    rmSync(this.#spool, { recursive: true, force: true });
    mkdirSync(this.#spool, { recursive: true, mode: 0o700 });
    const found = await this.#options.runtimes.sweep();
    if (found.length > 0) this.#options.log.warn('ended what an earlier runner left', { workloads: found });
  }

  /** Works for this server from now on. Builds under way go on, and report there. */
  connect(settings: RunnerSettings): void {
    this.#session.abort();
    this.#session = new AbortController();
    this.#client?.close();
    this.#settings = settings;
    this.#options.runtimes.configure(settings.builds);
    this.#client = createClient(settings);
    void this.#work(this.#session.signal);
  }

  /** The server has gone: takes no new builds, finishes those under way. Resolves when there is nothing left to do or to wait for. */
  async abandoned(): Promise<void> {
    const session = this.#session.signal;
    const until = Date.now() + KEEP_MS;
    while (this.busy && Date.now() < until && session === this.#session.signal) await pause(100, new AbortController().signal);
  }

  /** Ends all builds and tells the server so, if it still listens; what it does not hear it learns from the next life. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#session.abort();
    for (const build of this.#builds.values()) build.stop('SHUTDOWN');
    const patience = setTimeout(() => {
      for (const build of this.#builds.values()) build.stop('LOST');
    }, PATIENCE_MS);
    while (this.busy) await new Promise<void>((resolve) => this.#freed.push(resolve));
    clearTimeout(patience);
    this.#client?.close();
    await Promise.all([this.#options.runtimes.close(), this.#credentialsAddress.close()]);
  }

  async #work(signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    try {
      await insist(() => this.#api().registerRunner(this.#identity), signal, Infinity);
      await Promise.all([this.#lease(signal), this.#heartbeat(signal)]);
    } catch (error) {
      if (!signal.aborted) log.error('the runner cannot work', { error: messageOf(error) });
    }
  }

  #api(): PipewrightClient['pipewright'] {
    return this.#client!.pipewright;
  }

  async #lease(signal: AbortSignal): Promise<void> {
    const { capacity } = this.#options;
    while (!signal.aborted) {
      while (this.#builds.size >= capacity) await new Promise<void>((resolve) => this.#freed.push(resolve));
      const job = await this.#attempt(signal, async () => {
        const { capacity: _, ...identity } = this.#identity;
        return (await this.#api().leaseBuild({ ...identity, waitSeconds: LEASE_WAIT_SECONDS })).job;
      });
      if (job && !this.#stopped) void this.#run(job);
    }
  }

  async #heartbeat(signal: AbortSignal): Promise<void> {
    const { runnerId, instanceId } = this.#options;
    while (!signal.aborted) {
      const leases = [...this.#builds.values()].map(({ job: { buildArn, epoch } }) => ({ buildArn, epoch }));
      const answer = await this.#attempt(signal, () =>
        this.#api().heartbeat({ runnerId, instanceId, leases, waitSeconds: HEARTBEAT_SECONDS }),
      );
      for (const { buildArn, reason } of answer?.stop ?? []) this.#builds.get(buildArn)?.stop(reason);
      for (const buildArn of answer?.stale ?? []) this.#builds.get(buildArn)?.stop('LOST');
    }
  }

  /** One call of a loop. A server that has forgotten us is told again who we are; any other failure is waited out. */
  async #attempt<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      if (signal.aborted) return undefined;
      const { code } = error as { code?: string };
      if (code === 'StaleLeaseException') await this.#register(signal);
      else if (!isPassing(error)) this.#options.log.warn('a call of the runner failed', { error: messageOf(error) });
      await pause(code === 'StaleLeaseException' ? 0 : 250, signal);
      return undefined;
    }
  }

  async #register(signal: AbortSignal): Promise<void> {
    const { log } = this.#options;
    try {
      await insist(() => this.#api().registerRunner(this.#identity), signal, KEEP_MS);
    } catch (error) {
      log.warn('the runner could not register', { error: messageOf(error) });
    }
  }

  async #run(job: BuildJob): Promise<void> {
    const { runtimes, log, gitProtocols } = this.#options;
    const { endpoint, actionsUrl } = this.#settings!;
    const api = () => this.#api();
    const build = new LeasedBuild(job, {
      runtimes,
      spoolFolder: this.#spool,
      mirrors: this.#mirrors,
      cacheFolder: join(this.#options.folder, 'caches'),
      endpoint,
      credentialsAddress: this.#credentialsAddress,
      api,
      courier: this.#courier,
      log,
      ...(gitProtocols !== undefined && { gitProtocols }),
      ...(actionsUrl !== undefined && { actionsUrl }),
    });
    this.#builds.set(job.buildArn, build);
    await build.run();
    this.#builds.delete(job.buildArn);
    for (const wake of this.#freed.splice(0)) wake();
  }
}
