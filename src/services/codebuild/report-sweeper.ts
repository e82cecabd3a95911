import type { Sleeper } from '../../engine/sleeper.ts';
import { messageOf } from '../../kernel/errors.ts';
import { write, type Statement } from '../../ports/database.ts';
import type { ServiceTools } from '../../protocol/service.ts';
import { coverageSql, reportSql, testCaseSql } from './report-tables.ts';

const EVERY_MS = 3_600_000;
/** Rows that one commit removes at most: others wait for it no longer than for a large build. */
const AT_ONCE = 2_000;

/** Removes reports whose time is up, or was ended by somebody, with all that hangs on them, in commits of a bounded size. */
export class ReportSweeper {
  readonly #tools: ServiceTools;
  readonly #sleeper: Sleeper;
  #sweeping: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(tools: ServiceTools, sleeper: Sleeper) {
    this.#tools = tools;
    this.#sleeper = sleeper;
  }

  start(): void {
    this.wake();
  }

  /** What is under way ends with its next commit; the rest is found again at the next start. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#sleeper.set('codebuild reports', undefined, () => undefined);
    await this.#sweeping;
  }

  /** Something may be there to be removed. */
  wake(): void {
    if (this.#stopped) return;
    this.#again = this.#sweeping !== undefined;
    this.#sweeping ??= this.#sweep().finally(() => {
      this.#sweeping = undefined;
      if (this.#again) this.wake();
    });
  }

  async #sweep(): Promise<void> {
    const { db, clock, log } = this.#tools;
    this.#sleeper.set('codebuild reports', clock.now() + EVERY_MS, () => this.wake());
    type Row = { account: string; region: string; id: string };
    try {
      for (let rows = await db.all<Row>(reportSql.overdue, clock.now()); rows.length > 0 && !this.#stopped;) {
        for (const row of rows) await this.#remove(row);
        rows = await db.all<Row>(reportSql.overdue, clock.now());
      }
    } catch (error) {
      log.error('reports could not be removed', { error: messageOf(error) });
    }
  }

  async #remove({ account, region, id }: { readonly account: string; readonly region: string; readonly id: string }): Promise<void> {
    await this.#rows(id, testCaseSql.last, testCaseSql.deleteFrom);
    await this.#rows(id, coverageSql.last, coverageSql.deleteFrom);
    // The report goes last: until then it is found again.
    if (!this.#stopped) await this.#tools.commits.commit([write(reportSql.delete, [account, region, id])]);
  }

  async #rows(id: string, last: Statement, deleteFrom: Statement): Promise<void> {
    const { db, commits } = this.#tools;
    for (let at = (await db.get<{ last: number | null }>(last, id))?.last ?? -1; at >= 0 && !this.#stopped;) {
      at = Math.max(at - AT_ONCE, -1);
      await commits.commit([write(deleteFrom, [id, at])]);
    }
  }
}
