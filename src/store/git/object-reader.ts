import { PipewrightError } from '../../kernel/errors.ts';
import type { SpawnedProcess } from '../../ports/spawn.ts';
import { ByteReader } from './byte-reader.ts';
import { Channel } from './channel.ts';
import { startGit, type GitProgram } from './environment.ts';

export interface RawObject {
  readonly id: string;
  readonly type: 'commit' | 'tree' | 'blob' | 'tag';
  readonly size: number;
  /** Absent where the object is larger than the limit asked for. */
  readonly content?: Buffer;
}

const HEADER = /^([0-9a-f]{40}) (commit|tree|blob|tag) (\d+)$/;
/** Object ids, and those with `^{commit}`: user text never reaches git as a revision expression. */
const ASKED = /^[0-9a-f]{40}(\^\{commit\})?$/;

/** One `git cat-file --batch`: asked many times, answers in turn, so that reading an object costs no process. */
export class ObjectReader {
  readonly #input = new Channel();
  readonly #child: SpawnedProcess;
  readonly #output: ByteReader;
  #turn: Promise<unknown> = Promise.resolve();
  #ended = false;

  constructor(program: GitProgram, path: string) {
    this.#child = startGit(program, [`--git-dir=${path}`, 'cat-file', '--batch'], { stdin: this.#input });
    this.#output = new ByteReader(this.#child.stdout);
    const end = () => (this.#ended = true);
    this.#child.exit.then(end, end);
  }

  /** False once its process has gone: a new reader is needed. */
  get alive(): boolean {
    return !this.#ended;
  }

  /** The object, or undefined where there is none. */
  read(name: string, limit = Number.MAX_SAFE_INTEGER): Promise<RawObject | undefined> {
    if (!ASKED.test(name)) return Promise.resolve(undefined);
    this.#input.push(Buffer.from(`${name}\n`));
    const answer = this.#turn.then(() => this.#answer(limit));
    this.#turn = answer.catch(() => undefined);
    return answer;
  }

  /** Lets what was asked be answered, then ends the process. */
  async close(): Promise<void> {
    this.#input.close();
    await this.#turn;
    await this.#child.exit.catch(() => undefined);
  }

  async #answer(limit: number): Promise<RawObject | undefined> {
    const header = await this.#output.line();
    if (header === undefined) throw await this.#failure();
    const match = HEADER.exec(header);
    if (!match) return undefined;
    const [, id, type, digits] = match;
    const object = { id: id!, type: type as RawObject['type'], size: Number(digits) };
    if (object.size > limit) {
      if (!(await this.#output.skip(object.size + 1))) throw await this.#failure();
      return object;
    }
    const content = await this.#output.bytes(object.size + 1);
    if (!content) throw await this.#failure();
    return { ...object, content: content.subarray(0, -1) };
  }

  async #failure(): Promise<Error> {
    this.#ended = true;
    await this.#child.exit.catch(() => undefined);
    return new PipewrightError('GitFailed', `git cat-file ended: ${this.#child.stderr().trim()}`);
  }
}
