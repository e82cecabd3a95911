import type { Aggregates } from '../../../engine/process.ts';
import type { Sessions } from '../../../ports/credentials.ts';
import { WriteConflict, write, type Write } from '../../../ports/database.ts';
import type { ServiceTools } from '../../../protocol/service.ts';
import { errors, type JobData } from '../api.gen.ts';
import { progressCommand, type PerformerTools } from '../performers.ts';
import type { Progress } from '../provider.ts';
import type { Place, TypeId } from '../rules/catalogue.ts';
import type { PipelineCommand } from '../rules/commands.ts';
import type { CustomType } from '../rules/custom-type.ts';
import { aggregateId, type PipelineState } from '../rules/state.ts';
import type { CustomTypes } from './custom-types.ts';
import { jobPrincipal, liveJob, type LiveJob } from './job-data.ts';
import { jobSql, type JobRow, type OverStatus } from './tables.ts';
import { Turns } from './turns.ts';

/** Temporary credentials of a job, seconds: AWS's for an hour; a worker that goes on longer looks at the job's details again. */
const CREDENTIALS_S = 3_600;

/** Which jobs a caller may ask for: those of its account and region, and of custom actions or of third parties' alone. */
export interface Counter extends Place {
  readonly owner: 'Custom' | 'ThirdParty';
}

export interface JobFileTools extends PerformerTools, ServiceTools {
  readonly pipelines: Aggregates<PipelineState, PipelineCommand>;
  readonly sessions: Sessions;
  readonly types: CustomTypes;
  /** How long a worker may be silent, ms. */
  readonly leaseMs: number;
}

/** A job with what its pipeline says of it. */
export interface LiveRow {
  readonly row: JobRow;
  readonly live: LiveJob;
}

type Next = Pick<JobRow, 'status' | 'nonce' | 'leased'> & Partial<Pick<JobRow, 'continuation' | 'created'>>;

/** `Category/Owner/Provider/Version`, as catalogueKey writes it. */
function typeIdOf({ type }: JobRow): TypeId {
  const [category = '', owner = '', provider = '', version = ''] = type.split('/');
  return { category, owner, provider, version };
}

/** The jobs that there are, and the pipelines behind them. What changes a run's jobs has its turn. */
export class JobFile {
  readonly tools: JobFileTools;
  readonly #turns = new Turns();

  constructor(tools: JobFileTools) {
    this.tools = tools;
  }

  /** Runs work on one run's jobs after all other work on them. */
  turn<T>(run: string, work: () => Promise<T>): Promise<T> {
    return this.#turns.take(run, work);
  }

  /** Throws JobNotFoundException, also for jobs that are others'. */
  async row(id: string, { account, region, owner }: Counter): Promise<JobRow> {
    const row = await this.tools.db.get<JobRow>(jobSql.get, id);
    const theirs = row && row.account === account && row.region === region && typeIdOf(row).owner === owner;
    if (!row || !theirs) throw errors.JobNotFoundException(`There is no job ${id}.`);
    return row;
  }

  /** The job, and its action where that still runs. Throws JobNotFoundException. */
  async look(id: string, at: Counter): Promise<{ readonly row: JobRow; readonly live: LiveJob | undefined }> {
    const row = await this.row(id, at);
    await this.tools.types.ready();
    const state = await this.tools.pipelines.state(pipelineOf(row));
    return { row, live: liveJob(row, state, this.tools) };
  }

  typeOf(row: JobRow): CustomType | undefined {
    return this.tools.types.find(typeIdOf(row), row)?.type;
  }

  /** Until when the worker may be silent now. A type's own time for a job takes the place of the server's. */
  leaseOf(row: JobRow): number {
    const seconds = this.typeOf(row)?.declaration?.executor.jobTimeout;
    return this.tools.clock.now() + (seconds === undefined ? this.tools.leaseMs : seconds * 1_000);
  }

  /** What the worker is told, with credentials that end with the job. */
  async dataFor({ row, live }: LiveRow): Promise<JobData> {
    const { accessKeyId, secretAccessKey, sessionToken } = await this.tools.sessions.issue(jobPrincipal(row.id, live), CREDENTIALS_S);
    const { credential } = (await this.tools.db.get<JobRow>(jobSql.get, row.id)) ?? row;
    await this.commit([write(jobSql.lend, [credential === null ? accessKeyId : `${credential} ${accessKeyId}`, row.id])]);
    return { ...live.data, artifactCredentials: { accessKeyId, secretAccessKey, sessionToken } };
  }

  async tell(row: JobRow, progress: Progress): Promise<void> {
    await this.tools.pipelines.send(pipelineOf(row), progressCommand({ runId: row.run, executionId: row.execution }, progress));
  }

  /** Hands a job out that nobody has; undefined where somebody was faster. */
  async take(row: JobRow, { status, nonce, leased }: Next): Promise<JobRow | undefined> {
    const mine = await this.wins([write(jobSql.take, [nonce, leased, row.id, row.status, row.nonce], { expect: 1 })]);
    return mine ? { ...row, status, nonce, leased } : undefined;
  }

  /** Ends a job and begins the run's next; undefined where somebody was faster. */
  async replace(row: JobRow, status: OverStatus, change: Next): Promise<JobRow | undefined> {
    const next: JobRow = { ...row, credential: null, ...change, id: this.tools.ids.uuid() };
    const { id, run, account, region, type, pipeline, execution, query, nonce, leased, continuation, created } = next;
    const key = [id, run, account, region, type, pipeline, execution, query];
    const follow = write(jobSql.follow, [...key, next.status, nonce, leased, continuation, created]);
    if (!(await this.wins([this.#ends(row, status), follow]))) return undefined;
    await this.#revoke(row);
    return next;
  }

  async end(row: JobRow, status: OverStatus): Promise<void> {
    if (await this.wins([this.#ends(row, status)])) await this.#revoke(row);
  }

  commit(unit: readonly Write[]): Promise<void> {
    return this.tools.commits.commit(unit);
  }

  /** False where what the unit expects is no longer so. */
  async wins(unit: readonly Write[]): Promise<boolean> {
    try {
      await this.commit(unit);
      return true;
    } catch (error) {
      if (error instanceof WriteConflict) return false;
      throw error;
    }
  }

  #ends(row: JobRow, status: OverStatus): Write {
    return write(jobSql.end, [status, this.tools.clock.now(), row.id, row.status, row.nonce], { expect: 1 });
  }

  async #revoke({ credential }: JobRow): Promise<void> {
    for (const key of credential?.split(' ') ?? []) await this.tools.sessions.revoke(key);
  }
}

const pipelineOf = ({ account, region, pipeline }: JobRow): string => aggregateId(account, region, pipeline);
