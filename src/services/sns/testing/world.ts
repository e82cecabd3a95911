import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Committer } from '../../../engine/committer.ts';
import { deliveryMigrations, deliverySql } from '../../../engine/delivery-tables.ts';
import { createEventLog } from '../../../engine/event-log.ts';
import { Sleeper } from '../../../engine/sleeper.ts';
import { ManualClock } from '../../../kernel/clock.ts';
import { randomIds } from '../../../kernel/ids.ts';
import type { Logger } from '../../../kernel/log.ts';
import type { Database } from '../../../ports/database.ts';
import type { Mailer } from '../../../ports/mail.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { createSecretBox } from '../../../store/secrets.ts';
import { openSqlite } from '../../../store/sqlite/index.ts';
import type { Api } from '../api.gen.ts';
import { createSns, type Sns } from '../index.ts';
import { migrations } from '../tables.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';
export const BASE = 'http://pipewright.test:4566';

const context: CallContext = {
  principal: { kind: 'root', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, id: ACCOUNT },
  account: ACCOUNT,
  region: REGION,
  requestId: 'r',
  signal: new AbortController().signal,
  endpoint: BASE,
};

interface Logged {
  readonly message: string;
  readonly fields: Record<string, unknown> | undefined;
}

/** SNS on a real database, with a clock that is moved by hand. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'sns-'));
  readonly clock = new ManualClock(Date.UTC(2026, 0, 1, 12));
  readonly logged: Logged[] = [];
  mailer: Mailer | undefined;
  db!: Database;
  sns!: Sns;
  sleeper!: Sleeper;
  readonly #secrets = createSecretBox([Buffer.alloc(32, 7)]);
  #waiting: (() => void)[] = [];
  #close = async (): Promise<void> => undefined;

  async start(): Promise<void> {
    const { clock } = this;
    const database = openSqlite({ path: join(this.folder, 'test.db') });
    await database.migrate([
      { owner: 'deliveries', migrations: deliveryMigrations },
      { owner: 'sns', migrations },
    ]);
    const commits = new Committer(database);
    const line = (message: string, fields?: Record<string, unknown>): void => {
      this.logged.push({ message, fields });
      for (const wake of this.#waiting.splice(0)) wake();
    };
    const log: Logger = { info: line, warn: line, error: line };
    const sleeper = new Sleeper(clock);
    const tools = { db: database, commits, bus: createEventLog(database, commits), clock, ids: randomIds(clock), log };
    const sns = createSns({ ...tools, sleeper, secrets: this.#secrets, mailer: this.mailer, endpoint: () => BASE });
    Object.assign(this, { db: database, sns, sleeper });
    this.#close = async () => {
      await sns.service.stop!();
      sleeper.close();
      await commits.drained();
      await database.close();
    };
    await sns.service.start!();
  }

  /** As if the process had been ended without a word: a new one starts on the same files. */
  async restart(): Promise<void> {
    await this.#close();
    await this.start();
  }

  async remove(): Promise<void> {
    await this.#close();
    rmSync(this.folder, { recursive: true });
  }

  call<K extends keyof Api>(operation: K, input: Parameters<Api[K]>[0]): ReturnType<Api[K]> {
    const run = this.sns.service.operations[operation] as (input: Parameters<Api[K]>[0], ctx: CallContext) => ReturnType<Api[K]>;
    return run(input, context);
  }

  async topic(name = 'news', attributes: Record<string, string> = {}): Promise<string> {
    return (await this.call('createTopic', { Name: name, Attributes: attributes })).TopicArn!;
  }

  /** The first line of the log that holds this, once it is there. */
  async line(message: string): Promise<Logged> {
    for (;;) {
      const found = this.logged.find((each) => each.message.includes(message));
      if (found) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Forgets what was logged, moves the clock, and lets what is due then begin. */
  pass(seconds: number): void {
    this.logged.length = 0;
    this.clock.advance(seconds * 1000);
    this.sleeper.ring();
  }

  failed(): Promise<{ readonly destination: string; readonly error: string }[]> {
    return this.db.all(deliverySql.failed, 'sns');
  }
}

/** The name of the error that an operation is refused with, and its message. */
export const refused = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'it succeeded',
    (error: Error) => `${error.name}: ${error.message}`,
  );
