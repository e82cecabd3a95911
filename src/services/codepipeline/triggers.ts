import { Follower } from '../../engine/follower.ts';
import type { Sleeper } from '../../engine/sleeper.ts';
import type { Aggregates } from '../../engine/process.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Bus } from '../../ports/bus.ts';
import type { Reader } from '../../ports/database.ts';
import type { PipelineDeclaration } from './api.gen.ts';
import type { PerformerTools } from './performers.ts';
import type { ActionProvider, RevisionSeen, Variables } from './provider.ts';
import type { PipelineCommand } from './rules/commands.ts';
import { aggregateId, type PipelineState } from './rules/state.ts';
import { sql } from './tables.ts';

/** How often a source that cannot announce its changes is asked, ms; AWS polls about once a minute. */
const POLL_MS = 60_000;

interface Source {
  readonly account: string;
  readonly region: string;
  readonly pipeline: string;
  readonly role: string;
  readonly action: string;
  readonly configuration: Variables;
  readonly provider: ActionProvider;
  readonly watches: string | undefined;
}

/**
 * Sources that poll for changes (AWS's default where PollForSourceChanges is not set). Where the source lives here its events
 * say when to look, so nothing waits for a clock; foreign ones are asked every minute. Either way the newest revision decides.
 */
export class Triggers {
  readonly #tools: PerformerTools & { readonly bus: Bus; readonly db: Reader; readonly ids: Ids; readonly sleeper: Sleeper };
  readonly #aggregates: Aggregates<PipelineState, PipelineCommand>;
  readonly #sleeper: Sleeper;
  readonly #sources = new Map<string, readonly Source[]>();
  readonly #versions = new Map<string, number>();
  readonly #abort = new AbortController();
  readonly #follower: Follower;
  #unsubscribe: (() => void) | undefined;

  constructor(
    tools: PerformerTools & { readonly bus: Bus; readonly db: Reader; readonly ids: Ids; readonly sleeper: Sleeper },
    aggregates: Aggregates<PipelineState, PipelineCommand>,
  ) {
    this.#tools = tools;
    this.#aggregates = aggregates;
    this.#sleeper = tools.sleeper;
    this.#follower = new Follower(tools.bus, tools.log, (events) => {
      const changed = new Set(events.flatMap((event) => event.resources));
      for (const sources of this.#sources.values()) {
        for (const source of sources) if (source.watches !== undefined && changed.has(source.watches)) this.#look(source);
      }
    });
  }

  /** Looks at every source once: what changed while nobody was here starts an execution now. */
  async start(): Promise<void> {
    await this.#follower.start();
    this.#unsubscribe = this.#aggregates.onStep((id, state) => this.#follow(id, state));
    type Row = { account: string; region: string; name: string; declaration: string };
    for (const row of await this.#tools.db.all<Row>(sql.everyPipeline)) {
      const declaration = JSON.parse(row.declaration) as PipelineDeclaration;
      this.#watch(aggregateId(row.account, row.region, row.name), row, declaration);
    }
    for (const sources of this.#sources.values()) for (const source of sources) this.#look(source);
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#follower.stop();
    this.#abort.abort();
  }

  /** The newest revision of each source, or undefined where one has none yet. */
  async newest(declaration: PipelineDeclaration, place: { readonly account: string; readonly region: string }) {
    const found: { action: string; revisionType: string; revision: string }[] = [];
    for (const action of declaration.stages[0]?.actions ?? []) {
      const provider = this.#tools.providers.find(action.actionTypeId, place);
      if (!provider?.latest) continue;
      const configuration = action.configuration ?? {};
      const source = {
        ...place,
        pipeline: declaration.name,
        role: action.roleArn ?? declaration.roleArn,
        action: action.name,
        configuration,
        provider,
        watches: undefined,
      };
      const seen = await this.#latest(source);
      if (!seen) return undefined;
      found.push({ action: action.name, revisionType: 'COMMIT_ID', revision: seen.revisionId });
    }
    return found;
  }

  #follow(id: string, state: PipelineState): void {
    if (!state.exists) {
      this.#sources.delete(id);
      this.#versions.delete(id);
      return;
    }
    if (this.#versions.get(id) === state.version) return;
    this.#versions.set(id, state.version);
    const declaration = state.declarations[state.version];
    if (declaration) this.#watch(id, state, declaration);
  }

  #watch(id: string, { account, region, name }: { account: string; region: string; name: string }, declaration: PipelineDeclaration): void {
    const sources: Source[] = [];
    for (const action of declaration.stages[0]?.actions ?? []) {
      const provider = this.#tools.providers.find(action.actionTypeId, { account, region });
      const configuration = action.configuration ?? {};
      if (!provider?.latest || configuration.PollForSourceChanges === 'false') continue;
      const watches = provider.watches?.(configuration, { account, region });
      sources.push({
        account,
        region,
        pipeline: name,
        role: action.roleArn ?? declaration.roleArn,
        action: action.name,
        configuration,
        provider,
        watches,
      });
    }
    this.#sources.set(id, sources);
    for (const source of sources) if (source.watches === undefined) this.#pollLater(source);
  }

  #pollLater(source: Source): void {
    const id = aggregateId(source.account, source.region, source.pipeline);
    this.#sleeper.set(`source ${id}/${source.action}`, this.#tools.clock.now() + POLL_MS, () => {
      if (!this.#sources.get(id)?.includes(source)) return;
      this.#look(source);
      this.#pollLater(source);
    });
  }

  #look(source: Source): void {
    void this.#startWhereChanged(source).catch((error: unknown) => {
      const { pipeline, action } = source;
      this.#tools.log.warn('a source could not be looked at', { pipeline, action, error: messageOf(error) });
    });
  }

  async #startWhereChanged(source: Source): Promise<void> {
    const seen = await this.#latest(source);
    if (!seen || this.#abort.signal.aborted) return;
    const executionId = this.#tools.ids.uuid();
    const { action, account, region, pipeline } = source;
    const command = { type: 'sourceChanged', executionId, action, revisionType: 'COMMIT_ID', revision: seen.revisionId } as const;
    await this.#aggregates.send(aggregateId(account, region, pipeline), command);
  }

  #latest({ account, region, role, configuration, provider }: Source): Promise<RevisionSeen | undefined> {
    const { aws, clock, log } = this.#tools;
    const signal = this.#abort.signal;
    const caller = { role, session: 'codepipeline-source', purpose: 'pipeline', account, region, signal } as const;
    return provider.latest!(configuration, { aws: aws.as(caller), clock, log, signal });
  }
}
