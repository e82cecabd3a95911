import type { Aggregates } from '../../../engine/process.ts';
import { WriteConflict, write } from '../../../ports/database.ts';
import type { Sessions } from '../../../ports/credentials.ts';
import type { ServiceTools } from '../../../protocol/service.ts';
import { errors, type CurrentRevision, type ExecutionDetails, type FailureDetails, type JobData } from '../api.gen.ts';
import { progressCommand, type PerformerTools } from '../performers.ts';
import type { Progress } from '../provider.ts';
import { catalogueKey, type Place, type TypeId } from '../rules/catalogue.ts';
import type { PipelineCommand } from '../rules/commands.ts';
import { aggregateId, type PipelineState } from '../rules/state.ts';
import type { CustomType } from '../rules/custom-type.ts';
import type { CustomTypes } from './custom-types.ts';
import { jobCredentials, liveJob, type LiveJob } from './job-data.ts';
import { jobSql, type JobRow } from './tables.ts';

/** How long a job that was handed out waits to be acknowledged, ms. */
const UNACKNOWLEDGED_MS = 60_000;
/** Jobs that are over are remembered this long, so that a late worker is told so. */
const REMEMBERED_MS = 24 * 3_600_000;
/** Temporary credentials of a job, seconds: AWS's for an hour; a worker that goes on longer polls with its continuation token. */
const CREDENTIALS_S = 3_600;

export interface DeskTools extends PerformerTools, ServiceTools {
  readonly pipelines: Aggregates<PipelineState, PipelineCommand>;
  readonly sessions: Sessions;
  readonly types: CustomTypes;
  /** How long a worker may be silent, ms. */
  readonly leaseMs: number;
}

export interface Success {
  readonly currentRevision?: CurrentRevision | undefined;
  readonly continuationToken?: string | undefined;
  readonly executionDetails?: ExecutionDetails | undefined;
  readonly outputVariables?: Readonly<Record<string, string>> | undefined;
}

/** Where workers fetch jobs and hand results in. https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-custom-action.html */
export class JobDesk {
  readonly #tools: DeskTools;

  constructor(tools: DeskTools) {
    this.#tools = tools;
  }

  /** Hands out up to `count` jobs, each to one worker; those whose worker fell silent are offered again under a new nonce. */
  async poll(id: TypeId, place: Place, count: number, query: string): Promise<readonly { id: string; nonce: string; live: LiveJob }[]> {
    const { db, clock, ids, commits } = this.#tools;
    const rows = await db.all<JobRow>(jobSql.offered, place.account, place.region, catalogueKey(id), clock.now(), 1_000);
    const taken: { id: string; nonce: string; live: LiveJob }[] = [];
    await commits.commit([write(jobSql.sweep, [clock.now() - REMEMBERED_MS])]);
    for (const row of rows) {
      if (taken.length === count) break;
      if (query !== '' && row.query !== query) continue;
      const live = await this.#live(row);
      if (!live) {
        await commits.commit([write(jobSql.delete, [row.id])]);
        continue;
      }
      const nonce = ids.uuid();
      const take = [nonce, clock.now() + UNACKNOWLEDGED_MS, null, row.id, row.nonce, row.leased] as const;
      const mine = await this.#wins([write(jobSql.take, take, { expect: 1 })]);
      if (mine) taken.push({ id: row.id, nonce, live });
    }
    return taken;
  }

  /** What the job's worker is told, and credentials for its artifacts. Keeps the lease alive. */
  async details(id: string): Promise<JobData> {
    const row = await this.#row(id);
    const live = await this.#live(row);
    if (!live) throw errors.InvalidJobException(`The job ${id} is over.`);
    await this.#tools.commits.commit([write(jobSql.renew, [this.#lease(), id])]);
    return this.dataFor(live);
  }

  async dataFor(live: LiveJob): Promise<JobData> {
    const { credentials } = await jobCredentials(live, this.#tools.sessions, CREDENTIALS_S);
    return { ...live.data, artifactCredentials: credentials };
  }

  async acknowledge(id: string, nonce: string): Promise<JobRow['status']> {
    const row = await this.#row(id);
    if (row.status === 'Succeeded' || row.status === 'Failed') return row.status;
    const mine = row.nonce === nonce && (await this.#wins([write(jobSql.acknowledge, [this.#lease(), id, nonce], { expect: 1 })]));
    if (!mine) throw errors.InvalidNonceException(`The nonce is not that of the job ${id} as it was last handed out.`);
    return 'InProgress';
  }

  async succeeded(id: string, { currentRevision, continuationToken, executionDetails, outputVariables = {} }: Success): Promise<void> {
    const { commits, ids } = this.#tools;
    const row = await this.#running(id);
    const { summary, externalExecutionId, percentComplete } = executionDetails ?? {};
    const ref = { id: externalExecutionId ?? id };
    const said = summary ?? (percentComplete === undefined ? undefined : `${percentComplete} %`);
    const told = said !== undefined && { summary: said };
    if (continuationToken !== undefined) {
      await this.#tell(row, { kind: 'running', ref, wakeOn: [], ...told });
      return commits.commit([write(jobSql.requeue, [ids.uuid(), continuationToken, id], { expect: 1 })]);
    }
    const revision = currentRevision && {
      revision: {
        revisionId: currentRevision.revision,
        ...(currentRevision.revisionSummary !== undefined && { summary: currentRevision.revisionSummary }),
      },
    };
    await this.#tell(row, { kind: 'succeeded', variables: outputVariables, ref, ...told, ...revision });
    await commits.commit([write(jobSql.end, ['Succeeded', id])]);
  }

  async failed(id: string, { type: reason, message, externalExecutionId }: FailureDetails): Promise<void> {
    const row = await this.#running(id);
    await this.#tell(row, { kind: 'failed', reason, message, ref: { id: externalExecutionId ?? id } });
    await this.#tools.commits.commit([write(jobSql.end, ['Failed', id])]);
  }

  /** The action type that a job is of, where the job is there. */
  async typeOf(id: string): Promise<CustomType | undefined> {
    const row = await this.#row(id);
    const [category = '', owner = '', provider = '', version = ''] = row.type.split('/');
    await this.#tools.types.ready();
    return this.#tools.types.find({ category, owner, provider, version }, row)?.type;
  }

  async nonceOf(id: string): Promise<string> {
    return (await this.#row(id)).nonce;
  }

  /** Throws JobNotFoundException. */
  async #row(id: string): Promise<JobRow> {
    const row = await this.#tools.db.get<JobRow>(jobSql.get, id);
    if (!row) throw errors.JobNotFoundException(`There is no job ${id}.`);
    return row;
  }

  /** A job that its worker has acknowledged and whose lease nobody has taken over. Throws as AWS does for all others. */
  async #running(id: string): Promise<JobRow> {
    const row = await this.#row(id);
    if (row.status !== 'InProgress') throw errors.InvalidJobStateException(`The job ${id} is ${row.status}, not InProgress.`);
    if (!(await this.#live(row))) {
      await this.#tools.commits.commit([write(jobSql.end, ['Failed', id])]);
      throw errors.InvalidJobStateException(`The action of the job ${id} is over.`);
    }
    return row;
  }

  async #live(row: JobRow): Promise<LiveJob | undefined> {
    await this.#tools.types.ready();
    const state = await this.#tools.pipelines.state(aggregateId(row.account, row.region, row.pipeline));
    return liveJob(row, state, this.#tools);
  }

  async #tell({ id: runId, execution: executionId, account, region, pipeline }: JobRow, progress: Progress): Promise<void> {
    await this.#tools.pipelines.send(aggregateId(account, region, pipeline), progressCommand({ runId, executionId }, progress));
  }

  #lease(): number {
    return this.#tools.clock.now() + this.#tools.leaseMs;
  }

  async #wins(unit: Parameters<ServiceTools['commits']['commit']>[0]): Promise<boolean> {
    try {
      await this.#tools.commits.commit(unit);
      return true;
    } catch (error) {
      if (error instanceof WriteConflict) return false;
      throw error;
    }
  }
}
