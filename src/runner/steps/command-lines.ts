/** A command is one line of at most so many bytes; what is longer is shown as what it is. */
const LONGEST = 1024 * 1024;
const [NEWLINE, COLON] = [0x0a, 0x3a];
/** Space, tab, carriage return. */
const SPACES = new Set([0x20, 0x09, 0x0d]);

/** Of a line so far: only spaces, and then one colon, both of which may become a command; it is one; it is none. */
type Kind = 'spaces' | 'colon' | 'command' | 'none';

/**
 * Finds the lines that begin with `::` in a stream of bytes, however it is cut. They are held until they are whole; everything else is
 * passed on at once, byte by byte as it came.
 */
export class CommandLines {
  readonly #show: (bytes: Uint8Array) => void;
  readonly #command: (line: string) => boolean;
  #held: Buffer[] = [];
  #length = 0;
  #kind: Kind = 'spaces';

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
      // Kept as they come: put together once.
      this.#held.push(Buffer.from(piece));
      this.#length += piece.length;
      this.#kind = kindOf(this.#kind, piece);
      if (this.#kind === 'none' || this.#length > LONGEST) this.#showHeld('none');
    }
    if (whole) this.#lineEnds();
  }

  #showHeld(next: Kind): void {
    this.#kind = next;
    if (this.#length > 0) this.#show(Buffer.concat(this.#held));
    this.#held = [];
    this.#length = 0;
  }

  #lineEnds(): void {
    const isCommand =
      this.#kind === 'command' &&
      this.#command(
        Buffer.concat(this.#held)
          .toString('utf8')
          .replace(/\r?\n$/, ''),
      );
    if (isCommand) this.#held = [];
    if (isCommand) this.#length = 0;
    this.#showHeld('spaces');
  }
}

/** What a line is when these bytes have come. */
function kindOf(before: Kind, piece: Buffer): Kind {
  let kind = before;
  for (const byte of piece) {
    if (kind === 'command' || kind === 'none') return kind;
    if (kind === 'spaces' && SPACES.has(byte)) continue;
    if (byte !== COLON) return byte === NEWLINE && kind === 'spaces' ? kind : 'none';
    kind = kind === 'spaces' ? 'colon' : 'command';
  }
  return kind;
}
