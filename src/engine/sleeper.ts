import type { Clock } from '../kernel/clock.ts';
import { Heap } from '../kernel/heap.ts';

/** Node's timers overflow at 24.8 days, and a laptop's lid stops them: nobody sleeps longer than this. */
const LONGEST_MS = 60_000;
/** Replaced alarms that may lie in the queue before it is made anew, beside as many as there are alarms. */
const SLACK = 64;

interface Alarm {
  readonly key: string;
  readonly at: number;
  readonly ring: () => void;
}

/**
 * One timer for everything that waits for a time. Each key has at most one alarm; alarms are derived from durable state
 * (a process's `wakeAt`, an effect's due time), so losing them in a crash loses nothing.
 */
export class Sleeper {
  readonly #clock: Clock;
  readonly #alarms = new Map<string, Alarm>();
  /** In the order of their times; those that were replaced or removed are passed over when they come up. */
  #queue = new Heap<Alarm>((a, b) => a.at < b.at);
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
    const alarm: Alarm = { key, at, ring };
    this.#alarms.set(key, alarm);
    this.#queue.push(alarm);
    if (this.#queue.size > 2 * this.#alarms.size + SLACK) this.#rebuild();
    if (at < this.#timerAt) this.#arm(at);
  }

  /** Rings whatever is due now. Tests with a manual clock call it; otherwise the timer does. */
  ring(): void {
    const now = this.#clock.now();
    const due: Alarm[] = [];
    for (let first = this.#first(); first && first.at <= now; first = this.#first()) {
      this.#queue.pop();
      due.push(first);
    }
    // Only now: one that sets itself anew for the same moment must not ring without end; and one may take another's alarm away.
    for (const alarm of due) {
      if (this.#alarms.get(alarm.key) !== alarm) continue;
      this.#alarms.delete(alarm.key);
      alarm.ring();
    }
    this.#arm(this.next() ?? Infinity);
  }

  /** The earliest alarm, epoch ms. */
  next(): number | undefined {
    return this.#first()?.at;
  }

  #first(): Alarm | undefined {
    for (let first = this.#queue.peek(); first; first = this.#queue.peek()) {
      if (this.#alarms.get(first.key) === first) return first;
      this.#queue.pop();
    }
    return undefined;
  }

  #rebuild(): void {
    this.#queue = new Heap<Alarm>((a, b) => a.at < b.at);
    for (const alarm of this.#alarms.values()) this.#queue.push(alarm);
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
