import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Committer } from '../../../engine/committer.ts';
import { createEventLog } from '../../../engine/event-log.ts';
import { engineMigrations } from '../../../engine/tables.ts';
import { ManualClock } from '../../../kernel/clock.ts';
import { randomIds } from '../../../kernel/ids.ts';
import { silentLogger } from '../../../kernel/log.ts';
import type { JsonObject } from '../../../kernel/json.ts';
import type { Bus } from '../../../ports/bus.ts';
import type { Git } from '../../../ports/git.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { openGit } from '../../../store/git/index.ts';
import { localSpawner } from '../../../store/spawn-local.ts';
import { openSqlite } from '../../../store/sqlite/index.ts';
import type { Api, CreateCommitInput } from '../api.gen.ts';
import { createCodeCommit, type CodeCommit } from '../index.ts';
import { migrations } from '../tables.ts';

export const ACCOUNT = '000000000000';
export const ann = { kind: 'user', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:user/ann`, id: 'AIDAANN' } as const;
export const repositoryName = 'demo';
export const branchName = 'main';

const context: CallContext = {
  principal: ann,
  account: ACCOUNT,
  region: 'eu-west-1',
  requestId: 'r',
  signal: new AbortController().signal,
  endpoint: 'http://127.0.0.1:4566',
};

export const text = (value: string) => new Uint8Array(Buffer.from(value));

/** The name of the error that an operation is refused with. */
export const refused = (promise: Promise<unknown>) =>
  promise.then(
    () => 'it succeeded',
    (error: Error) => error.name,
  );

/** The service on a real database and real repositories in a folder of its own. */
export class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'codecommit-'));
  readonly clock = new ManualClock();
  git!: Git;
  bus!: Bus;
  service!: CodeCommit;
  #close = async (): Promise<void> => undefined;

  async start(): Promise<void> {
    const database = openSqlite({ path: join(this.folder, 'test.db') });
    await database.migrate([
      { owner: 'engine', migrations: engineMigrations },
      { owner: 'codecommit', migrations },
    ]);
    const git = await openGit({ folder: join(this.folder, 'git'), spawner: localSpawner() });
    const commits = new Committer(database);
    const bus = createEventLog(database, commits);
    const { clock } = this;
    const service = createCodeCommit({
      db: database,
      commits,
      bus,
      clock,
      ids: randomIds(clock),
      log: silentLogger,
      git,
      region: 'us-east-1',
    });
    Object.assign(this, { git, bus, service });
    this.#close = async () => {
      await service.stop!();
      await git.close();
      await database.close();
    };
    await service.start!();
  }

  /** As if the server had been ended and started again. */
  async restart(): Promise<void> {
    await this.#close();
    await this.start();
  }

  async remove(): Promise<void> {
    await this.#close();
    rmSync(this.folder, { recursive: true });
  }

  /** Calls an operation as the edge would. */
  call<K extends keyof Api>(operation: K, input: Parameters<Api[K]>[0], as: Partial<CallContext> = {}): ReturnType<Api[K]> {
    const run = this.service.operations[operation] as (input: Parameters<Api[K]>[0], ctx: CallContext) => ReturnType<Api[K]>;
    return run(input, { ...context, ...as });
  }

  async create(): Promise<string> {
    return (await this.call('createRepository', { repositoryName })).repositoryMetadata!.repositoryId!;
  }

  put(filePath: string, content: string, parentCommitId?: string): ReturnType<Api['putFile']> {
    const parent = parentCommitId === undefined ? {} : { parentCommitId };
    return this.call('putFile', { repositoryName, branchName, filePath, fileContent: text(content), ...parent });
  }

  commit(input: Partial<CreateCommitInput>): ReturnType<Api['createCommit']> {
    return this.call('createCommit', { repositoryName, branchName, ...input });
  }

  async events(): Promise<JsonObject[]> {
    return (await this.bus.read(0, 1000)).map(({ detail }) => detail);
  }

  /** Plain git on a repository. */
  cli(id: string, ...args: string[]): string {
    return execFileSync('git', [`--git-dir=${join(this.folder, 'git', `${id}.git`)}`, ...args], { encoding: 'utf8' }).trim();
  }
}
