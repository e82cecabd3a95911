/** Sorts behind every character that a key can have; a key has at most 1024 bytes, 256 of these. */
const LAST = '\u{10FFFF}'.repeat(256);

/** The greatest text that begins with the prefix, in UTF-8 order, which is how keys are ordered. */
export function endOf(prefix: string): string {
  return prefix + LAST;
}

export function isBefore(a: string, b: string): boolean {
  return Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0;
}

/** The prefix that a key is rolled up into: up to and with the first delimiter behind the listing's prefix. */
export function commonPrefix(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (delimiter === undefined || delimiter === '') return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/**
 * Where a listing that was asked to begin behind `marker` begins: a marker that is a rolled-up prefix stands for everything below it,
 * so that the page after a common prefix does not repeat it.
 */
export function startBehind(marker: string, prefix: string, delimiter: string | undefined): string {
  const group = marker.startsWith(prefix) ? commonPrefix(marker, prefix, delimiter) : undefined;
  return group === marker ? endOf(group) : marker;
}

/** `encoding-type=url`: what XML cannot carry is escaped; slashes stay. */
export function encodeKey<T extends string | undefined>(text: T, encoding: string | undefined): T {
  if (encoding !== 'url' || text === undefined) return text;
  return encodeURIComponent(text).replaceAll('%2F', '/') as T;
}

export interface Keyed {
  readonly key: string;
}

/** Gathers rows, in the order of their keys, into a page of at most `max` entries and common prefixes. */
export class Page<Row extends Keyed> {
  readonly rows: Row[] = [];
  readonly prefixes: string[] = [];
  truncated = false;
  /** Listing goes on strictly behind this key. */
  cursor: string;
  /** The last entry or common prefix of the page, as NextMarker shows it. */
  last: string | undefined;
  readonly #prefix: string;
  readonly #delimiter: string | undefined;
  readonly #max: number;

  constructor(prefix: string, delimiter: string | undefined, max: number, cursor: string) {
    this.#prefix = prefix;
    this.#delimiter = delimiter;
    this.#max = max;
    this.cursor = cursor;
  }

  get #full(): boolean {
    return this.rows.length + this.prefixes.length >= this.#max;
  }

  /** Takes the row; false when the page is full without it. */
  add(row: Row): boolean {
    const group = commonPrefix(row.key, this.#prefix, this.#delimiter);
    if (group !== undefined && group === this.prefixes.at(-1)) return true;
    if (this.#full) {
      this.truncated = true;
      return false;
    }
    if (group === undefined) {
      this.rows.push(row);
      [this.cursor, this.last] = [row.key, row.key];
    } else {
      this.prefixes.push(group);
      [this.cursor, this.last] = [endOf(group), group];
    }
    return true;
  }
}
