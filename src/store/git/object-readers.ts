import { existing } from './folders.ts';
import type { GitProgram } from './environment.ts';
import { ObjectReader, type RawObject } from './object-reader.ts';

/** Readers held open at once, and how long an unused one is kept, ms. Each is a process of about 5 MB. */
const HELD = 8;
const IDLE_MS = 30_000;

interface Held {
  readonly reader: ObjectReader;
  timer: NodeJS.Timeout | undefined;
  busy: number;
}

/** A few object readers, those of the repositories used last. */
export class ObjectReaders {
  readonly #program: GitProgram;
  readonly #held = new Map<string, Held>();

  constructor(program: GitProgram) {
    this.#program = program;
  }

  async read(repository: string, name: string, limit?: number): Promise<RawObject | undefined> {
    return (await this.readAll(repository, [name], limit))[0];
  }

  /** Asks for all at once, and answers in the same order. */
  async readAll(repository: string, names: readonly string[], limit?: number): Promise<readonly (RawObject | undefined)[]> {
    const held = this.#use(repository, await existing(this.#program.folder, repository));
    held.busy++;
    try {
      return await Promise.all(names.map((name) => held.reader.read(name, limit)));
    } finally {
      held.busy--;
      this.#rest(repository, held);
    }
  }

  /** Ends the reader of a repository that goes away. */
  async drop(repository: string): Promise<void> {
    const held = this.#held.get(repository);
    this.#held.delete(repository);
    clearTimeout(held?.timer);
    await held?.reader.close();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#held.keys()].map((repository) => this.drop(repository)));
  }

  #use(repository: string, path: string): Held {
    const known = this.#held.get(repository);
    const held = known?.reader.alive ? known : { reader: new ObjectReader(this.#program, path), timer: undefined, busy: 0 };
    clearTimeout(held.timer);
    // Set anew, so that the order of the map is the order of use.
    this.#held.delete(repository);
    this.#held.set(repository, held);
    return held;
  }

  #rest(repository: string, held: Held): void {
    if (this.#held.get(repository) !== held || held.busy > 0) return;
    clearTimeout(held.timer);
    held.timer = setTimeout(() => void this.drop(repository), IDLE_MS).unref();
    for (const [other, { busy }] of this.#held) {
      if (this.#held.size <= HELD) break;
      if (busy === 0 && other !== repository) void this.drop(other);
    }
  }
}
