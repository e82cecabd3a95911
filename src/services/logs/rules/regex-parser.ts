import { errors } from '../api.gen.ts';
import { ANY, CLASSES, not, only, range, union, type CharacterSet } from './character-set.ts';

/** One place in a row of places: which characters, whether it may be left out, whether it may come again. */
export interface Place {
  readonly set: CharacterSet;
  readonly optional: boolean;
  readonly repeats: boolean;
}

/** A row of places; an expression is one of several. Without parentheses there is nothing deeper. */
export interface Row {
  readonly places: readonly Place[];
  readonly fromStart: boolean;
  readonly toEnd: boolean;
}

/** Places of an expression: together with the length of a message they bound the work of a search. */
const MOST_PLACES = 256;
/** What stands for itself: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/regex-expressions.html; and a space. */
const LITERAL = /^[A-Za-z0-9:_#=@/;,\- ]$/;

const invalid = (): Error => errors.InvalidParameterException('Invalid regular expression in filter pattern');

/** The expression between two `%`: `^ $ . [] ? * + {m,n} |`, classes and escapes; no parentheses, ASCII only, as in AWS. */
export function parseRegex(text: string): readonly Row[] {
  const parser = new RegexParser(text);
  const rows = [parser.row()];
  while (parser.next('|')) rows.push(parser.row());
  if (!parser.atEnd || rows.some(({ places }) => places.length === 0)) throw invalid();
  return rows;
}

class RegexParser {
  readonly #text: string;
  #at = 0;
  #places = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  next(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  row(): Row {
    const fromStart = this.next('^');
    const places: Place[] = [];
    while (!this.atEnd && !'|$'.includes(this.#text[this.#at]!)) {
      const set = this.#one();
      for (const place of this.#times(set)) places.push(place);
    }
    return { places, fromStart, toEnd: this.next('$') };
  }

  #take(): string {
    const character = this.#text[this.#at++];
    if (character === undefined) throw invalid();
    return character;
  }

  #one(): CharacterSet {
    const character = this.#take();
    if (character === '.') return ANY;
    if (character === '[') return this.#list();
    if (character === '\\') return this.#escaped();
    if (!LITERAL.test(character)) throw invalid();
    return only(character);
  }

  #escaped(): CharacterSet {
    const character = this.#take();
    const named = CLASSES[character];
    if (named) return named;
    if (character === 'x') {
      const digits = this.#take() + this.#take();
      if (!/^[0-7][0-9a-f]$/i.test(digits)) throw invalid();
      return only(String.fromCharCode(Number.parseInt(digits, 16)));
    }
    // A letter or digit would mean something elsewhere: a reference, a boundary.
    if (!/^[!-~]$/.test(character) || /\w/.test(character)) throw invalid();
    return only(character);
  }

  /** `[a-z_]`, `[^"]`, after the opening bracket. */
  #list(): CharacterSet {
    const negated = this.next('^');
    const sets: CharacterSet[] = [];
    do sets.push(this.#listed());
    while (!this.next(']'));
    return negated ? not(union(sets)) : union(sets);
  }

  #listed(): CharacterSet {
    const from = this.#take();
    if (from === '\\') return this.#escaped();
    if (from > '~') throw invalid();
    const [dash, to] = this.#text.slice(this.#at, this.#at + 2);
    if (dash !== '-' || to === undefined || to === ']') return only(from);
    this.#at += 2;
    if (to < from || to > '~' || to === '\\') throw invalid();
    return range(from.charCodeAt(0), to.charCodeAt(0));
  }

  #times(set: CharacterSet): readonly Place[] {
    const [least, most] = this.#quantifier();
    const count = most === Infinity ? Math.max(least, 1) : most;
    this.#places += count;
    if (most < least || most === 0 || this.#places > MOST_PLACES) throw invalid();
    return Array.from({ length: count }, (_, n) => ({ set, optional: n >= least, repeats: most === Infinity && n === count - 1 }));
  }

  #quantifier(): readonly [least: number, most: number] {
    if (this.next('?')) return [0, 1];
    if (this.next('*')) return [0, Infinity];
    if (this.next('+')) return [1, Infinity];
    if (!this.next('{')) return [1, 1];
    const match = /^(\d{1,4})(,?)(\d{0,4})\}/.exec(this.#text.slice(this.#at, this.#at + 11));
    if (!match) throw invalid();
    const [whole, least, comma, most] = match;
    this.#at += whole.length;
    return [Number(least), comma === '' ? Number(least) : most === '' ? Infinity : Number(most)];
  }
}
