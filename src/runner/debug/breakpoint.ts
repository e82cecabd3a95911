import { existsSync, lstatSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Pause, ResumeKind } from '../../services/pipewright/api.gen.ts';
import { MEETING } from './programs.ts';

/** How often it is looked whether the build has paused or gone on, ms. The programs of the build cannot call us. */
const LOOK_MS = 100;

function isThere(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    // Gone, or never there.
    return false;
  }
}

export interface PauseTools {
  readonly temporary: string;
  readonly signal: AbortSignal;
  /** The build stands still, or (undefined) goes on. */
  changed(pause: Pause | undefined): void;
}

/** Whether the build stands still: because a command of it said so, or because we hold it. It is the file that counts, whoever removes it. */
export class Breakpoint {
  readonly #tools: PauseTools;
  readonly #file: string;
  #pause: Pause | undefined;
  #timer: NodeJS.Timeout;
  #passed: (() => void)[] = [];

  constructor(tools: PauseTools) {
    this.#tools = tools;
    this.#file = join(tools.temporary, MEETING.paused);
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    tools.signal.addEventListener('abort', () => this.close(), { once: true });
  }

  get pause(): Pause | undefined {
    return this.#pause;
  }

  /** Holds the build until somebody lets it go on; rejects when the build is to end. */
  async hold(pause: Pause): Promise<ResumeKind> {
    const kinds = ['RETRY', 'SKIP'] as const;
    const fileOf = (kind: string): string => `${this.#file}-${kind.toLowerCase()}`;
    for (const kind of kinds) rmSync(fileOf(kind), { force: true });
    if (!existsSync(this.#file)) writeFileSync(this.#file, '', { flag: 'wx', mode: 0o666 });
    this.#set(pause);
    await new Promise<void>((resolve) => this.#passed.push(resolve));
    this.#tools.signal.throwIfAborted();
    return kinds.find((kind) => isThere(fileOf(kind))) ?? 'RESUME';
  }

  /** Lets the build go on; false where it does not stand still, or cannot go on so. */
  resume(how: ResumeKind): boolean {
    if (!this.#pause || (how !== 'RESUME' && this.#pause.reason !== 'COMMAND_FAILED')) return false;
    if (how !== 'RESUME') writeFileSync(`${this.#file}-${how.toLowerCase()}`, '', { flag: 'wx' });
    rmSync(this.#file, { force: true });
    this.#look();
    return true;
  }

  /** Nobody waits any more. */
  close(): void {
    clearInterval(this.#timer);
    for (const passed of this.#passed.splice(0)) passed();
  }

  #look(): void {
    const there = isThere(this.#file);
    if (there && !this.#pause) this.#set({ reason: 'BREAKPOINT' });
    if (there || !this.#pause) return;
    this.#set(undefined);
    for (const passed of this.#passed.splice(0)) passed();
  }

  #set(pause: Pause | undefined): void {
    this.#pause = pause;
    this.#tools.changed(pause);
  }
}
