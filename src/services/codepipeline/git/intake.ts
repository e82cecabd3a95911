import { messageOf } from '../../../kernel/errors.ts';
import type { PositionedEvent } from '../../../ports/bus.ts';
import { write } from '../../../ports/database.ts';
import type { Sleeper } from '../../../engine/sleeper.ts';
import type { ServiceTools } from '../../../protocol/service.ts';
import { seenGitEvent } from '../rules/git-events.ts';
import { gitSql } from './tables.ts';
import type { GitSources } from './sources.ts';
import { stageStatus, STATUS_WORK } from './statuses.ts';
import { GIT_EVENT_WORK, type GitWork } from './start-by-trigger.ts';
import { insertWork, type NewWork, type WorkQueue } from './work-queue.ts';

const PAGE = 200;
/** After this many events without work the cursor is written down nevertheless. */
const UNWRITTEN = 1_000;
const RETRY_MS = 1_000;
const ALARM = 'codepipeline intake';

/**
 * Follows the event log and turns what concerns git hosts into work: git events for pipelines that listen to their repository, states of
 * stages that are to be told. Work and cursor are written in one unit, so that a crash neither loses nor repeats any.
 */
export class Intake {
  readonly #tools: ServiceTools & { readonly sleeper: Sleeper };
  readonly #sources: GitSources;
  readonly #queue: WorkQueue;
  #cursor = 0;
  #written = 0;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;
  #unsubscribe: (() => void) | undefined;

  constructor(tools: ServiceTools & { readonly sleeper: Sleeper }, sources: GitSources, queue: WorkQueue) {
    this.#tools = tools;
    this.#sources = sources;
    this.#queue = queue;
  }

  async start(): Promise<void> {
    const { db, bus } = this.#tools;
    const stored = await db.get<{ position: number }>(gitSql.cursor);
    this.#cursor = stored?.position ?? (await bus.bounds()).last;
    this.#written = stored?.position ?? -1;
    this.#unsubscribe = bus.onAppend(() => this.#wake());
    this.#queue.wake();
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe?.();
    await this.#running;
    if (this.#cursor > this.#written) await this.#tools.commits.commit([write(gitSql.moveCursor, [this.#cursor])]);
  }

  #wake(): void {
    this.#again = true;
    if (this.#running || this.#stopped) return;
    this.#running = this.#run().finally(() => {
      this.#running = undefined;
      // Woken in the moment between the last look and here.
      if (this.#again) this.#wake();
    });
  }

  async #run(): Promise<void> {
    try {
      while (this.#again && !this.#stopped) {
        this.#again = false;
        while (!this.#stopped && (await this.#page()));
      }
    } catch (error) {
      this.#tools.log.error('git events could not be read', { error: messageOf(error) });
      this.#tools.sleeper.set(ALARM, this.#tools.clock.now() + RETRY_MS, () => this.#wake());
    }
  }

  /** Takes one page; false when there is nothing more to read. */
  async #page(): Promise<boolean> {
    const events = await this.#tools.bus.read(this.#cursor, PAGE);
    const last = events.at(-1)?.position;
    if (last === undefined) return false;
    const work = events.flatMap((event) => this.#workFor(event));
    if (work.length > 0 || last - this.#written > UNWRITTEN) {
      const now = this.#tools.clock.now();
      await this.#tools.commits.commit([...work.map((each) => insertWork(each, now)), write(gitSql.moveCursor, [last])]);
      this.#written = last;
    }
    this.#cursor = last;
    if (work.length > 0) this.#queue.wake();
    return true;
  }

  #workFor(event: PositionedEvent): readonly NewWork[] {
    if (event.bus !== 'default') return [];
    if (event.source === 'aws.codepipeline') return this.#statusWork(event);
    const seen = seenGitEvent(event);
    if (!seen) return [];
    return this.#sources.of(seen.arn, seen.event.repository).map(({ pipelineId, action }) => {
      const lane = `git ${pipelineId} ${action}`;
      const data: GitWork = { ...seen, id: event.id, pipelineId, action };
      return { id: `${lane} ${event.id}`, lane, seq: event.position, kind: GIT_EVENT_WORK, data };
    });
  }

  #statusWork(event: PositionedEvent): readonly NewWork[] {
    const status = stageStatus(event);
    if (!status || !this.#sources.connected(status.pipelineId)) return [];
    const id = `status ${status.executionId} ${status.stage}`;
    return [{ id, lane: id, seq: event.position, kind: STATUS_WORK, data: status }];
  }
}
