import type { Commits } from '../../ports/database.ts';
import { CREDENTIALS_TOPIC } from './tables.ts';

/**
 * Values that were read once and are kept until a commit on the credentials topic. Concurrent readers of a key share one load.
 * A load that began before such a commit is forgotten with it, so that nobody finds an old value afterwards. Nothing is kept for
 * keys that have no value.
 */
export class CredentialCache<T> {
  readonly #limit: number;
  #loads = new Map<string, Promise<T | undefined>>();

  constructor(commits: Commits, limit: number) {
    this.#limit = limit;
    commits.onTopic(CREDENTIALS_TOPIC, () => this.clear());
  }

  async get(key: string, load: () => Promise<T | undefined>): Promise<T | undefined> {
    const kept = this.#loads.get(key);
    if (kept) return kept;
    if (this.#loads.size >= this.#limit) this.clear();
    const loading = load();
    this.#loads.set(key, loading);
    try {
      const value = await loading;
      if (value === undefined) this.#drop(key, loading);
      return value;
    } catch (error) {
      this.#drop(key, loading);
      throw error;
    }
  }

  forget(key: string): void {
    this.#loads.delete(key);
  }

  clear(): void {
    this.#loads.clear();
  }

  #drop(key: string, loading: Promise<T | undefined>): void {
    if (this.#loads.get(key) === loading) this.#loads.delete(key);
  }
}
