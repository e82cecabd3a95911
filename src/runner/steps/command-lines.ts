/** A command is one line of at most so many bytes; what is longer is shown as what it is. */
const LONGEST = 4 * 1024 * 1024;
const [NEWLINE, RETURN, SPACE, TAB, COLON] = [0x0a, 0x0d, 0x20, 0x09, 0x3a];

/** Of a line so far: it may become a command, it is one, or it is none. */
type Kind = 'open' | 'command' | 'none';

/**
 * Finds the lines that begin with `::` in a stream of bytes, however it is cut. They are held until they are whole; everything else is
 * passed on at once, byte by byte as it came.
 */
export class CommandLines {
  readonly #show: (bytes: Uint8Array) => void;
  readonly #command: (line: string) => boolean;
  #held: Buffer = Buffer.alloc(0);
  #kind: Kind = 'open';

  /** `command` answers false where the line is no command after all: then it is shown. */
  constructor(show: (bytes: Uint8Array) => void, command: (line: string) => boolean) {
    this.#show = show;
    this.#command = command;
  }

  write(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    for (let from = 0; from < bytes.length;) {
      const end = bytes.indexOf(NEWLINE, from);
      const to = end < 0 ? bytes.length : end + 1;
      this.#piece(bytes.subarray(from, to), end >= 0);
      from = to;
    }
  }

  /** The stream ends: a last line needs no newline. */
  end(): void {
    this.#lineEnds();
  }

  #piece(piece: Buffer, whole: boolean): void {
    if (this.#kind === 'none') this.#show(piece);
    else {
      this.#held = Buffer.concat([this.#held, piece]);
      if (this.#kind === 'open') this.#kind = kindOf(this.#held);
      if (this.#kind === 'none' || this.#held.length > LONGEST) this.#showHeld();
    }
    if (whole) this.#lineEnds();
  }

  #showHeld(): void {
    this.#kind = 'none';
    this.#show(this.#held);
    this.#held = Buffer.alloc(0);
  }

  #lineEnds(): void {
    const isCommand = this.#kind === 'command' && this.#command(this.#held.toString('utf8').replace(/\r?\n$/, ''));
    if (!isCommand && this.#held.length > 0) this.#show(this.#held);
    this.#held = Buffer.alloc(0);
    this.#kind = 'open';
  }
}

function kindOf(line: Buffer): Kind {
  const at = line.findIndex((byte) => byte !== SPACE && byte !== TAB && byte !== RETURN);
  if (at < 0) return 'open';
  if (line[at] !== COLON) return 'none';
  if (at + 1 === line.length) return 'open';
  return line[at + 1] === COLON ? 'command' : 'none';
}
