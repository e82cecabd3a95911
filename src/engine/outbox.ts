import type { Clock } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Faults } from '../kernel/fault.ts';
import type { Logger } from '../kernel/log.ts';
import { write, type Commits, type Write } from '../ports/database.ts';
import type { Effect, EffectContext } from './process.ts';
import type { Sleeper } from './sleeper.ts';
import { sql } from './tables.ts';

/** After these waits (ms) an effect that keeps throwing is given up. */
const BACKOFF = [200, 1_000, 5_000, 15_000, 60_000];

export interface Live {
  readonly aggregate: string;
  readonly effect: Effect;
  attempt: number;
  readonly abort: AbortController;
  /** Its performer has answered: there is nothing to abort any more. */
  performed: boolean;
}

export interface OutboxHooks {
  perform(live: Live, context: EffectContext): Promise<unknown>;
  /** The effect ended: feed the command back (undefined: none) in the step that removes the row. */
  done(live: Live, command: unknown): void;
  gaveUp(live: Live, message: string): void;
}

export interface OutboxTools {
  readonly type: string;
  /** Known once the engine has started: rows of earlier epochs were claimed by then. */
  readonly epoch: () => number;
  readonly clock: Clock;
  readonly commits: Commits;
  readonly sleeper: Sleeper;
  readonly faults: Faults;
  readonly log: Logger;
}

/** The effects of one process type that are committed and not yet done. Rows are claimed by the epoch they are written with. */
export class Outbox {
  readonly #tools: OutboxTools;
  readonly #hooks: OutboxHooks;
  readonly #live = new Map<string, Live>();
  #closed = false;

  constructor(tools: OutboxTools, hooks: OutboxHooks) {
    this.#tools = tools;
    this.#hooks = hooks;
  }

  has(id: string): boolean {
    return this.#live.has(id);
  }

  inserts(aggregate: string, effect: Effect): Write {
    const { type, epoch, clock } = this.#tools;
    return write(
      sql.insertEffect,
      [effect.id, type, aggregate, effect.kind, effect.honest, JSON.stringify(effect.payload), epoch(), clock.now()],
      {
        label: `effect ${effect.id}`,
      },
    );
  }

  /** The write that closes an effect; it fails where somebody else has claimed the row since. */
  closes(id: string): Write {
    return write(sql.deleteEffect, [id, this.#tools.epoch()], { expect: 1, label: 'effect-claim' });
  }

  start(aggregate: string, effect: Effect, attempt = 1, due = 0): void {
    const live: Live = { aggregate, effect, attempt, abort: new AbortController(), performed: false };
    this.#live.set(effect.id, live);
    if (due > this.#tools.clock.now()) this.#sleep(live, due);
    else void this.#run(live);
  }

  /** Forgets the effect and aborts its performer. */
  drop(id: string): void {
    const live = this.#live.get(id);
    this.#live.delete(id);
    this.#tools.sleeper.set(`effect ${id}`, undefined, () => {});
    if (live && !live.performed) live.abort.abort();
  }

  close(): void {
    this.#closed = true;
    for (const live of this.#live.values()) live.abort.abort();
  }

  async #run(live: Live): Promise<void> {
    try {
      this.#tools.faults.hit('effect.starting');
      const command = await this.#hooks.perform(live, { attempt: live.attempt, signal: live.abort.signal });
      live.performed = true;
      this.#tools.faults.hit('effect.performed');
      if (!this.#closed && this.has(live.effect.id)) this.#hooks.done(live, command);
    } catch (error) {
      await this.#failed(live, error);
    }
  }

  async #failed(live: Live, error: unknown): Promise<void> {
    const { id, kind } = live.effect;
    if (this.#closed || !this.has(id)) return;
    const message = messageOf(error);
    const wait = BACKOFF[live.attempt - 1];
    this.#tools.log.warn('effect failed', { effect: kind, id, attempt: live.attempt, error: message, retryInMs: wait });
    if (wait === undefined) return this.#hooks.gaveUp(live, message);
    live.attempt++;
    const due = this.#tools.clock.now() + wait;
    try {
      await this.#tools.commits.commit([write(sql.retryEffect, [live.attempt, due, id, this.#tools.epoch()])]);
    } catch (failure) {
      // The row still says the earlier attempt: after a restart the effect is simply tried once more.
      this.#tools.log.error('cannot record the attempt', { id, error: messageOf(failure) });
    }
    this.#sleep(live, due);
  }

  #sleep(live: Live, due: number): void {
    this.#tools.sleeper.set(`effect ${live.effect.id}`, due, () => {
      if (this.has(live.effect.id)) void this.#run(live);
    });
  }
}
