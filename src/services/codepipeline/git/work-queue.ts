import type { Sleeper } from '../../../engine/sleeper.ts';
import { messageOf } from '../../../kernel/errors.ts';
import { write, type Write } from '../../../ports/database.ts';
import type { ServiceTools } from '../../../protocol/service.ts';
import { gitSql, type WorkRow } from './tables.ts';

const MOST = 16;
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 15 * 60_000;
const RETRY_MS = 1_000;
const ALARM = 'codepipeline work';

/** How one kind of work is done. It may be done twice, when a crash comes between doing and writing. */
export interface Worker {
  /** After this the work is given up, ms. */
  readonly patienceMs: number;
  /** Answers what is to be written with the work's end. Rejects to be asked again later. */
  work(data: unknown, row: WorkRow, signal: AbortSignal): Promise<readonly Write[]>;
  /** What is to be written when it is given up. */
  gaveUp(data: unknown, reason: string): readonly Write[];
}

export type NewWork = Pick<WorkRow, 'id' | 'lane' | 'seq' | 'kind'> & { readonly data: object };

export function insertWork({ id, lane, seq, kind, data }: NewWork, now: number): Write {
  return write(gitSql.putWork, [id, lane, seq, kind, JSON.stringify(data), now, now]);
}

/** Does what is in `codepipeline_work`, several lanes at once, each in its order; what fails is tried again, later and later. */
export class WorkQueue {
  readonly #tools: ServiceTools & { readonly sleeper: Sleeper };
  readonly #workers: Readonly<Record<string, Worker>>;
  readonly #lanes = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();
  #pumping: Promise<void> | undefined;
  #again = false;

  constructor(tools: ServiceTools & { readonly sleeper: Sleeper }, workers: Readonly<Record<string, Worker>>) {
    this.#tools = tools;
    this.#workers = workers;
  }

  /** Looks for work that is due. */
  wake(): void {
    this.#again = true;
    if (this.#pumping || this.#stopping.signal.aborted) return;
    this.#pumping = this.#look()
      .catch((error: unknown) => {
        this.#tools.log.error('work could not be read', { error: messageOf(error) });
        this.#tools.sleeper.set(ALARM, this.#tools.clock.now() + RETRY_MS, () => this.wake());
      })
      .finally(() => {
        this.#pumping = undefined;
        // Asked in the moment between the last look and here.
        if (this.#again) this.wake();
      });
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#pumping, ...this.#lanes.values()]);
  }

  async #look(): Promise<void> {
    const { db, clock, sleeper } = this.#tools;
    while (this.#again && !this.#stopping.signal.aborted) {
      this.#again = false;
      const now = clock.now();
      // Lanes under way may fill the first rows.
      for (const row of await db.all<WorkRow>(gitSql.dueWork, now, 2 * MOST)) this.#begin(row);
      const next = await db.get<{ due: number | null }>(gitSql.nextDue, now);
      sleeper.set(ALARM, next?.due ?? undefined, () => this.wake());
    }
  }

  #begin(row: WorkRow): void {
    if (this.#lanes.size >= MOST || this.#lanes.has(row.lane) || this.#stopping.signal.aborted) return;
    const work = this.#do(row)
      .catch((error: unknown) => this.#tools.log.error('work could not be recorded', { work: row.id, error: messageOf(error) }))
      .finally(() => {
        this.#lanes.delete(row.lane);
        this.wake();
      });
    this.#lanes.set(row.lane, work);
  }

  async #do(row: WorkRow): Promise<void> {
    const worker = this.#workers[row.kind];
    const data: unknown = JSON.parse(row.data);
    const end = write(gitSql.deleteWork, [row.id, row.seq]);
    try {
      if (!worker) throw new Error(`nobody does work of the kind ${row.kind}`);
      const writes = await worker.work(data, row, this.#stopping.signal);
      await this.#tools.commits.commit([...writes, end]);
    } catch (error) {
      // The row is still there for the next start.
      if (this.#stopping.signal.aborted) return;
      await this.#tools.commits.commit(this.#failed(row, worker, data, messageOf(error)));
    }
  }

  /** The writes after a failure. */
  #failed(row: WorkRow, worker: Worker | undefined, data: unknown, reason: string): Write[] {
    const now = this.#tools.clock.now();
    const due = now + Math.min(FIRST_WAIT_MS * 2 ** Math.min(row.attempt - 1, 20), LONGEST_WAIT_MS);
    if (worker && due - row.created <= worker.patienceMs) return [write(gitSql.retryWork, [row.attempt + 1, due, row.id, row.seq])];
    return [...(worker?.gaveUp(data, reason) ?? []), write(gitSql.deleteWork, [row.id, row.seq])];
  }
}
