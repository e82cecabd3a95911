import { randomBytes } from 'node:crypto';
import { Committer } from '../../../engine/committer.ts';
import { createEventLog } from '../../../engine/event-log.ts';
import { engineMigrations } from '../../../engine/tables.ts';
import { ManualClock } from '../../../kernel/clock.ts';
import { randomIds } from '../../../kernel/ids.ts';
import { silentLogger } from '../../../kernel/log.ts';
import type { Bus } from '../../../ports/bus.ts';
import { checkInput } from '../../../protocol/codec/server.ts';
import type { CallContext } from '../../../protocol/context.ts';
import type { Service } from '../../../protocol/service.ts';
import { createSecretBox } from '../../../store/secrets.ts';
import { testDatabase } from '../../../../test/support/database.ts';
import { sessionTables, shellSessions } from '../../../../test/support/shell-sessions.ts';
import type { ShellHost } from '../../../ports/shells.ts';
import { model, type Api } from '../api.gen.ts';
import { createSsm } from '../index.ts';
import { migrations } from '../tables.ts';

const ACCOUNT = '123456789012';

export const context: CallContext = {
  principal: { kind: 'root', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, id: ACCOUNT },
  account: ACCOUNT,
  region: 'us-east-1',
  requestId: 'r',
  signal: new AbortController().signal,
  endpoint: 'http://127.0.0.1:4566',
};

/** The service on a real database. */
export class World {
  readonly clock = new ManualClock(Date.UTC(2026, 0, 1, 12));
  db!: Awaited<ReturnType<typeof testDatabase>>;
  bus!: Bus;
  service!: Service<Api>;
  /** What sessions can be opened in. */
  readonly targets = new Map<string, ShellHost>();

  async start(): Promise<void> {
    this.db = await testDatabase([{ owner: 'engine', migrations: engineMigrations }, { owner: 'ssm', migrations }, sessionTables]);
    const { clock, db } = this;
    const commits = new Committer(db);
    this.bus = createEventLog(db, commits);
    const secrets = createSecretBox([randomBytes(32)]);
    const own = { db, commits, clock, ids: randomIds(clock), log: silentLogger };
    const targets = { find: async (_place: object, target: string) => this.targets.get(target) };
    this.service = createSsm({ ...own, bus: this.bus, secrets, shellSessions: shellSessions(own), targets });
  }

  /** Calls an operation as a neighbour would: checked against the model. */
  async call<K extends keyof Api>(operation: K, input: Parameters<Api[K]>[0]): Promise<Awaited<ReturnType<Api[K]>>> {
    const run = this.service.operations[operation] as (input: unknown, ctx: CallContext) => ReturnType<Api[K]>;
    return await run(checkInput(model, operation.charAt(0).toUpperCase() + operation.slice(1), input, undefined), context);
  }
}

/** The name of the error that an operation is refused with, and its message. */
export const refused = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'it succeeded',
    (error: Error) => `${error.name}: ${error.message}`,
  );
