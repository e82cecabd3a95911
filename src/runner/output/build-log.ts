import { Lines } from './lines.ts';
import { Masker } from './masker.ts';
import type { OutputEvent } from './spool.ts';

/** `2026/11/21 05:00:00.000000`, UTC, as CodeBuild's agent writes it. */
export function agentTime(epochMs: number): string {
  const [date, time] = new Date(epochMs).toISOString().split('T') as [string, string];
  const micros = String(Math.floor((epochMs % 1) * 1000)).padStart(3, '0');
  return `${date.replaceAll('-', '/')} ${time.slice(0, 12)}${micros}`;
}

/** For so long nothing more came: somebody may be waiting for an answer, ms. */
const PAUSE_MS = 50;

/** The build's log as it is written: the agent's own lines, and the output of the commands between them. */
export class BuildLog {
  readonly #add: (event: OutputEvent) => void;
  readonly #now: () => number;
  readonly #lines: Lines;
  readonly #hidden = new Set<string>();
  #masker: Masker | undefined;
  #pause: NodeJS.Timeout | undefined;
  #reader: ((chunk: Uint8Array) => void) | undefined;

  /** `now`: epoch milliseconds with their fraction. */
  constructor(add: (event: OutputEvent) => void, now: () => number) {
    this.#add = add;
    this.#now = now;
    this.#lines = new Lines((text) => add({ timestamp: Math.floor(now()), message: text }));
  }

  /** From now on none of these values is shown. */
  hide(values: readonly string[]): void {
    if (values.every((value) => this.#hidden.has(value))) return;
    this.flush();
    for (const value of values) this.#hidden.add(value);
    this.#masker = new Masker(this.#hidden);
  }

  /** How many values are not shown. */
  get hiddenValues(): number {
    return this.#hidden.size;
  }

  /** A text without what must not be shown. */
  masked(text: string): string {
    return this.#masker?.text(text) ?? text;
  }

  agent(text: string): void {
    this.flush();
    const now = this.#now();
    this.#add({ timestamp: Math.floor(now), message: `[Container] ${agentTime(now)} ${this.masked(text)}\n` });
  }

  /** The commands' output goes to this reader, which shows of it what is to be shown; undefined: to the log again. */
  divert(reader: ((chunk: Uint8Array) => void) | undefined): void {
    this.#reader = reader;
  }

  output(chunk: Uint8Array): void {
    if (this.#reader) this.#reader(chunk);
    else this.show(chunk);
  }

  show(chunk: Uint8Array): void {
    const masker = this.#masker;
    if (!masker) return this.#lines.write(chunk);
    masker.write(chunk, (bytes) => this.#lines.write(bytes));
    clearTimeout(this.#pause);
    if (masker.waits) this.#pause = setTimeout(() => masker.settle((bytes) => this.#lines.write(bytes)), PAUSE_MS);
  }

  flush(): void {
    clearTimeout(this.#pause);
    this.#masker?.flush((bytes) => this.#lines.write(bytes));
    this.#lines.flush();
  }
}
