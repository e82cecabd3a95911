import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Committer } from '../../../engine/committer.ts';
import { deliveryMigrations } from '../../../engine/delivery-tables.ts';
import { createEventLog } from '../../../engine/event-log.ts';
import { Sleeper } from '../../../engine/sleeper.ts';
import { engineMigrations } from '../../../engine/tables.ts';
import { ManualClock } from '../../../kernel/clock.ts';
import { randomIds } from '../../../kernel/ids.ts';
import type { JsonObject } from '../../../kernel/json.ts';
import type { Logger } from '../../../kernel/log.ts';
import { inProcess } from '../../../protocol/in-process.ts';
import type { Service } from '../../../protocol/service.ts';
import { createSecretBox } from '../../../store/secrets.ts';
import { openSqlite, type SqliteDatabase } from '../../../store/sqlite/index.ts';
import type { Aws, AwsClients } from '../../aws.gen.ts';
import * as codepipeline from '../../codepipeline/api.gen.ts';
import { createSns } from '../../sns/index.ts';
import { migrations as snsMigrations } from '../../sns/tables.ts';
import { createCodeStarNotifications } from '../index.ts';
import { migrations } from '../tables.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';
export const PIPELINE = `arn:aws:codepipeline:${REGION}:${ACCOUNT}:web`;
export const EXECUTION_ID = '0d7e1f00-0000-4000-8000-000000000001';

/** Real services over a real database; CodePipeline only knows one execution, that has failed. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'csn-'));
  readonly clock = new ManualClock(Date.UTC(2026, 0, 1, 12));
  readonly logged: { message: string; fields: Record<string, unknown> | undefined }[] = [];
  db!: SqliteDatabase;
  notifications!: AwsClients['codestar-notifications'];
  sns!: AwsClients['sns'];
  sleeper!: Sleeper;
  emit!: (source: string, detailType: string, detail: JsonObject, resources?: readonly string[]) => Promise<void>;
  #close = async (): Promise<void> => undefined;
  #waiting: (() => void)[] = [];

  async start(): Promise<void> {
    const { clock } = this;
    const db = openSqlite({ path: join(this.folder, 'test.db') });
    const owners = { engine: engineMigrations, deliveries: deliveryMigrations, sns: snsMigrations, 'codestar-notifications': migrations };
    await db.migrate(Object.entries(owners).map(([owner, list]) => ({ owner, migrations: list })));
    const commits = new Committer(db);
    const bus = createEventLog(db, commits);
    const line = (message: string, fields?: Record<string, unknown>): void => {
      this.logged.push({ message, fields });
      for (const wake of this.#waiting.splice(0)) wake();
    };
    const log: Logger = { info: line, warn: line, error: line };
    const [ids, sleeper, secrets] = [randomIds(clock), new Sleeper(clock), createSecretBox([Buffer.alloc(32, 3)])];
    const services: Service[] = [];
    const options = { services, authorise: () => ({ allowed: true }) as const, ids, endpoint: () => 'http://pw.test' };
    let clients: ReturnType<typeof inProcess> | undefined;
    const aws: Aws = { as: (caller) => (clients ??= inProcess(options)).as(caller) as never };
    const tools = { db, commits, bus, clock, ids, log, secrets, sleeper };
    const sns = createSns({ ...tools, endpoint: () => 'http://pw.test' }).service;
    const own = createCodeStarNotifications({ ...tools, aws });
    services.push(sns, own, {
      model: codepipeline.model,
      operations: { listActionExecutions: async () => ({ actionExecutionDetails: DETAILS }) },
    });
    const mine = aws.as({ session: 'test', account: ACCOUNT, region: REGION });
    this.emit = (source, detailType, detail, resources = [PIPELINE]) =>
      commits.commit([
        bus.write({
          id: ids.uuid(),
          account: ACCOUNT,
          region: REGION,
          time: clock.now(),
          bus: 'default',
          source,
          detailType,
          detail,
          resources,
        }),
      ]);
    Object.assign(this, { db, sns: mine.sns, notifications: mine['codestar-notifications'], sleeper });
    this.#close = async () => {
      await own.stop!();
      await sns.stop!();
      sleeper.close();
      await commits.drained();
      await db.close();
    };
    await sns.start!();
    await own.start!();
  }

  async restart(): Promise<void> {
    await this.#close();
    await this.start();
  }

  async end(): Promise<void> {
    await this.#close();
    rmSync(this.folder, { recursive: true });
  }

  async line(message: string): Promise<Record<string, unknown> | undefined> {
    for (;;) {
      const found = this.logged.find((each) => each.message.includes(message));
      if (found) return found.fields;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }
}

const DETAILS: codepipeline.ActionExecutionDetail[] = [
  { stageName: 'Build', actionName: 'Compile', actionExecutionId: 'a1', status: 'Succeeded' },
  {
    stageName: 'Deploy',
    actionName: 'Copy',
    actionExecutionId: 'a2',
    status: 'Failed',
    output: { executionResult: { externalExecutionSummary: 'no such bucket' } },
  },
  {
    stageName: 'Deploy',
    actionName: 'Ask',
    actionExecutionId: 'a3',
    status: 'InProgress',
    input: { resolvedConfiguration: { CustomData: 'Ship it?' } },
  },
];
