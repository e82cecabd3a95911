import { Follower } from '../../engine/follower.ts';
import type { Sleeper } from '../../engine/sleeper.ts';
import type { Aggregates } from '../../engine/process.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Bus } from '../../ports/bus.ts';
import type { Commits, Reader } from '../../ports/database.ts';
import type { ActionDeclaration, PipelineDeclaration } from './api.gen.ts';
import type { PerformerTools } from './performers.ts';
import type { ActionProvider, RevisionSeen, Variables } from './provider.ts';
import type { PipelineCommand } from './rules/commands.ts';
import type { Declared, DeclarationListener } from './declarations.ts';
import { recordDecision, type Verdict } from './git/trigger-log.ts';
import { triggerOf } from './rules/git-triggers.ts';
import { aggregateId, type PipelineState } from './rules/state.ts';
import { sql } from './tables.ts';

/** How often a source that cannot announce its changes is asked, ms; AWS polls about once a minute. */
const POLL_MS = 60_000;
/** Sources that are looked at together at the start: of thousands, each may be a call to another server. */
const AT_ONCE = 8;

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

export interface TriggersTools extends PerformerTools {
  readonly bus: Bus;
  readonly commits: Commits;
  readonly db: Reader;
  readonly ids: Ids;
  readonly sleeper: Sleeper;
}

/**
 * Sources that poll for changes (AWS's default where PollForSourceChanges is not set). Where the source lives here its events
 * say when to look, so nothing waits for a clock; foreign ones are asked every minute. Either way the newest revision decides.
 */
export class Triggers implements DeclarationListener {
  readonly #tools: TriggersTools;
  readonly #aggregates: Aggregates<PipelineState, PipelineCommand>;
  readonly #sleeper: Sleeper;
  readonly #sources = new Map<string, readonly Source[]>();
  readonly #byArn = new Map<string, Set<Source>>();
  /** What went wrong with a source the last time, so that it is recorded once. */
  readonly #faults = new Map<Source, string>();
  readonly #abort = new AbortController();
  readonly #follower: Follower;
  #started = false;

  constructor(tools: TriggersTools, aggregates: Aggregates<PipelineState, PipelineCommand>) {
    this.#tools = tools;
    this.#aggregates = aggregates;
    this.#sleeper = tools.sleeper;
    this.#follower = new Follower(tools.bus, tools.log, (events) => {
      const changed = new Set(events.flatMap((event) => event.resources));
      for (const arn of changed) for (const source of this.#byArn.get(arn) ?? []) void this.#look(source);
    });
  }

  /** Looks at every source once, its declarations known by now: what changed while nobody was here starts an execution. */
  async start(): Promise<void> {
    await this.#follower.start();
    this.#started = true;
    const all = [...this.#sources.values()].flat();
    const some = async (): Promise<void> => {
      for (let source = all.pop(); source && !this.#abort.signal.aborted; source = all.pop()) await this.#look(source);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, some));
  }

  stop(): void {
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

  gone(id: string): void {
    for (const source of this.#sources.get(id) ?? []) {
      this.#faults.delete(source);
      const watching = this.#byArn.get(source.watches ?? '');
      watching?.delete(source);
      if (watching?.size === 0) this.#byArn.delete(source.watches ?? '');
    }
    this.#sources.delete(id);
  }

  declared({ id, account, region, declaration }: Declared): void {
    const { name } = declaration;
    const sources: Source[] = [];
    for (const action of declaration.stages[0]?.actions ?? []) {
      const provider = this.#tools.providers.find(action.actionTypeId, { account, region });
      const configuration = action.configuration ?? {};
      if (!provider?.latest || !isWatched(declaration, action)) continue;
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
    this.gone(id);
    if (sources.length === 0) return;
    this.#sources.set(id, sources);
    for (const source of sources) {
      if (source.watches === undefined) this.#pollLater(source);
      else this.#byArn.set(source.watches, (this.#byArn.get(source.watches) ?? new Set()).add(source));
    }
  }

  #pollLater(source: Source): void {
    const id = aggregateId(source.account, source.region, source.pipeline);
    this.#sleeper.set(`source ${id}/${source.action}`, this.#tools.clock.now() + POLL_MS, () => {
      if (!this.#sources.get(id)?.includes(source)) return;
      void this.#look(source);
      this.#pollLater(source);
    });
  }

  /** Never rejects. */
  async #look(source: Source): Promise<void> {
    if (!this.#started) return;
    const failed = async (error: unknown): Promise<void> => {
      const { pipeline, action } = source;
      const reason = messageOf(error);
      this.#tools.log.warn('a source could not be looked at', { pipeline, action, error: reason });
      if (this.#abort.signal.aborted || this.#faults.get(source) === reason) return;
      this.#faults.set(source, reason);
      await this.#record(source, { event: 'a look at the source', verdict: 'FAILED', reason });
    };
    await this.#startWhereChanged(source)
      .catch(failed)
      .catch((error: unknown) => this.#tools.log.error('a decision could not be recorded', { error: messageOf(error) }));
  }

  async #startWhereChanged(source: Source): Promise<void> {
    const seen = await this.#latest(source);
    this.#faults.delete(source);
    if (!seen || this.#abort.signal.aborted) return;
    const executionId = this.#tools.ids.uuid();
    const { action, account, region, pipeline } = source;
    const command = { type: 'sourceChanged', executionId, action, revisionType: 'COMMIT_ID', revision: seen.revisionId } as const;
    await this.#aggregates.send(aggregateId(account, region, pipeline), command);
    // The same revision as before starts nothing, and is not worth a word.
    if (!(await this.#tools.db.get(sql.execution, account, region, pipeline, executionId))) return;
    const event = `revision ${seen.revisionId}`;
    await this.#record(source, { event, verdict: 'STARTED', reason: 'the source has a new revision', executionId });
  }

  async #record(source: Source, told: { event: string; verdict: Verdict; reason: string; executionId?: string }): Promise<void> {
    const { ids, clock, commits } = this.#tools;
    await commits.commit(recordDecision(ids, source, source.pipeline, { at: clock.now(), source: source.action, ...told }));
  }

  #latest({ account, region, role, configuration, provider }: Source): Promise<RevisionSeen | undefined> {
    const { aws, clock, log } = this.#tools;
    const signal = this.#abort.signal;
    const caller = { role, session: 'codepipeline-source', purpose: 'pipeline', account, region, signal } as const;
    return provider.latest!(configuration, { aws: aws.as(caller), clock, log, signal });
  }
}

/** Whether we look for changes by ourselves: a trigger turns that off, and so does the action's own setting. */
export function isWatched(declaration: PipelineDeclaration, { name, configuration = {} }: ActionDeclaration): boolean {
  return configuration.PollForSourceChanges !== 'false' && configuration.DetectChanges !== 'false' && !triggerOf(declaration, name);
}
