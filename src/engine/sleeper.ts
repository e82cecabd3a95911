import type { Clock } from '../kernel/clock.ts';

/** Node's timers overflow at 24.8 days, and a laptop's lid stops them: nobody sleeps longer than this. */
const LONGEST_MS = 60_000;

/**
 * One timer for everything that waits for a time. Each key has at most one alarm; alarms are derived from durable state
 * (a process's `wakeAt`, an effect's due time), so losing them in a crash loses nothing.
 */
export class Sleeper {
  readonly #clock: Clock;
  readonly #alarms = new Map<string, { readonly at: number; readonly ring: () => void }>();
  #timer: NodeJS.Timeout | undefined;
  #timerAt = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Rings once at `at` (epoch ms), replacing the key's earlier alarm; undefined removes it. */
  set(key: string, at: number | undefined, ring: () => void): void {
    if (at === undefined) {
      this.#alarms.delete(key);
      return;
    }
    this.#alarms.set(key, { at, ring });
    if (at < this.#timerAt) this.#arm(at);
  }

  /** Rings whatever is due now. Tests with a manual clock call it; otherwise the timer does. */
  ring(): void {
    const now = this.#clock.now();
    let next = Infinity;
    for (const [key, alarm] of this.#alarms) {
      if (alarm.at <= now) {
        this.#alarms.delete(key);
        alarm.ring();
      }
    }
    for (const alarm of this.#alarms.values()) next = Math.min(next, alarm.at);
    this.#arm(next);
  }

  /** The earliest alarm, epoch ms. */
  next(): number | undefined {
    let next: number | undefined;
    for (const { at } of this.#alarms.values()) if (next === undefined || at < next) next = at;
    return next;
  }

  close(): void {
    this.#alarms.clear();
    clearTimeout(this.#timer);
  }

  #arm(at: number): void {
    clearTimeout(this.#timer);
    this.#timerAt = at;
    if (at === Infinity) return;
    const wait = Math.min(Math.max(at - this.#clock.now(), 0), LONGEST_MS);
    this.#timer = setTimeout(() => this.ring(), wait);
    this.#timer.unref();
  }
}
