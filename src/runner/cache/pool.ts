/** Work that goes on beside ours, so much of it at once. */
export class Pool {
  readonly #most: number;
  readonly #going = new Set<Promise<void>>();
  #failures: unknown[] = [];

  constructor(most: number) {
    this.#most = most;
  }

  /** Begins it; resolves when there is room for more. Rejects with what has failed by then. */
  async add(work: () => Promise<void>): Promise<void> {
    this.#check();
    const going: Promise<void> = work()
      .catch((error: unknown) => void this.#failures.push(error))
      .finally(() => this.#going.delete(going));
    this.#going.add(going);
    if (this.#going.size >= this.#most) await Promise.race(this.#going);
  }

  /** Resolves when all has ended; rejects with what failed first. */
  async done(): Promise<void> {
    await Promise.all(this.#going);
    this.#check();
  }

  #check(): void {
    if (this.#failures.length > 0) throw this.#failures[0];
  }
}
