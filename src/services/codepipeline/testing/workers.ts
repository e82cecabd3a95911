import { testDatabase } from '../../../../test/support/database.ts';
import { Committer } from '../../../engine/committer.ts';
import { createEngine, type Engine } from '../../../engine/engine.ts';
import { createEventLog } from '../../../engine/event-log.ts';
import { engineMigrations } from '../../../engine/tables.ts';
import { ManualClock } from '../../../kernel/clock.ts';
import { randomIds } from '../../../kernel/ids.ts';
import { silentLogger } from '../../../kernel/log.ts';
import type { CallContext } from '../../../protocol/context.ts';
import { createSecretBox } from '../../../store/secrets.ts';
import { createIam, type Iam } from '../../iam/index.ts';
import { migrations as iamMigrations } from '../../iam/tables.ts';
import type { Api, ActionTypeId, Job, PipelineDeclaration } from '../api.gen.ts';
import { createCodePipeline, type CodePipeline } from '../index.ts';
import type { ActionProvider } from '../provider.ts';
import { migrations } from '../tables.ts';

export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';
export const LEASE_MS = 600_000;
export const FURNACE: ActionTypeId = { category: 'Build', owner: 'Custom', provider: 'Furnace', version: '1' };
export const NOTHING = { minimumCount: 0, maximumCount: 0 };

export const contextOf = (account = ACCOUNT, region = REGION): CallContext => ({
  principal: { kind: 'root', account, arn: `arn:aws:iam::${account}:root`, id: account },
  account,
  region,
  requestId: 'r',
  signal: new AbortController().signal,
  endpoint: 'http://127.0.0.1:4566',
});

/** A source that is done at once; its output variable is what it is configured with. */
const source: ActionProvider = {
  type: { category: 'Source', owner: 'Custom', provider: 'Now', version: '1' },
  settings: { Gives: { required: false, type: 'String', description: 'The value of the output variable Given.' } },
  artifacts: { inputs: { min: 0, max: 0 }, outputs: { min: 0, max: 1 } },
  timeoutMinutes: 60,
  start: async ({ configuration }) => ({ kind: 'succeeded', variables: { Given: configuration['Gives'] ?? '' } }),
  poll: async () => ({ kind: 'succeeded', variables: {} }),
  async stop() {},
};

export const lineOf = (name: string, configuration: Record<string, string>, actionTypeId: ActionTypeId = FURNACE): PipelineDeclaration => ({
  name,
  roleArn: `arn:aws:iam::${ACCOUNT}:role/pipeline`,
  artifactStore: { type: 'S3', location: 'store' },
  stages: [
    {
      name: 'Source',
      actions: [{ name: 'Now', actionTypeId: source.type, namespace: 'now', outputArtifacts: [{ name: 'Code' }] }],
    },
    {
      name: 'Work',
      actions: [{ name: 'Melt', actionTypeId, configuration, inputArtifacts: [{ name: 'Code' }], outputArtifacts: [{ name: 'Steel' }] }],
    },
  ],
});

/** CodePipeline with its workers' side and the real IAM, on a database of its own; `restart` begins anew on what was committed. */
export class WorkerWorld {
  readonly clock = new ManualClock(Date.UTC(2026, 0, 1));
  readonly #ids = randomIds(this.clock);
  readonly quotas: 'relaxed' | 'aws';
  db!: Awaited<ReturnType<typeof testDatabase>>;
  iam!: Iam;
  commits!: Committer;
  #engine!: Engine;
  #service!: CodePipeline;

  constructor(quotas: 'relaxed' | 'aws' = 'relaxed') {
    this.quotas = quotas;
  }

  async start(): Promise<this> {
    this.db = await testDatabase([
      { owner: 'engine', migrations: engineMigrations },
      { owner: 'iam', migrations: iamMigrations },
      { owner: 'codepipeline', migrations },
    ]);
    await this.#boot();
    return this;
  }

  get api(): Required<Api> {
    return this.#service.operations as Required<Api>;
  }

  async restart(): Promise<void> {
    await this.#halt();
    await this.#boot();
  }

  async close(): Promise<void> {
    await this.#halt();
    await this.db.close();
  }

  /** Makes the type Furnace; Alloy is what workers ask by. */
  async furnace(): Promise<void> {
    const { category, provider, version } = FURNACE;
    const property = { key: false, secret: false, required: false };
    const configurationProperties = [
      { ...property, name: 'Alloy', required: true, queryable: true },
      { ...property, name: 'Password', secret: true },
      { ...property, name: 'Note' },
    ];
    const [inputArtifactDetails, outputArtifactDetails] = [
      { ...NOTHING, maximumCount: 1 },
      { ...NOTHING, maximumCount: 1 },
    ];
    const bounds = { inputArtifactDetails, outputArtifactDetails };
    const settings = {
      entityUrlTemplate: 'https://furnace.example.com/alloys/{Config:Alloy}',
      executionUrlTemplate: 'https://furnace.example.com/runs/{ExternalExecutionId}',
    };
    await this.api.createCustomActionType({ category, provider, version, configurationProperties, settings, ...bounds }, contextOf());
  }

  /** An execution of a pipeline that has come to its worker's action; resolves with the execution's id. */
  async line(name: string, configuration: Record<string, string>, type: ActionTypeId = FURNACE): Promise<string> {
    // Creating it starts one: its source has something at once.
    await this.api.createPipeline({ pipeline: lineOf(name, configuration, type) }, contextOf());
    await this.settle();
    const { pipelineExecutionSummaries } = await this.api.listPipelineExecutions({ pipelineName: name }, contextOf());
    return pipelineExecutionSummaries![0]!.pipelineExecutionId!;
  }

  async run(name: string): Promise<string> {
    const { pipelineExecutionId } = await this.api.startPipelineExecution({ name }, contextOf());
    await this.settle();
    return pipelineExecutionId!;
  }

  async poll(queryParam?: Record<string, string>, maxBatchSize = 1): Promise<readonly Job[]> {
    return (await this.api.pollForJobs({ actionTypeId: FURNACE, maxBatchSize, ...(queryParam && { queryParam }) }, contextOf())).jobs!;
  }

  /** Polls and acknowledges. */
  async take(): Promise<Job> {
    const [job] = await this.poll();
    if (!job) throw new Error('there is no job');
    await this.api.acknowledgeJob({ jobId: job.id!, nonce: job.nonce! }, contextOf());
    return job;
  }

  clientOf(actionTypeId: ActionTypeId): Promise<{ readonly clientId: string; readonly clientToken: string }> {
    return this.#service.ownOperations.getThirdPartyClient!({ actionTypeId }, contextOf());
  }

  async action(pipelineName: string, pipelineExecutionId: string) {
    const listed = await this.api.listActionExecutions({ pipelineName, filter: { pipelineExecutionId } }, contextOf());
    return listed.actionExecutionDetails!.find(({ actionName }) => actionName === 'Melt')!;
  }

  /** Lets everything that can happen without time happen: turns of the loop, not time. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 30; turn++) {
      await this.commits.drained();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #boot(): Promise<void> {
    const { db, clock } = this;
    this.commits = new Committer(db);
    const bus = createEventLog(db, this.commits);
    const tools = { db, commits: this.commits, bus, clock, ids: this.#ids, log: silentLogger };
    this.#engine = createEngine({ reader: db, commits: this.commits, clock, ids: this.#ids, log: silentLogger });
    const secrets = createSecretBox([Buffer.alloc(32, 7)]);
    this.iam = createIam({ ...tools, secrets });
    const aws = { as: () => ({}) as never };
    const workers = { sessions: this.iam.sessions, secrets, jobLeaseMs: LEASE_MS };
    const own = { ...tools, engine: this.#engine, aws, providers: [source], rules: [], workers, quotas: this.quotas };
    this.#service = createCodePipeline(own);
    await this.iam.service.start!();
    await this.#engine.start();
    await this.#service.start!();
  }

  async #halt(): Promise<void> {
    await this.settle();
    await this.#service.stop!();
    this.#engine.close();
    await this.iam.service.stop!();
    await this.commits.drained();
  }
}
