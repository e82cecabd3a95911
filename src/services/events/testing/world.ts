import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Committer } from '../../../engine/committer.ts';
import { createEventLog } from '../../../engine/event-log.ts';
import { Sleeper } from '../../../engine/sleeper.ts';
import { engineMigrations } from '../../../engine/tables.ts';
import { ManualClock } from '../../../kernel/clock.ts';
import { randomIds } from '../../../kernel/ids.ts';
import type { JsonObject } from '../../../kernel/json.ts';
import type { Logger } from '../../../kernel/log.ts';
import type { Bus } from '../../../ports/bus.ts';
import { statement, type Database } from '../../../ports/database.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { ApiError } from '../../../protocol/errors.ts';
import { inProcess } from '../../../protocol/in-process.ts';
import type { Service } from '../../../protocol/service.ts';
import { openFileLogs } from '../../../store/logs/index.ts';
import { openSqlite } from '../../../store/sqlite/index.ts';
import type { Aws } from '../../aws.gen.ts';
import * as codebuild from '../../codebuild/api.gen.ts';
import * as codepipeline from '../../codepipeline/api.gen.ts';
import { createLogs } from '../../logs/index.ts';
import { migrations as logMigrations } from '../../logs/tables.ts';
import type { Api } from '../api.gen.ts';
import { createEvents } from '../index.ts';
import { migrations, sql } from '../tables.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';
export const ROLE = `arn:aws:iam::${ACCOUNT}:role/Events`;
export const PIPELINE = `arn:aws:codepipeline:${REGION}:${ACCOUNT}:web`;
const PROBE = `arn:aws:codebuild:${REGION}:${ACCOUNT}:project/probe`;
export const PROJECT = `arn:aws:codebuild:${REGION}:${ACCOUNT}:project/web`;

/** A call that a target received. */
export interface Received {
  readonly operation: string;
  readonly input: JsonObject;
  readonly principal: string;
}

interface FailedRow {
  readonly rule_arn: string;
  readonly target_arn: string;
  readonly error: string;
}

const context: CallContext = {
  principal: { kind: 'root', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, id: ACCOUNT },
  account: ACCOUNT,
  region: REGION,
  requestId: 'r',
  signal: new AbortController().signal,
  endpoint: 'http://127.0.0.1:4566',
};

/** EventBridge on a real database, its targets reached through the real chain; CodePipeline and CodeBuild only write down who called. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'events-'));
  readonly clock = new ManualClock(Date.UTC(2026, 0, 1, 12));
  readonly received: Received[] = [];
  readonly logged: { readonly message: string; readonly fields: Record<string, unknown> | undefined }[] = [];
  /** What the next calls of targets do before they are written down. */
  trouble: (operation: string, input: JsonObject) => Promise<void> = async () => undefined;
  db!: Database;
  bus!: Bus;
  aws!: Aws;
  sleeper!: Sleeper;
  service!: Service<Api>;
  /** It and its neighbours. */
  services!: readonly Service[];
  #commits!: Committer;
  #probed = false;
  #waiting = new Set<() => void>();
  #close = async (): Promise<void> => undefined;

  async start(): Promise<void> {
    const { clock } = this;
    const database = openSqlite({ path: join(this.folder, 'test.db') });
    await database.migrate([
      { owner: 'engine', migrations: engineMigrations },
      { owner: 'events', migrations },
      { owner: 'logs', migrations: logMigrations },
    ]);
    const commits = new Committer(database);
    const bus = createEventLog(database, commits);
    const ids = randomIds(clock);
    const line = (message: string, fields?: Record<string, unknown>): void => {
      this.logged.push({ message, fields });
      this.#happened();
    };
    const log: Logger = { info: line, warn: line, error: line };
    const services: Service[] = [];
    let calls: ReturnType<typeof inProcess> | undefined;
    const options = { services, authorise: () => ({ allowed: true }) as const, ids, endpoint: () => context.endpoint };
    const aws: Aws = { as: (caller) => (calls ??= inProcess(options)).as(caller) as never };
    const tools = { db: database, commits, bus, clock, ids, log };
    const logStore = openFileLogs({ dir: join(this.folder, 'logs'), clock });
    const sleeper = new Sleeper(clock);
    const service = createEvents({ ...tools, aws, sleeper });
    const logs = createLogs({ ...tools, logs: logStore });
    services.push(
      service,
      logs,
      this.#recorder(codepipeline.model, 'StartPipelineExecution'),
      this.#recorder(codebuild.model, 'StartBuild'),
    );
    Object.assign(this, { db: database, bus, aws, sleeper, service, services });
    this.#commits = commits;
    this.#close = async () => {
      await service.stop!();
      sleeper.close();
      await commits.drained();
      await logStore.close();
      await database.close();
    };
    await service.start!();
  }

  /** As if the process had been ended without a word: nothing more is written, and a new one starts on the same files. */
  async restart(): Promise<void> {
    await this.#close();
    await this.start();
  }

  async remove(): Promise<void> {
    await this.#close();
    rmSync(this.folder, { recursive: true });
  }

  call<K extends keyof Api>(operation: K, input: Parameters<Api[K]>[0]): ReturnType<Api[K]> {
    const run = this.service.operations[operation] as (input: Parameters<Api[K]>[0], ctx: CallContext) => ReturnType<Api[K]>;
    return run(input, context);
  }

  /** A rule with one target. */
  async rule(name: string, pattern: object, target: object, bus?: string): Promise<void> {
    const on = bus === undefined ? {} : { EventBusName: bus };
    await this.call('putRule', { Name: name, EventPattern: JSON.stringify(pattern), ...on });
    await this.call('putTargets', { Rule: name, Targets: [{ Id: 't', Arn: PIPELINE, RoleArn: ROLE, ...target }], ...on });
  }

  async put(detail: object = {}, entry: object = {}): Promise<string> {
    const { Entries } = await this.call('putEvents', {
      Entries: [{ Source: 'shop', DetailType: 'Order', Detail: JSON.stringify(detail), ...entry }],
    });
    return Entries![0]!.EventId!;
  }

  /** Commits an event of a service, as the services do. */
  emit(source: string, detailType: string, detail: JsonObject): Promise<void> {
    const event = { id: crypto.randomUUID(), account: ACCOUNT, region: REGION, time: this.clock.now(), bus: 'default', resources: [] };
    return this.#commits.commit([this.bus.write({ ...event, source, detailType, detail })]);
  }

  /** Resolves when this holds; looked at whenever a target was called or something was logged. */
  async until(holds: () => boolean | Promise<boolean>): Promise<void> {
    for (;;) {
      // Listened for before it is looked at: what happens in between is not missed.
      const something = new Promise<void>((resolve) => this.#waiting.add(resolve));
      if (await holds()) return;
      await something;
    }
  }

  /** Resolves when every event so far has been matched, delivered or given up, and that is written. */
  async settled(): Promise<void> {
    if (!this.#probed) await this.rule('probe', { source: ['probe'] }, { Arn: PROBE });
    this.#probed = true;
    await this.emit('probe', 'probe', {});
    const { last } = await this.bus.bounds();
    for (;;) {
      const cursor = await this.db.get<{ position: number }>(sql.cursor);
      const open = await this.db.get<{ n: number }>(OPEN);
      if (cursor && cursor.position >= last && open!.n === 0) return;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async failed(): Promise<FailedRow[]> {
    return this.db.all<FailedRow>(sql.failedDeliveries);
  }

  #happened(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }

  #recorder(model: Service['model'], operation: string): Service {
    const method = operation.charAt(0).toLowerCase() + operation.slice(1);
    const record = async (input: JsonObject, { principal }: CallContext): Promise<object> => {
      if (input.projectName === 'probe') return {};
      const trouble = this.trouble(operation, input);
      this.#happened();
      try {
        await trouble;
        this.received.push({ operation, input, principal: principal.arn });
      } finally {
        this.#happened();
      }
      return {};
    };
    return { model, operations: { [method]: record } };
  }
}

const OPEN = statement(`SELECT COUNT(*) AS n FROM events_deliveries WHERE state = 'waiting'`);

export const refusal = (code: string): Error => new ApiError(code, 'no');

/** The name of the error that an operation is refused with, and its message. */
export const refused = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'it succeeded',
    (error: Error) => `${error.name}: ${error.message}`,
  );
