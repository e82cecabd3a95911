import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { quote } from '../../kernel/shell-quote.ts';
import type { Workspace } from '../../runtimes/runtime.ts';

/**
 * Where the files of steps are. What we write is where the build can only read: in a folder that it can write to, it could have put a
 * link in our way. What the build is to write to it makes itself, and we only read it.
 */
export class Places {
  /** Ours. */
  readonly #given: string;
  /** The build's. */
  readonly #made: string;
  #next = 0;

  constructor({ root, temporary }: Pick<Workspace, 'root' | 'temporary'>) {
    this.#given = join(root, 'steps');
    this.#made = join(temporary, 'steps');
    mkdirSync(this.#given, { recursive: true });
    // The mode that mkdir is given is cut by our umask.
    chmodSync(this.#given, 0o755);
  }

  get temp(): string {
    return join(this.#made, 'temp');
  }

  get toolCache(): string {
    return join(this.#made, 'tools');
  }

  get home(): string {
    return join(this.#made, 'home');
  }

  /** Repositories of actions as they were fetched. */
  get fetched(): string {
    return join(this.#given, 'actions');
  }

  /** The build's own copies of them: many an action installs something beside itself. */
  get actions(): string {
    return join(this.#made, 'actions');
  }

  /** For the build's shell: makes its folders, in which the users of later phases may write too. Those cannot change their modes again. */
  get preparation(): string {
    const folders = [this.#made, this.temp, this.toolCache, this.home, this.actions].map(quote);
    const all = folders.join(' ');
    return `mkdir -p ${all}; chmod 1777 ${all}; ${folders.map((folder) => `test -w ${folder}`).join(' && ')}`;
  }

  /** A new name for something that the build makes. */
  made(): string {
    return join(this.#made, String(++this.#next));
  }

  /** Writes a file for the build to read, or run. */
  give(text: string, extension: string): string {
    const file = join(this.#given, `${++this.#next}${extension}`);
    writeFileSync(file, text, { flag: 'wx' });
    chmodSync(file, 0o755);
    return file;
  }
}
