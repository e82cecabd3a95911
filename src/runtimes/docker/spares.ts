/** How long a spare waits for a build before it is given up, ms. */
const IDLE_MS = 15 * 60_000;

interface Spare<R> {
  readonly room: R;
  readonly timer: NodeJS.Timeout;
}

/** Containers that were made ahead, by what they are for: a build that finds one need not wait for its start. */
export class Spares<R extends { readonly alive: boolean }> {
  readonly #remove: (room: R) => Promise<void>;
  readonly #byKey = new Map<string, Spare<R>[]>();
  readonly #making = new Map<string, Promise<void>>();
  #closed = false;

  /** `remove` never rejects. */
  constructor(remove: (room: R) => Promise<void>) {
    this.#remove = remove;
  }

  take(key: string): R | undefined {
    for (let spare = this.#byKey.get(key)?.shift(); spare; spare = this.#byKey.get(key)?.shift()) {
      clearTimeout(spare.timer);
      if (spare.room.alive) return spare.room;
      void this.#remove(spare.room);
    }
    return undefined;
  }

  /** Makes what is missing to so many, one after the other; where that fails, a build will see why. */
  async fill(key: string, most: number, make: () => Promise<R>): Promise<void> {
    if (this.#making.has(key)) return;
    const making = this.#fill(key, most, make);
    this.#making.set(key, making);
    try {
      await making;
    } finally {
      this.#making.delete(key);
    }
  }

  async #fill(key: string, most: number, make: () => Promise<R>): Promise<void> {
    while (!this.#closed && this.#of(key).length < most) this.#keep(key, await make());
  }

  /** What is being made is waited for, and removed with the rest. */
  async close(): Promise<void> {
    this.#closed = true;
    // Whoever asked for them hears of what failed.
    await Promise.allSettled(this.#making.values());
    const all = [...this.#byKey.values()].flat();
    this.#byKey.clear();
    for (const { timer } of all) clearTimeout(timer);
    await Promise.all(all.map(({ room }) => this.#remove(room)));
  }

  #of(key: string): Spare<R>[] {
    const spares = this.#byKey.get(key) ?? [];
    this.#byKey.set(key, spares);
    return spares;
  }

  #keep(key: string, room: R): void {
    const timer = setTimeout(() => {
      const spares = this.#of(key);
      const at = spares.findIndex((spare) => spare.room === room);
      if (at !== -1) spares.splice(at, 1);
      void this.#remove(room);
    }, IDLE_MS).unref();
    this.#of(key).push({ room, timer });
  }
}
