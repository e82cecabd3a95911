import picocolors from 'picocolors';
import type { Paint } from './render.ts';

export const colours: Paint = (style, text) => {
  const paint = { good: picocolors.green, bad: picocolors.red, busy: picocolors.yellow, quiet: picocolors.dim, strong: picocolors.bold }[
    style
  ];
  return paint(text);
};

/** Lines that are drawn again in place, with a log that scrolls away above them. */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  #drawn = 0;

  constructor(out: NodeJS.WriteStream) {
    this.#out = out;
  }

  draw(lines: readonly string[]): void {
    const width = this.#out.columns || 80;
    const cut = lines.map((line) => clip(line, width));
    this.#out.write(`${this.#home()}${cut.map((line) => `${line}\x1b[K\n`).join('')}\x1b[J`);
    this.#drawn = lines.length;
  }

  /** Prints lines above the drawing, which has to be drawn again. */
  log(lines: readonly string[]): void {
    if (lines.length === 0) return;
    this.#out.write(`${this.#home()}\x1b[J${lines.map((line) => `${line}\n`).join('')}`);
    this.#drawn = 0;
  }

  #home(): string {
    return this.#drawn > 0 ? `\x1b[${this.#drawn}A\r` : '';
  }
}

/** Cuts a painted line to the terminal's width; escape sequences take no room. */
export function clip(line: string, width: number): string {
  let room = width - 1;
  // eslint-disable-next-line no-control-regex -- the escape character is what this is about
  return line.replace(/\x1b\[[0-9;]*m|[^\x1b]/gu, (part) => (part.startsWith('\x1b') ? part : room-- > 0 ? part : ''));
}
