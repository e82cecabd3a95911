import { OTHERS, type CharacterSet } from './character-set.ts';
import { parseRegex } from './regex-parser.ts';

/** States as bits, 32 in a word, the lowest first. */
type Bits = Uint32Array;

/**
 * Whether a text holds a match. All states are followed at once, one character after the other, so that no expression takes
 * longer than its places times the text: JavaScript's own would try all ways, which a user's expression can make to be without end.
 */
export function regexMatcher(expression: string): (text: string) => boolean {
  const machine = new Machine(expression);
  return (text) => machine.matches(text);
}

/** A bit for each place of each row, and one after each row that says that it has matched. Shift-And, as Baeza-Yates and Gonnet made it. */
class Machine {
  readonly #words: number;
  /** The states that take a character: so many words for each. */
  readonly #takes: Bits;
  readonly #optional: Bits;
  readonly #repeats: Bits;
  readonly #atStart: Bits;
  readonly #anywhere: Bits;
  readonly #matched: Bits;
  readonly #matchedAtEnd: Bits;

  constructor(expression: string) {
    const rows = parseRegex(expression);
    this.#words = Math.ceil(rows.reduce((sum, { places }) => sum + places.length + 1, 0) / 32);
    this.#takes = new Uint32Array(this.#words * (OTHERS + 1));
    const none = (): Bits => new Uint32Array(this.#words);
    [this.#optional, this.#repeats, this.#atStart, this.#anywhere, this.#matched, this.#matchedAtEnd] = [
      none(),
      none(),
      none(),
      none(),
      none(),
      none(),
    ];
    let state = 0;
    for (const { places, fromStart, toEnd } of rows) {
      add(fromStart ? this.#atStart : this.#anywhere, state);
      for (const { set, optional, repeats } of places) {
        if (optional) add(this.#optional, state);
        if (repeats) add(this.#repeats, state);
        this.#take(set, state++);
      }
      add(toEnd ? this.#matchedAtEnd : this.#matched, state++);
    }
  }

  matches(text: string): boolean {
    // A line's own newline at its very end is not part of what `$` means.
    const end = text.endsWith('\n') ? text.length - 1 : text.length;
    const states: Bits = new Uint32Array(this.#words);
    this.#step(states, undefined, this.#atStart);
    for (let i = 0; i < text.length; i++) {
      if (meet(states, this.#matched) || (i === end && meet(states, this.#matchedAtEnd))) return true;
      this.#step(states, Math.min(text.charCodeAt(i), OTHERS), undefined);
    }
    return meet(states, this.#matched) || meet(states, this.#matchedAtEnd);
  }

  #take(set: CharacterSet, state: number): void {
    for (let character = 0; character <= OTHERS; character++) {
      if (set[character] === 1) add(this.#takes, state + 32 * this.#words * character);
    }
  }

  /** Takes a character, if any; begins anew, also with `beginning`; and passes over what may be left out. */
  #step(states: Bits, character: number | undefined, beginning: Bits | undefined): void {
    let shifted = 0;
    let carried = 0;
    for (let w = 0; w < this.#words; w++) {
      const taken = character === undefined ? 0 : states[w]! & this.#takes[character * this.#words + w]!;
      const next = (taken << 1) | shifted | (taken & this.#repeats[w]!) | this.#anywhere[w]! | (beginning?.[w] ?? 0);
      shifted = taken >>> 31;
      // Adding a bit to a run of ones turns it over up to the first zero: up to the first place that may not be left out.
      const optional = this.#optional[w]!;
      const sum = optional + ((next & optional) >>> 0) + carried;
      carried = sum > 0xffff_ffff ? 1 : 0;
      states[w] = next | (sum ^ optional);
    }
  }
}

function add(bits: Bits, state: number): void {
  bits[state >>> 5]! |= 1 << (state & 31);
}

function meet(a: Bits, b: Bits): boolean {
  for (let w = 0; w < a.length; w++) if ((a[w]! & b[w]!) !== 0) return true;
  return false;
}
