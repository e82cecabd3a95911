import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { PipewrightClient } from '../client/client.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import type { BuildJob } from '../services/pipewright/api.gen.ts';
import { BatchPartRun } from './batch/part-run.ts';
import { PhaseLog } from './build/phase-log.ts';
import { idOf } from './build/job-id.ts';
import { BuildRun } from './build/run.ts';
import { buildClient } from './client.ts';
import type { CredentialsAddress } from './credentials-address.ts';
import { DebugHost } from './debug/host.ts';
import { BuildLog } from './output/build-log.ts';
import type { Mirrors } from './source/mirror.ts';
import { LogFile } from './output/log-file.ts';
import type { OutputCourier } from './output/courier.ts';
import { Spool } from './output/spool.ts';
import { Reporter } from './reporter.ts';
import type { Chosen, Runtimes } from './runtimes.ts';

export interface LeasedTools {
  readonly runtimes: Runtimes;
  readonly spoolFolder: string;
  readonly cacheFolder: string;
  readonly mirrors: Mirrors;
  readonly endpoint: string;
  readonly credentialsAddress: CredentialsAddress;
  readonly api: () => PipewrightClient['pipewright'];
  readonly courier: OutputCourier;
  readonly log: Logger;
  readonly gitProtocols?: string;
  readonly actionsUrl?: string;
}

/** STOPPED by its user; SHUTDOWN with its runner; LOST: nobody wants the result any more. */
export type StopReason = 'STOPPED' | 'TIMED_OUT' | 'SHUTDOWN' | 'LOST';

/** What a disk must have left, bytes. */
const SPARE_BYTES = 16 * 1024 * 1024;

async function isFull(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize < SPARE_BYTES;
}

/** Epoch milliseconds with their fraction. */
const now = (): number => performance.timeOrigin + performance.now();
/** Node's timers overflow beyond 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

/** A build that this runner holds a lease on, from its first phase to its delivered result. */
export class LeasedBuild {
  readonly job: BuildJob;
  readonly #tools: LeasedTools;
  readonly #abort = new AbortController();
  /** Ends the reporting too: nobody wants to hear of this build any more. */
  readonly #dead = new AbortController();

  constructor(job: BuildJob, tools: LeasedTools) {
    this.job = job;
    this.#tools = tools;
  }

  stop(reason: StopReason): void {
    if (reason === 'LOST') this.#dead.abort(reason);
    this.#abort.abort(reason);
  }

  /** Never rejects: what cannot be delivered is in the runner's own log. */
  async run(): Promise<void> {
    const { job } = this;
    const { runtimes, log } = this.#tools;
    const deadline = setTimeout(() => this.stop('TIMED_OUT'), Math.min(Math.max(job.deadline - Date.now(), 0), LONGEST_MS));
    const chosen = await runtimes.choose(job);
    const client = buildClient(this.#tools.endpoint, job.region, job.credentials, this.#abort.signal);
    try {
      await this.#build(client, chosen);
    } catch (error) {
      if (!this.#dead.signal.aborted) log.error('a build could not be reported', { build: job.buildArn, error: messageOf(error) });
    } finally {
      clearTimeout(deadline);
      client.close();
      await chosen.runtime
        .destroy(idOf(job))
        .catch((error: unknown) => log.error('a workspace was not removed', { build: job.buildArn, error: messageOf(error) }));
    }
  }

  async #build(client: PipewrightClient, chosen: Chosen): Promise<void> {
    const { job } = this;
    const { spoolFolder, gitProtocols, actionsUrl } = this.#tools;
    const reporter = new Reporter(job, this.#tools, this.#dead.signal, () => this.stop('LOST'));
    const spool = new Spool(join(spoolFolder, `${idOf(job)}.jsonl`), (sequence, events) => reporter.output(sequence, events));
    const file = job.logObject && new LogFile(join(spoolFolder, `${idOf(job)}.gz`));
    const log = new BuildLog((event) => {
      if (job.logged) spool.add(event);
      file?.add(event.message);
    }, now);
    const phases = new PhaseLog(log, now, (phase) => reporter.phase(phase));
    const debug =
      job.debugSession || job.sandbox ? new DebugHost({ job, calls: reporter.debug, log, signal: this.#abort.signal }) : undefined;
    const tools = {
      ...chosen,
      s3: client.s3,
      aws: client,
      endpoint: this.#tools.endpoint,
      log,
      phases,
      reports: reporter.reports,
      ...(job.sandbox && { sandbox: reporter.sandbox }),
      signal: this.#abort.signal,
      cacheFolder: this.#tools.cacheFolder,
      mirrors: this.#tools.mirrors,
      credentialsAddress: this.#tools.credentialsAddress,
      ...(debug && { debug }),
      ...(gitProtocols !== undefined && { gitProtocols }),
      ...(actionsUrl !== undefined && { actionsUrl }),
    };
    try {
      const result = await (job.batchPart ? new BatchPartRun(job, job.batchPart, tools) : new BuildRun(job, tools)).run();
      if (file) await this.#storeLog(file, log);
      // Else the server, on the same disk, could not even write down how the build ended.
      if (await isFull(spoolFolder)) await chosen.runtime.destroy(idOf(job));
      await spool.drained();
      await reporter.complete(result, phases.phases);
    } finally {
      debug?.close();
      spool.close();
      await file?.remove();
    }
  }

  /** After a stop too: so with a client that does not end with the build. */
  async #storeLog(file: LogFile, log: BuildLog): Promise<void> {
    const { job } = this;
    const client = buildClient(this.#tools.endpoint, job.region, job.credentials, this.#dead.signal);
    try {
      await file.upload(job.logObject!, client.s3, this.#dead.signal);
    } catch (error) {
      log.agent(`The log could not be stored in S3: ${messageOf(error)}`);
    } finally {
      client.close();
    }
  }
}
