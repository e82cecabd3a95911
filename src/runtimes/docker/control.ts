import { Duplex } from 'node:stream';

/** The control channel of a program in a container: orders go to the container's input, answers are put in by `answered`. */
export class Control extends Duplex {
  readonly #order: (bytes: Buffer) => void;

  constructor(order: (bytes: Buffer) => void) {
    super({ allowHalfOpen: true });
    this.#order = order;
  }

  answered(text: string): void {
    this.push(`${text}\n`);
  }

  override _read(): void {
    // Answers come when they come.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    this.#order(chunk);
    done();
  }

  /** The container's input stays open for the next program: a line says that this one gets no more. */
  override _final(done: (error?: Error) => void): void {
    this.#order(Buffer.from('end\n'));
    done();
  }
}
