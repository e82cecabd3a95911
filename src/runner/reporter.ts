import type { PipewrightClient } from '../client/client.ts';
import type { BuildJob, Phase } from '../services/pipewright/api.gen.ts';
import type { SandboxCalls } from './build/sandbox.ts';
import type { BuildResult } from './build/run.ts';
import type { DebugCalls } from './debug/calls.ts';
import { insist } from './client.ts';
import type { OutputCourier } from './output/courier.ts';
import type { OutputEvent } from './output/spool.ts';
import type { ReportCalls } from './reports/calls.ts';

/** How long a result is kept for a server that is away. */
export const KEEP_MS = 10 * 60_000;
const COMMAND_WAIT_SECONDS = 20;
/** Phases that pass so quickly are told together, ms: a build of a moment is one report. */
const GATHER_MS = 25;

/** How long a poll for orders of people who debug the build may take. */
const DEBUG_WAIT_SECONDS = 20;

export interface ReporterTools {
  /** The client as it is now; a restarted server brings a new one. */
  readonly api: () => PipewrightClient['pipewright'];
  readonly courier: OutputCourier;
}

/** Tells the server how a build goes, under its lease. Calls insist while the server is away and reject when the lease has gone stale. */
export class Reporter {
  readonly #api: () => PipewrightClient['pipewright'];
  readonly #courier: OutputCourier;
  readonly #lease: { readonly buildArn: string; readonly epoch: number };
  readonly #signal: AbortSignal;
  readonly #onStale: () => void;
  #waiting = new Map<string, Phase>();
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #completing = false;

  constructor(job: BuildJob, { api, courier }: ReporterTools, signal: AbortSignal, onStale: () => void) {
    this.#api = api;
    this.#courier = courier;
    this.#lease = { buildArn: job.buildArn, epoch: job.epoch };
    this.#signal = signal;
    this.#onStale = onStale;
  }

  /** Phases are reported behind the build's back, in order; those that gather meanwhile go together. */
  phase(phase: Phase): void {
    this.#waiting.set(phase.phaseType, phase);
    if (!this.#sending) this.#timer ??= setTimeout(() => this.#begin(), GATHER_MS);
  }

  output(sequence: number, events: readonly OutputEvent[]): Promise<void> {
    return this.#call(() => this.#courier.deliver({ ...this.#lease, sequence, events: [...events] }));
  }

  /** Reports of tests and coverage, in calls that may be repeated. */
  readonly reports: ReportCalls = {
    create: (reportGroup, fileFormat) => this.#call((api) => api.createReport({ ...this.#lease, reportGroup, fileFormat })),
    testCases: (reportArn, position, testCases) =>
      this.#call(async (api) => void (await api.putTestCases({ ...this.#lease, reportArn, position, testCases }))),
    coverages: (reportArn, position, codeCoverages) =>
      this.#call(async (api) => void (await api.putCodeCoverages({ ...this.#lease, reportArn, position, codeCoverages }))),
    complete: (reportArn, totals) => this.#call(async (api) => void (await api.completeReport({ ...this.#lease, reportArn, ...totals }))),
  };

  /** The commands of a sandbox. */
  readonly sandbox: SandboxCalls = {
    next: () => this.#call(async (api) => (await api.nextCommand({ ...this.#lease, waitSeconds: COMMAND_WAIT_SECONDS })).command),
    complete: (id, result) => this.#call(async (api) => void (await api.completeCommand({ ...this.#lease, id, ...result }))),
  };

  /** Debugging ends with the build: a lease that has gone stale meanwhile is nobody's concern. */
  readonly debug: DebugCalls = {
    poll: (received, pause) =>
      this.#insist((api) => api.pollDebugSession({ ...this.#lease, received, ...(pause && { pause }), waitSeconds: DEBUG_WAIT_SECONDS })),
    pause: (pause) => this.#insist(async (api) => void (await api.reportPause({ ...this.#lease, ...(pause && { pause }) }))),
    output: (sessionId, position, data, exitCode) =>
      this.#insist(
        async (api) =>
          void (await api.putDebugOutput({ ...this.#lease, sessionId, position, data, ...(exitCode !== undefined && { exitCode }) })),
      ),
  };

  async complete(result: BuildResult, phases: readonly Phase[]): Promise<void> {
    this.#completing = true;
    clearTimeout(this.#timer);
    await this.#sending;
    const { status: buildStatus, revision, exported: exportedVariables, artifacts, batchspec } = result;
    const known = { ...(revision !== undefined && { resolvedSourceVersion: revision }), ...(batchspec && { batchspec }) };
    const facts = { buildStatus, phases, exportedVariables, artifacts, ...known };
    await this.#call(async (api) => void (await api.completeBuild({ ...this.#lease, ...facts })));
  }

  #begin(): void {
    this.#timer = undefined;
    this.#sending = this.#send().finally(() => {
      this.#sending = undefined;
      if (this.#waiting.size > 0 && !this.#completing) this.#timer ??= setTimeout(() => this.#begin(), GATHER_MS);
    });
  }

  async #send(): Promise<void> {
    try {
      while (this.#waiting.size > 0 && !this.#completing) {
        const phases = [...this.#waiting.values()];
        this.#waiting = new Map();
        await this.#call(async (api) => void (await api.reportPhase({ ...this.#lease, phases })));
      }
    } catch {
      // A stale lease has been told already; anything else comes up again with the result, which carries all phases.
    }
  }

  async #insist<T>(call: (api: PipewrightClient['pipewright']) => Promise<T>): Promise<T> {
    this.#signal.throwIfAborted();
    return insist(() => call(this.#api()), this.#signal, KEEP_MS);
  }

  async #call<T>(call: (api: PipewrightClient['pipewright']) => Promise<T>): Promise<T> {
    try {
      return await this.#insist(call);
    } catch (error) {
      if ((error as { code?: string }).code === 'StaleLeaseException') this.#onStale();
      throw error;
    }
  }
}
