import { Committer } from '../../../engine/committer.ts';
import { createEventLog } from '../../../engine/event-log.ts';
import { engineMigrations } from '../../../engine/tables.ts';
import { ManualClock } from '../../../kernel/clock.ts';
import { randomIds } from '../../../kernel/ids.ts';
import { silentLogger } from '../../../kernel/log.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { checkInput } from '../../../protocol/codec/server.ts';
import type { Service } from '../../../protocol/service.ts';
import { openFileLogs, type FileLogs } from '../../../store/logs/index.ts';
import { testDatabase } from '../../../../test/support/database.ts';
import { model, type Api, type FilteredLogEvent, type FilterLogEventsRequest } from '../api.gen.ts';
import { createLogs } from '../index.ts';
import { migrations } from '../tables.ts';
import { join } from 'node:path';

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';
export const group = '/aws/codebuild/web';

const context: CallContext = {
  principal: { kind: 'root', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, id: ACCOUNT },
  account: ACCOUNT,
  region: REGION,
  requestId: 'r',
  signal: new AbortController().signal,
  endpoint: 'http://127.0.0.1:4566',
};

export type Database = Awaited<ReturnType<typeof testDatabase>>;

/** The service on a real database and real files. */
export class World {
  readonly clock = new ManualClock(Date.UTC(2026, 0, 1, 12));
  db!: Database;
  logs!: FileLogs;
  service!: Service<Api>;

  async start(): Promise<void> {
    this.db = await testDatabase([
      { owner: 'engine', migrations: engineMigrations },
      { owner: 'logs', migrations },
    ]);
    const commits = new Committer(this.db);
    const { clock, db } = this;
    this.logs = openFileLogs({ dir: join(db.dir, 'logs'), clock });
    const bus = createEventLog(db, commits);
    this.service = createLogs({ db, commits, bus, clock, ids: randomIds(clock), log: silentLogger, logs: this.logs });
  }

  async remove(): Promise<void> {
    await this.logs.close();
    await this.db.close();
  }

  /** Calls an operation as a neighbour would: checked against the model. */
  async call<K extends keyof Api>(operation: K, input: Parameters<Api[K]>[0]): Promise<Awaited<ReturnType<Api[K]>>> {
    const run = this.service.operations[operation] as (input: unknown, ctx: CallContext) => ReturnType<Api[K]>;
    return await run(checkInput(model, operation.charAt(0).toUpperCase() + operation.slice(1), input, undefined), context);
  }

  async stream(name: string, ...lines: readonly (readonly [offset: number, message: string])[]): Promise<void> {
    await this.call('createLogStream', { logGroupName: group, logStreamName: name });
    if (lines.length > 0) await this.put(name, ...lines);
  }

  /** Lines at offsets (ms) from now. */
  put(stream: string, ...lines: readonly (readonly [offset: number, message: string])[]): ReturnType<Api['putLogEvents']> {
    const logEvents = lines.map(([offset, message]) => ({ timestamp: this.clock.now() + offset, message }));
    return this.call('putLogEvents', { logGroupName: group, logStreamName: stream, logEvents });
  }

  /** All pages of a search. */
  async filter(input: Partial<FilterLogEventsRequest> = {}): Promise<FilteredLogEvent[]> {
    const all: FilteredLogEvent[] = [];
    for (let nextToken: string | undefined; ;) {
      const page = await this.call('filterLogEvents', { logGroupName: group, ...input, ...(nextToken !== undefined && { nextToken }) });
      all.push(...page.events!);
      nextToken = page.nextToken;
      if (nextToken === undefined) return all;
    }
  }
}

export const messages = (events: readonly { readonly message?: string }[] | undefined): string[] =>
  (events ?? []).map(({ message = '' }) => message);

/** The name of the error that an operation is refused with, and its message. */
export const refused = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'it succeeded',
    (error: Error) => `${error.name}: ${error.message}`,
  );
