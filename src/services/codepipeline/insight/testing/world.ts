import { dummyProviders } from '../../../../actions/dummy/index.ts';
import { manualApproval } from '../../../../actions/manual-approval/index.ts';
import { variableCheck } from '../../../../conditions/variable-check/index.ts';
import { Committer } from '../../../../engine/committer.ts';
import { createEngine, type Engine } from '../../../../engine/engine.ts';
import { createEventLog } from '../../../../engine/event-log.ts';
import { engineMigrations } from '../../../../engine/tables.ts';
import { ManualClock } from '../../../../kernel/clock.ts';
import { randomIds } from '../../../../kernel/ids.ts';
import { silentLogger } from '../../../../kernel/log.ts';
import type { CallContext } from '../../../../protocol/context.ts';
import { ApiError } from '../../../../protocol/errors.ts';
import { testDatabase } from '../../../../../test/support/database.ts';
import { whole } from '../../../../../test/support/scenario-file.ts';
import type { ShortPipeline } from '../../../../../test/support/scenario-pipeline.ts';
import type { Aws } from '../../../aws.gen.ts';
import type { Build } from '../../../codebuild/api.gen.ts';
import type { Api as Own } from '../../../pipewright/api.gen.ts';
import type { Api } from '../../api.gen.ts';
import { createCodePipeline } from '../../index.ts';
import type { ActionProvider } from '../../provider.ts';
import { migrations } from '../../tables.ts';

export const START = Date.UTC(2026, 0, 1);
const ACCOUNT = '000000000000';

const context: CallContext = {
  principal: { kind: 'root', account: ACCOUNT, arn: `arn:aws:iam::${ACCOUNT}:root`, id: ACCOUNT },
  account: ACCOUNT,
  region: 'us-east-1',
  requestId: 'insight',
  signal: new AbortController().signal,
  endpoint: 'http://localhost',
};

type Calls<A> = { readonly [K in keyof A]: A[K] extends (input: infer I, ctx: CallContext) => infer O ? (input: I) => O : never };

/** Operations without their context. */
function calls<A extends object>(operations: Partial<A>): Calls<A> {
  const bound = Object.entries(operations).map(([name, run]) => [
    name,
    (input: unknown) => (run as (input: unknown, ctx: CallContext) => unknown)(input, context),
  ]);
  return Object.fromEntries(bound) as Calls<A>;
}

type Db = Awaited<ReturnType<typeof testDatabase>>;

/** The pipelines of one account on a real database, with a clock that tests move, and neighbours small enough to hold in hand. */
export class World {
  readonly clock = new ManualClock(START);
  /** Objects that were deleted, as `bucket/key`. */
  readonly deleted = new Set<string>();
  readonly builds: Build[] = [];
  /** Rules that target the pipeline, and whether they are enabled. */
  readonly rules = new Map<string, boolean>();
  readonly #providers: readonly ActionProvider[];
  #db!: Db;
  #engine!: Engine;
  #commits!: Committer;
  #stop!: () => Promise<void>;
  api!: Calls<Api>;
  own!: Calls<Own>;

  constructor(providers: readonly ActionProvider[] = []) {
    this.#providers = providers;
  }

  async start(): Promise<void> {
    this.#db = await testDatabase([
      { owner: 'engine', migrations: engineMigrations },
      { owner: 'codepipeline', migrations },
    ]);
    const { clock } = this;
    const db = this.#db;
    const commits = new Committer(db);
    const ids = randomIds(clock);
    const log = silentLogger;
    this.#commits = commits;
    this.#engine = createEngine({ reader: db, commits, clock, ids, log });
    const tools = { db, commits, bus: createEventLog(db, commits), clock, ids, log, engine: this.#engine, aws: this.#aws() };
    const providers = [...dummyProviders(), manualApproval(), ...this.#providers];
    const service = createCodePipeline({ ...tools, providers, rules: [variableCheck] });
    await this.#engine.start();
    await service.start!();
    this.api = calls<Api>(service.operations);
    this.own = calls<Own>(service.ownOperations);
    this.#stop = () => service.stop!();
  }

  async end(): Promise<void> {
    this.#engine.close();
    await this.#stop();
    await this.#commits.drained();
    await this.#db.close();
  }

  async create(pipeline: ShortPipeline): Promise<void> {
    await this.api.createPipeline({ pipeline: whole(pipeline) });
    await this.settle();
  }

  /** Starts an execution and lets it go as far as it can without time; answers its id. */
  async run(revision?: string): Promise<string> {
    const sourceRevisions =
      revision === undefined ? [] : [{ actionName: 'Src', revisionType: 'COMMIT_ID' as const, revisionValue: revision }];
    const { pipelineExecutionId = '' } = await this.api.startPipelineExecution({ name: 'demo', sourceRevisions });
    await this.settle();
    return pipelineExecutionId;
  }

  async status(pipelineExecutionId: string): Promise<string | undefined> {
    return (await this.api.getPipelineExecution({ pipelineName: 'demo', pipelineExecutionId })).pipelineExecution?.status;
  }

  async action(pipelineExecutionId: string, name: string) {
    const { actionExecutionDetails = [] } = await this.api.listActionExecutions({ pipelineName: 'demo', filter: { pipelineExecutionId } });
    return actionExecutionDetails.find(({ actionName }) => actionName === name);
  }

  /** Lets everything happen that needs no time: turns of the loop until nothing is written any more. */
  async settle(): Promise<void> {
    const count = async () => (await this.#db.get<{ n: number }>({ sql: 'SELECT COUNT(*) AS n FROM bus_events' }))!.n;
    for (let quiet = 0; quiet < 12;) {
      await this.#commits.drained();
      const before = await count();
      await new Promise((resolve) => setImmediate(resolve));
      const due = (this.#engine.sleeper.next() ?? Infinity) <= this.clock.now();
      if (due) this.#engine.tick();
      quiet = due || (await count()) !== before ? 0 : quiet + 1;
    }
  }

  /** Lets time pass, from alarm to alarm. */
  async pass(seconds: number): Promise<void> {
    const end = this.clock.now() + seconds * 1000;
    while (this.clock.now() < end) {
      const next = Math.max(this.clock.now(), Math.min(end, this.#engine.sleeper.next() ?? end));
      this.clock.advance(next - this.clock.now());
      this.#engine.tick();
      await this.settle();
    }
  }

  #aws(): Aws {
    const s3 = {
      headObject: async ({ Bucket, Key }: { Bucket: string; Key: string }) => {
        if (this.deleted.has(`${Bucket}/${Key}`)) throw new ApiError('NoSuchKey', 'The specified key does not exist.', 404);
        return {};
      },
    };
    const codebuild = {
      batchGetBuilds: async ({ ids }: { ids: readonly string[] }) => ({ builds: this.builds.filter(({ id = '' }) => ids.includes(id)) }),
    };
    const events = {
      listRuleNamesByTarget: async () => ({ RuleNames: [...this.rules.keys()] }),
      describeRule: async ({ Name }: { Name: string }) => ({ State: this.rules.get(Name) ? 'ENABLED' : 'DISABLED' }),
    };
    return { as: () => ({ s3, codebuild, events }) as never };
  }
}
