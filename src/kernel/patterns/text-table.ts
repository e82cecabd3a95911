/** Enough characters tell the texts of rules apart; more would cost more than comparing the few that are left. */
const MOST_POSITIONS = 4;
/** So many characters at the end of long texts are considered: what their beginnings differ in, their ends mostly do too. */
const FARTHEST = 256;
const MULTIPLIER = 31;

/** Texts of one length. */
interface Group<T> {
  readonly length: number;
  /** Where the characters stand that are looked at. */
  readonly positions: readonly number[];
  readonly mask: number;
  readonly buckets: readonly (readonly Entry<T>[] | undefined)[];
}

interface Entry<T> {
  readonly text: string;
  readonly value: T;
}

function hashOf(text: string, positions: readonly number[]): number {
  let hash = 0;
  for (let at = 0; at < positions.length; at++) hash = (hash * MULTIPLIER + text.charCodeAt(positions[at]!)) | 0;
  return hash ^ (hash >>> 7);
}

/** What is known of texts: those that cannot be told apart yet share a number, from 0 to below `count`. */
interface Classes {
  readonly of: readonly number[];
  readonly count: number;
}

function refine(texts: readonly string[], classes: Classes, position: number): Classes {
  const numbers = new Map<number, number>();
  const of = texts.map((text, index) => {
    const sign = classes.of[index]! * 65_536 + text.charCodeAt(position);
    const number = numbers.get(sign) ?? numbers.size;
    numbers.set(sign, number);
    return number;
  });
  return { of, count: numbers.size };
}

/** The positions that tell the most texts apart, one after the other. */
function positionsOf(texts: readonly string[]): readonly number[] {
  const { length } = texts[0]!;
  const positions: number[] = [];
  let classes: Classes = { of: texts.map(() => 0), count: 1 };
  while (classes.count < texts.length && positions.length < MOST_POSITIONS) {
    let best = { classes, position: -1 };
    for (let position = Math.max(0, length - FARTHEST); position < length && best.classes.count < texts.length; position++) {
      const refined = refine(texts, classes, position);
      if (refined.count > best.classes.count) best = { classes: refined, position };
    }
    if (best.position === -1) break;
    classes = best.classes;
    positions.push(best.position);
  }
  return positions;
}

function groupOf<T>(length: number, entries: readonly Entry<T>[]): Group<T> {
  const positions = positionsOf(entries.map(({ text }) => text));
  const mask = 2 ** Math.ceil(Math.log2(2 * entries.length)) - 1;
  const buckets = Array.from<Entry<T>[] | undefined>({ length: mask + 1 }).fill(undefined);
  for (const entry of entries) (buckets[hashOf(entry.text, positions) & mask] ??= []).push(entry);
  return { length, positions, mask, buckets };
}

/**
 * Finds texts, and beginnings of texts, among those it was made of. A Map would hash every character of each text that an event
 * brings; this looks at the few that tell its own texts apart, and then compares.
 */
export class TextTable<T> {
  readonly #byLength: ReadonlyMap<number, Group<T>>;
  /** Shortest first. */
  readonly #groups: readonly Group<T>[];

  constructor(texts: Iterable<readonly [string, T]>) {
    const lists = new Map<number, Entry<T>[]>();
    for (const [text, value] of texts) {
      const list = lists.get(text.length);
      if (list) list.push({ text, value });
      else lists.set(text.length, [{ text, value }]);
    }
    this.#groups = [...lists].toSorted(([a], [b]) => a - b).map(([length, list]) => groupOf(length, list));
    this.#byLength = new Map(this.#groups.map((group) => [group.length, group]));
  }

  get(text: string): T | undefined {
    const group = this.#byLength.get(text.length);
    const bucket = group?.buckets[hashOf(text, group.positions) & group.mask];
    if (bucket) for (const entry of bucket) if (entry.text === text) return entry.value;
    return undefined;
  }

  /** What was filed under beginnings of the text, the shortest first. */
  prefixesOf(text: string): readonly T[] {
    const found: T[] = [];
    for (const { length, positions, mask, buckets } of this.#groups) {
      if (length > text.length) break;
      const bucket = buckets[hashOf(text, positions) & mask];
      if (bucket) for (const entry of bucket) if (text.startsWith(entry.text)) found.push(entry.value);
    }
    return found;
  }
}
