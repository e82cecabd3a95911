/** Where a text stops being JSON, and what is wrong there. */
export interface JsonFault {
  /** Characters from the start. */
  readonly offset: number;
  readonly message: string;
}

const DEEPEST = 200;
const SCALAR = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

class Fault extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

/** The first fault of a text that should be JSON (RFC 8259), or undefined: engines differ in whether and how they say where it is. */
export function jsonFault(text: string): JsonFault | undefined {
  try {
    new Scanner(text).document();
    return undefined;
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { offset: Math.min(error.offset, Math.max(0, text.length - 1)), message: error.message };
  }
}

class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(): void {
    this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) this.#fail('The JSON has ended before this');
  }

  #value(depth: number): void {
    this.#space();
    if (depth > DEEPEST) this.#fail('This is nested too deeply');
    if (this.#text[this.#at] === '{') this.#members('}', () => this.#property(depth));
    else if (this.#text[this.#at] === '[') this.#members(']', () => this.#value(depth + 1));
    else this.#scalar();
  }

  #members(end: '}' | ']', member: () => void): void {
    this.#at++;
    if (this.#skip(end)) return;
    for (;;) {
      member();
      if (this.#skip(end)) return;
      const comma = this.#at;
      if (!this.#skip(',')) this.#fail(`Expected a comma or ${end} here`);
      this.#space();
      if (this.#text[this.#at] === end) this.#fail(`There is a comma too many before ${end}`, comma);
    }
  }

  #property(depth: number): void {
    this.#space();
    if (this.#text[this.#at] !== '"') this.#fail('Expected a key in double quotes here');
    this.#scalar();
    if (!this.#skip(':')) this.#fail('Expected a colon after the key');
    this.#value(depth + 1);
  }

  #scalar(): void {
    SCALAR.lastIndex = this.#at;
    const match = SCALAR.exec(this.#text);
    if (!match)
      this.#fail(
        this.#text[this.#at] === '"' ? 'This text does not end on its line, or holds what must be escaped' : 'Expected a value here',
      );
    this.#at += match[0].length;
  }

  #skip(letter: string): boolean {
    this.#space();
    if (this.#text[this.#at] !== letter) return false;
    this.#at++;
    return true;
  }

  #space(): void {
    while (' \t\n\r'.includes(this.#text[this.#at] ?? 'x')) this.#at++;
  }

  #fail(message: string, offset = this.#at): never {
    const rest = this.#text.slice(offset, offset + 2);
    if (offset >= this.#text.length) throw new Fault(offset, 'The JSON ends too early: something is not closed');
    if (rest === '//' || rest === '/*' || rest.startsWith('#')) throw new Fault(offset, 'JSON has no comments');
    if (rest.startsWith("'")) throw new Fault(offset, 'JSON has double quotes only');
    throw new Fault(offset, message);
  }
}
