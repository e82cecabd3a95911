import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';

const real = realpathSync.native;

/** What leads to within a folder once all links are followed. Folders are looked at once: many files are in the same ones. */
export class Reach {
  readonly #root: string;
  readonly #folders = new Map<string, boolean>();

  /** Rejects (ENOENT) where the folder is not there. */
  constructor(folder: string) {
    this.#root = folder === '/' ? '/' : real(folder);
  }

  /** Throws (ENOENT) where the path leads nowhere. */
  leads(path: string): boolean {
    if (this.#root === '/') return true;
    const place = real(path);
    return place === this.#root || place.startsWith(`${this.#root}/`);
  }

  /** The same for what is no link itself. */
  holds(path: string): boolean {
    const folder = dirname(path);
    const known = this.#folders.get(folder);
    if (known !== undefined) return known;
    const leads = this.leads(folder);
    this.#folders.set(folder, leads);
    return leads;
  }
}
