import { quote } from '../../kernel/shell-quote.ts';
import { Shell, type ShellOptions } from './shell.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** A shell that was started before all of its environment was known. */
export class EarlyShell {
  readonly #options: ShellOptions;
  readonly #shell: Shell;
  /** What it wrote that is not the build's yet: no command has run. Whoever leads it in may complain when it ends before it began. */
  #held: Uint8Array[] | undefined = [];

  constructor(options: ShellOptions) {
    this.#options = options;
    this.#shell = new Shell({ ...options, onOutput: (chunk) => (this.#held ? void this.#held.push(chunk) : options.onOutput(chunk)) });
    // Where it cannot start, the first command says so.
    this.#shell.start().catch(() => undefined);
  }

  /** The shell as it would be had it been started so; undefined where that cannot be. */
  async become(options: ShellOptions): Promise<Shell | undefined> {
    const before = this.#options.env;
    const changed = Object.entries(options.env).filter(([name, value]) => before[name] !== value);
    if (options.kind !== this.#options.kind || !changed.every(([name]) => NAME.test(name))) return undefined;
    for (const chunk of this.#held ?? []) this.#options.onOutput(chunk);
    this.#held = undefined;
    for (const [name, value] of changed) this.#shell.set(name, value);
    if (changed.length > 0)
      await this.#shell.run(`export ${changed.map(([name, value]) => `${name}=${quote(value)}`).join(' ')} 2>/dev/null`);
    return this.#shell;
  }

  close(): Promise<void> {
    return this.#shell.close();
  }

  stop(graceMs: number): Promise<void> {
    return this.#shell.stop(graceMs);
  }
}
