import { noFaults, type Faults } from '../kernel/fault.ts';
import type { Commits, Database, Write } from '../ports/database.ts';

interface Waiting {
  readonly unit: readonly Write[];
  resolve(): void;
  reject(error: unknown): void;
}

/** Units one transaction takes at most: keeps the event loop and the WAL in bounds under load. */
const BATCH = 1000;

/**
 * Owns the writing side of the database. Units that arrive while the loop is busy, or while another batch is being written,
 * go to disk together: one transaction, a savepoint each, one fsync (group commit).
 */
export class Committer implements Commits {
  readonly #database: Database;
  readonly #faults: Faults;
  readonly #listeners = new Map<string, Set<(news: readonly unknown[]) => void>>();
  #queue: Waiting[] = [];
  #scheduled = false;
  #idle: (() => void)[] = [];

  constructor(database: Database, faults: Faults = noFaults) {
    this.#database = database;
    this.#faults = faults;
  }

  commit(unit: readonly Write[]): Promise<void> {
    if (unit.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#queue.push({ unit, resolve, reject });
      this.#schedule();
    });
  }

  onTopic(topic: string, listener: (news: readonly unknown[]) => void): () => void {
    const listeners = this.#listeners.get(topic) ?? new Set();
    this.#listeners.set(topic, listeners.add(listener));
    return () => listeners.delete(listener);
  }

  /** Resolves when nothing waits to be written. */
  drained(): Promise<void> {
    if (!this.#scheduled) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => void this.#flush());
  }

  async #flush(): Promise<void> {
    const batch = this.#queue.splice(0, BATCH);
    await this.#write(batch);
    this.#scheduled = false;
    if (this.#queue.length > 0) this.#schedule();
    else for (const done of this.#idle.splice(0)) done();
  }

  async #write(batch: readonly Waiting[]): Promise<void> {
    try {
      this.#faults.hit('committer.begin');
      const conflicts = await this.#database.writeBatch(batch.map((waiting) => waiting.unit));
      this.#faults.hit('committer.committed');
      const topics = new Map<string, unknown[]>();
      batch.forEach((waiting, index) => {
        const conflict = conflicts[index];
        if (conflict) return waiting.reject(conflict);
        for (const { topic, news } of waiting.unit) {
          if (topic === undefined) continue;
          const known = topics.get(topic);
          if (known) known.push(news);
          else topics.set(topic, [news]);
        }
        waiting.resolve();
      });
      for (const [topic, news] of topics) for (const listener of this.#listeners.get(topic) ?? []) listener(news);
    } catch (error) {
      for (const waiting of batch) waiting.reject(error);
    }
  }
}
