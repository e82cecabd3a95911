/** What a screen needs of a terminal. */
export interface Terminal {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** Lines that are drawn again in place. */
export class Screen {
  readonly #out: Terminal;
  #drawn = 0;

  constructor(out: Terminal) {
    this.#out = out;
  }

  /** How many lines can be drawn in place: what has scrolled away cannot be drawn again. */
  get height(): number {
    return Math.max(4, (this.#out.rows || 24) - 1);
  }

  draw(lines: readonly string[]): void {
    const width = this.#out.columns || 80;
    const home = this.#drawn > 0 ? `\x1b[${this.#drawn}A\r` : '';
    this.#out.write(`${home}${lines.map((line) => `${clip(line, width)}\x1b[K\n`).join('')}\x1b[J`);
    this.#drawn = lines.length;
  }

  /** Somebody else has written this many lines below the drawing; the next drawing takes them away. */
  skip(lines: number): void {
    if (this.#drawn > 0) this.#drawn += lines;
  }
}

/* oxlint-disable no-control-regex -- control characters are what these two are about */

/** Cuts a painted line to the terminal's width; escape sequences take no room. */
export function clip(line: string, width: number): string {
  let room = width - 1;
  return line.replace(/\x1b\[[0-9;]*m|[^\x1b]/gu, (part) => (part.startsWith('\x1b') ? part : room-- > 0 ? part : ''));
}

/** A line that a program printed, as one line of ours: no cursor movements, no other controls; after a carriage return, what it showed last. */
export function printable(line: string): string {
  const shown = line.replace(/\r+$/, '').split('\r').at(-1) ?? '';
  const bare = shown.replace(/\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)/g, '');
  return bare.replaceAll('\t', '  ').replace(/[\x00-\x1f\x7f]/g, '');
}
