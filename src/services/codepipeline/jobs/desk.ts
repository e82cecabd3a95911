import { write } from '../../../ports/database.ts';
import { errors, type FailureDetails, type JobData } from '../api.gen.ts';
import { catalogueKey, type TypeId } from '../rules/catalogue.ts';
import type { CustomType } from '../rules/custom-type.ts';
import type { Counter, JobFile, LiveRow } from './job-file.ts';
import { withdrawn } from './provider.ts';
import { refOf, sizeOf, type Success } from './results.ts';
import { jobSql, type JobRow } from './tables.ts';

/** How long a job that was handed out waits to be acknowledged, ms. */
const UNACKNOWLEDGED_MS = 60_000;
/** Jobs that are looked at together in a poll. */
const AT_A_TIME = 100;

export interface HandedOut {
  readonly id: string;
  readonly nonce: string;
  readonly data: () => Promise<JobData>;
}

interface Asked {
  readonly type: TypeId;
  readonly at: Counter;
  readonly count: number;
  /** `name=value` of the queryable property; all jobs where it is empty. */
  readonly query: string;
}

/**
 * Where workers fetch jobs and hand results in. https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-custom-action.html
 * The pipeline is the truth of what still runs; a result reaches it first, and the job's row after.
 */
export class JobDesk {
  readonly #file: JobFile;
  readonly #outputVariableBytes: number;

  constructor(file: JobFile, outputVariableBytes: number) {
    this.#file = file;
    this.#outputVariableBytes = outputVariableBytes;
  }

  /** Hands out up to `count` jobs, each to one worker; whose worker fell silent gets a new job in its place. */
  async poll({ type, at, count, query }: Asked): Promise<readonly HandedOut[]> {
    const { db, clock } = this.#file.tools;
    const key = [at.account, at.region, catalogueKey(type), clock.now()] as const;
    const handed: HandedOut[] = [];
    const seen = new Set<string>();
    while (handed.length < count) {
      const offered =
        query === '' ? db.all<JobRow>(jobSql.offered, ...key, AT_A_TIME) : db.all<JobRow>(jobSql.offeredTo, ...key, query, AT_A_TIME);
      const rows = (await offered).filter(({ id }) => !seen.has(id));
      if (rows.length === 0) break;
      for (const row of rows) {
        if (handed.length === count) break;
        seen.add(row.id);
        const mine = await this.#file.turn(row.run, () => this.#handOut(row.id, at));
        if (mine) handed.push(mine);
      }
    }
    return handed;
  }

  /** What the job's worker is told, and credentials for its artifacts. Keeps the lease alive. `over` is thrown for a job that is. */
  async details(id: string, at: Counter, over: (message: string) => Error): Promise<JobData & { readonly nonce: string }> {
    const { run } = await this.#file.row(id, at);
    return this.#file.turn(run, async () => {
      const { row, live } = await this.#file.look(id, at);
      if (!live) throw over(`The job ${id} is over.`);
      await this.#file.commit([write(jobSql.renew, [this.#file.leaseOf(row), id])]);
      return { ...(await this.#file.dataFor({ row, live })), nonce: row.nonce };
    });
  }

  async acknowledge(id: string, nonce: string, at: Counter): Promise<JobRow['status']> {
    const { run } = await this.#file.row(id, at);
    return this.#file.turn(run, async () => {
      const row = await this.#file.row(id, at);
      const theirs = row.nonce === nonce && row.status !== 'TimedOut';
      if (theirs && (row.status === 'Succeeded' || row.status === 'Failed')) return row.status;
      const mine = theirs && (await this.#file.wins([write(jobSql.acknowledge, [this.#file.leaseOf(row), id, nonce], { expect: 1 })]));
      if (!mine) throw errors.InvalidNonceException(`The nonce is not that of the job ${id} as it was last handed out.`);
      return 'InProgress';
    });
  }

  async succeeded(id: string, at: Counter, success: Success): Promise<void> {
    const size = sizeOf(success.outputVariables ?? {});
    if (size > this.#outputVariableBytes)
      throw errors.OutputVariablesSizeExceededException(
        `The output variables have ${size} bytes; at most ${this.#outputVariableBytes} are taken.`,
      );
    await this.#result(id, at, async ({ row, live }) => {
      const { continuationToken, currentRevision, outputVariables = {} } = success;
      const summary = success.executionDetails?.summary;
      const told = {
        ref: refOf(live, this.#file.typeOf(row), success.executionDetails?.externalExecutionId),
        ...(summary !== undefined && { summary }),
      };
      if (continuationToken !== undefined) {
        const percent = success.executionDetails?.percentComplete;
        await this.#file.tell(row, { kind: 'running', wakeOn: [], ...told, ...(percent !== undefined && { percent }) });
        const { ids, clock } = this.#file.tools;
        const next = { status: 'Queued', nonce: ids.uuid(), leased: 0, continuation: continuationToken, created: clock.now() } as const;
        await this.#file.replace(row, 'Succeeded', next);
        return;
      }
      const { revision: revisionId = '', revisionSummary } = currentRevision ?? {};
      const revision = currentRevision && { revision: { revisionId, ...(revisionSummary !== undefined && { summary: revisionSummary }) } };
      await this.#file.tell(row, { kind: 'succeeded', variables: outputVariables, ...told, ...revision });
      await this.#file.end(row, 'Succeeded');
    });
  }

  async failed(id: string, at: Counter, { type: reason, message, externalExecutionId }: FailureDetails): Promise<void> {
    await this.#result(id, at, async ({ row, live }) => {
      await this.#file.tell(row, { kind: 'failed', reason, message, ref: refOf(live, this.#file.typeOf(row), externalExecutionId) });
      await this.#file.end(row, 'Failed');
    });
  }

  /** Fails the actions whose jobs nobody has taken: of a type that is deleted nobody can poll any more. */
  async withdraw(type: CustomType, at: Counter): Promise<void> {
    for (const { id, run } of await this.#file.tools.db.all<JobRow>(jobSql.queued, at.account, at.region, catalogueKey(type.id))) {
      await this.#file.turn(run, async () => {
        const { row, live } = await this.#file.look(id, at);
        if (row.status !== 'Queued') return;
        if (live) await this.#file.tell(row, withdrawn(type));
        await this.#file.end(row, 'Failed');
      });
    }
  }

  async #handOut(id: string, at: Counter): Promise<HandedOut | undefined> {
    const { clock, ids } = this.#file.tools;
    const { row, live } = await this.#file.look(id, at);
    const lost = (row.status === 'Dispatched' || row.status === 'InProgress') && row.leased < clock.now();
    if (row.status !== 'Queued' && !lost) return undefined;
    if (!live) {
      await this.#file.end(row, 'TimedOut');
      return undefined;
    }
    const taken = { status: 'Dispatched', nonce: ids.uuid(), leased: clock.now() + UNACKNOWLEDGED_MS } as const;
    const mine = lost ? await this.#file.replace(row, 'TimedOut', taken) : await this.#file.take(row, taken);
    return mine && { id: mine.id, nonce: mine.nonce, data: () => this.#file.turn(mine.run, () => this.#file.dataFor({ row: mine, live })) };
  }

  /** Takes a result of the worker that has the job, and of nobody else. Throws as AWS does for all others. */
  async #result(id: string, at: Counter, take: (found: LiveRow) => Promise<void>): Promise<void> {
    const { run } = await this.#file.row(id, at);
    await this.#file.turn(run, async () => {
      const { row, live } = await this.#file.look(id, at);
      if (row.status !== 'InProgress') throw errors.InvalidJobStateException(`The job ${id} is ${row.status}, not InProgress.`);
      if (!live) {
        await this.#file.end(row, 'TimedOut');
        throw errors.InvalidJobStateException(`The action of the job ${id} is over.`);
      }
      await take({ row, live });
    });
  }
}
