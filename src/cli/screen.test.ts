import { describe, expect, it } from 'vitest';
import { clip, printable, Screen } from './screen.ts';

const ESC = '\x1b';

/** A terminal of our own: the little of it that the screen speaks. */
class Emulator {
  readonly columns = 20;
  readonly rows = 10;
  #lines: string[] = [''];
  #row = 0;

  write(text: string): void {
    // oxlint-disable-next-line no-control-regex -- escape sequences are what this reads
    for (const [part, up] of text.matchAll(/\x1b\[(\d+)A|\x1b\[[KJ]|\x1b\[[0-9;]*m|[^\x1b]/gu)) {
      if (up !== undefined) this.#row -= Number(up);
      else if (part === `${ESC}[K`) this.#lines[this.#row] = this.#typed;
      else if (part === `${ESC}[J`) this.#lines.length = this.#row + 1;
      else if (part === '\r') this.#typed = '';
      else if (part === '\n') this.#newLine();
      else if (!part.startsWith(ESC)) this.#type(part);
    }
  }

  /** What the cursor's line holds up to the cursor. */
  #typed = '';

  #type(letter: string): void {
    const line = this.#lines[this.#row] ?? '';
    this.#lines[this.#row] = this.#typed + letter + line.slice(this.#typed.length + 1);
    this.#typed += letter;
  }

  #newLine(): void {
    this.#row++;
    this.#typed = '';
    this.#lines[this.#row] ??= '';
  }

  get shown(): readonly string[] {
    return this.#lines.slice(0, -1);
  }
}

describe('the screen', () => {
  it('draws again in place, over what was longer and higher', () => {
    const terminal = new Emulator();
    const screen = new Screen(terminal);
    terminal.write('before\n');
    screen.draw(['a long line', 'two', 'three']);
    screen.draw(['short', 'TWO']);
    expect(terminal.shown).toEqual(['before', 'short', 'TWO']);
  });

  it('takes away what was asked below it', () => {
    const terminal = new Emulator();
    const screen = new Screen(terminal);
    screen.draw(['one', 'two']);
    terminal.write('\nDeploy? y\n');
    screen.skip(2);
    screen.draw(['ONE']);
    expect(terminal.shown).toEqual(['ONE']);
  });

  it('leaves the terminal a line of its height, and guesses where it says none', () => {
    expect(new Screen(new Emulator()).height).toBe(9);
    expect(new Screen({ write: () => true }).height).toBe(23);
  });
});

it('cuts lines to the width, and no colour', () => {
  expect(clip(`${ESC}[32mabcdef${ESC}[39m`, 4)).toBe(`${ESC}[32mabc${ESC}[39m`);
  expect(clip('😀😀😀', 3)).toBe('😀😀');
  expect(clip('ab', 80)).toBe('ab');
});

it.each([
  ['10%\r50%\r100%', '100%'],
  ['dos\r', 'dos'],
  [`${ESC}[31mred${ESC}[0m`, 'red'],
  [`${ESC}[2J${ESC}[1;1Hcleared`, 'cleared'],
  [`${ESC}]0;title\x07text`, 'text'],
  ['tab\tbed', 'tab  bed'],
  ['bell\x07', 'bell'],
])('prints %j as %j', (line, shown) => {
  expect(printable(line)).toBe(shown);
});
