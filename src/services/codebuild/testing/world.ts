import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Committer } from '../../../engine/committer.ts';
import { createEngine } from '../../../engine/engine.ts';
import { createEventLog } from '../../../engine/event-log.ts';
import { engineMigrations } from '../../../engine/tables.ts';
import { ManualClock } from '../../../kernel/clock.ts';
import { noFaults, type Faults } from '../../../kernel/fault.ts';
import { randomIds } from '../../../kernel/ids.ts';
import { silentLogger } from '../../../kernel/log.ts';
import type { Sessions } from '../../../ports/credentials.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { ApiError } from '../../../protocol/errors.ts';
import { createSecretBox } from '../../../store/secrets.ts';
import { openSqlite, type SqliteDatabase } from '../../../store/sqlite/index.ts';
import { sessionTables, shellSessions } from '../../../../test/support/shell-sessions.ts';
import type { Aws } from '../../aws.gen.ts';
import type { Lease } from '../../pipewright/api.gen.ts';
import type { Api } from '../api.gen.ts';
import { createCodeBuild } from '../index.ts';
import { Hosts } from './hosts.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';
const RUNNER = { runnerId: 'runner', instanceId: 'instance' };

export const context: CallContext = {
  principal: { kind: 'root', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, id: ACCOUNT },
  account: ACCOUNT,
  region: REGION,
  requestId: 'r',
  signal: new AbortController().signal,
  endpoint: 'http://127.0.0.1:4566',
};

/** Nobody is given rights here. */
const sessions = {
  issue: async () => ({ accessKeyId: 'ASIA', secretAccessKey: 's', sessionToken: 't', expires: 0 }),
  revoke: async () => undefined,
} as unknown as Sessions;

/** CodeBuild on a real database and engine, without runners: tests play them. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'codebuild-'));
  readonly clock = new ManualClock(Date.UTC(2026, 0, 1, 12));
  readonly hosts = new Hosts();
  readonly secrets = createSecretBox([Buffer.alloc(32, 1)]);
  /** Secrets of Secrets Manager, by ARN. */
  readonly secretStrings = new Map<string, string>();
  readonly context = context;
  db!: SqliteDatabase;
  service!: ReturnType<typeof createCodeBuild>;
  /** Where the shell is killed; nowhere unless a test says so. */
  faults: Faults = noFaults;
  #engine!: ReturnType<typeof createEngine>;
  #commits!: Committer;

  async start(): Promise<void> {
    const { clock, hosts, secrets } = this;
    const publicEndpoint = () => 'http://pipewright.test';
    const [ids, log] = [randomIds(clock), silentLogger];
    this.db = openSqlite({ path: join(this.folder, 'test.db') });
    const commits = (this.#commits = new Committer(this.db, this.faults));
    const bus = createEventLog(this.db, commits);
    this.#engine = createEngine({ reader: this.db, commits, clock, ids, log, faults: this.faults });
    const logs = { createLogStream: async () => ({}), createLogGroup: async () => ({}), putLogEvents: async () => ({}) };
    const secretsmanager = { getSecretValue: async ({ SecretId }: { SecretId: string }) => this.#secret(SecretId) };
    const aws = { as: () => ({ logs, secretsmanager }) } as unknown as Aws;
    this.service = createCodeBuild({
      db: this.db,
      commits,
      bus,
      clock,
      ids,
      log,
      engine: this.#engine,
      aws,
      sessions,
      secrets,
      hosts,
      shellSessions: shellSessions({ db: this.db, commits, clock, ids, log }),
      publicEndpoint,
    });
    await this.db.migrate([
      { owner: 'engine', migrations: engineMigrations },
      { owner: 'codebuild', migrations: this.service.migrations! },
      sessionTables,
    ]);
    await this.#engine.start();
    await this.service.start!();
  }

  async stop(): Promise<void> {
    await this.service.stop!();
    this.#engine.close();
    await this.#commits.drained();
    await this.db.close();
  }

  async end(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  call<K extends keyof Api>(operation: K, input: Parameters<Api[K]>[0]): ReturnType<Api[K]> {
    const operations = this.service.operations as Api;
    return (operations[operation] as (input: unknown, ctx: CallContext) => ReturnType<Api[K]>)(input, context);
  }

  /** Resolves once the look is rewarded, while what is under way goes on. */
  async eventually<T>(look: () => Promise<T | undefined | false>): Promise<T> {
    for (;;) {
      const found = await look();
      if (found !== undefined && found !== false) return found;
      await new Promise(setImmediate);
    }
  }

  /** Resolves when all effects that were under way have ended. */
  async settled(): Promise<void> {
    for (;;) {
      await this.#commits.drained();
      if (!(await this.db.get({ sql: 'SELECT id FROM effects LIMIT 1' }))) return;
      await new Promise(setImmediate);
    }
  }

  #secret(arn: string) {
    const SecretString = this.secretStrings.get(arn);
    if (SecretString === undefined) throw new ApiError('ResourceNotFoundException', 'There is no such secret.');
    return { SecretString };
  }

  /** What a call of the runner's answers. */
  get runner() {
    return this.service.runnerOperations;
  }

  /** The sleeper rings for whatever is due. */
  ring(): void {
    this.#engine.sleeper.ring();
  }

  /** The first build that waits, leased by the runner. */
  async job() {
    const { job } = await this.runner.leaseBuild(RUNNER, context);
    return job as NonNullable<typeof job>;
  }

  /** A build of a project of its own, leased by the runner. */
  async build(project: string): Promise<Lease & { readonly id: string }> {
    await this.call('createProject', {
      name: project,
      source: { type: 'NO_SOURCE', buildspec: 'version: 0.2\n' },
      artifacts: { type: 'NO_ARTIFACTS' },
      environment: { type: 'LINUX_CONTAINER', image: 'host', computeType: 'BUILD_GENERAL1_SMALL' },
      serviceRole: 'builds',
    });
    const { build } = await this.call('startBuild', { projectName: project });
    const { job } = await this.runner.leaseBuild(RUNNER, context);
    return { id: build!.id!, buildArn: job!.buildArn, epoch: job!.epoch };
  }
}

/** `Code: message` of a call that is refused. */
export async function refused(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    if (error instanceof ApiError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('the call was not refused');
}
