import { compilePattern, type Matcher } from './match.ts';
import { keysOf, without, type Key } from './index-key.ts';
import type { Node, Scalar } from './pattern.ts';
import { TextTable } from './text-table.ts';

export interface Entry<Rule> {
  readonly rule: Rule;
  readonly node: Node;
  /** Compiled when first asked for: mostly only the rest of a pattern is. */
  matches: Matcher | undefined;
  /** By path. */
  readonly keys: ReadonlyMap<string, Key>;
  /** The search that last looked at this entry: an entry that several branches hold is tried once. */
  seen: number;
}

/** A rule at the end of a branch. */
interface Candidate<Rule> {
  readonly entry: Entry<Rule>;
  /** Whether the event also fits what the way here does not settle; undefined where that is nothing. */
  readonly rest: Matcher | undefined;
}

export type Branch<Rule> =
  | { readonly kind: 'list'; readonly candidates: readonly Candidate<Rule>[] }
  | {
      readonly kind: 'split';
      readonly path: readonly string[];
      readonly texts: TextTable<Branch<Rule>>;
      /** Numbers, booleans and null. */
      readonly others: ReadonlyMap<Scalar, Branch<Rule>>;
      readonly prefixes: TextTable<Branch<Rule>> | undefined;
      /** Rules that need some value here. */
      readonly present: Branch<Rule> | undefined;
      /** Rules that say nothing of this field, or do without it. */
      readonly silent: Branch<Rule> | undefined;
    };

/** So few rules are tried one by one. */
const FEW = 3;
/** Every length that prefixes are filed under costs a look. */
const MOST_LENGTHS = 12;
/** What a rule counts for that a path tells from others only by whether there is a value. */
const PRESENCE = 0.2;

/** The path that leaves the fewest rules to try, reckoned over the values that occur in rules; undefined where none tells them apart. */
function bestPath<Rule>(entries: readonly Entry<Rule>[], used: ReadonlySet<string>): string | undefined {
  const counts = new Map<string, { gain: number; buckets: Map<Scalar, number> }>();
  for (const { keys } of entries) {
    for (const [path, { listed: list }] of keys) {
      if (used.has(path)) continue;
      const count = counts.get(path) ?? { gain: 0, buckets: new Map<Scalar, number>() };
      counts.set(path, count);
      count.gain += list ? 1 : PRESENCE;
      if (list) for (const value of [...list.values, ...list.prefixes]) count.buckets.set(value, (count.buckets.get(value) ?? 0) + 1);
    }
  }
  let best: string | undefined;
  let bestGain = 0;
  for (const [path, { gain, buckets }] of counts) {
    let squares = 0;
    for (const size of buckets.values()) squares += size * size;
    const left = gain - squares / entries.length;
    if (left > bestGain) [best, bestGain] = [path, left];
  }
  return best;
}

function file<K, Rule>(map: Map<K, Entry<Rule>[]>, key: K, entry: Entry<Rule>): void {
  const list = map.get(key);
  if (!list) map.set(key, [entry]);
  else if (list.at(-1) !== entry) list.push(entry);
}

/** The lengths to file prefixes under: all that occur, or some spread over them; longer prefixes are cut to the next of these. */
function lengthsOf(prefixes: Iterable<string>): readonly number[] {
  const lengths = [...new Set(Array.from(prefixes, ({ length }) => length))].toSorted((a, b) => a - b);
  if (lengths.length <= MOST_LENGTHS) return lengths;
  return Array.from({ length: MOST_LENGTHS }, (_, n) => lengths[Math.floor((n * lengths.length) / MOST_LENGTHS)]!);
}

/** How a branch was reached. */
interface Way {
  /** The paths that were looked at. */
  readonly used: ReadonlySet<string>;
  /** Those at which the event has a value that was listed. */
  readonly settled: ReadonlySet<string>;
}

function candidate<Rule>(entry: Entry<Rule>, settled: ReadonlySet<string>): Candidate<Rule> {
  const paths = new Set([...settled].filter((path) => entry.keys.get(path)?.settles));
  if (paths.size === 0) return { entry, rest: matcherOf(entry) };
  const rest = without(entry.node, paths);
  return { entry, rest: rest && compilePattern(rest) };
}

/** Whether an event fits the whole pattern. */
export function matcherOf(entry: Entry<unknown>): Matcher {
  return (entry.matches ??= compilePattern(entry.node));
}

export function newEntry<Rule>(rule: Rule, node: Node): Entry<Rule> {
  return { rule, node, matches: undefined, keys: keysOf(node), seen: 0 };
}

/** Rules by what they say of one field. */
interface Filed<Rule> {
  readonly values: Map<Scalar, Entry<Rule>[]>;
  readonly prefixes: Map<string, Entry<Rule>[]>;
  /** Prefixes that were cut: to begin with one does not settle anything. */
  readonly cut: Set<string>;
  readonly present: Entry<Rule>[];
  readonly silent: Entry<Rule>[];
}

function fileBy<Rule>(path: string, entries: readonly Entry<Rule>[]): Filed<Rule> {
  const filed: Filed<Rule> = { values: new Map(), prefixes: new Map(), cut: new Set(), present: [], silent: [] };
  const lengths = lengthsOf(entries.flatMap(({ keys }) => keys.get(path)?.listed?.prefixes ?? []));
  for (const entry of entries) {
    const key = entry.keys.get(path);
    if (!key) filed.silent.push(entry);
    else if (!key.listed) filed.present.push(entry);
    for (const value of key?.listed?.values ?? []) file(filed.values, value, entry);
    for (const prefix of key?.listed?.prefixes ?? []) {
      const beginning = prefix.slice(
        0,
        lengths.findLast((each) => each <= prefix.length),
      );
      if (beginning !== prefix) filed.cut.add(beginning);
      file(filed.prefixes, beginning, entry);
    }
  }
  return filed;
}

function build<Rule>(entries: readonly Entry<Rule>[], way: Way): Branch<Rule> {
  const path = entries.length > FEW ? bestPath(entries, way.used) : undefined;
  if (path === undefined) return { kind: 'list', candidates: entries.map((entry) => candidate(entry, way.settled)) };
  const { values, prefixes, cut, present, silent } = fileBy(path, entries);
  const open: Way = { used: new Set([...way.used, path]), settled: way.settled };
  const settled: Way = { ...open, settled: new Set([...way.settled, path]) };
  const some = (list: readonly Entry<Rule>[]) => (list.length > 0 ? build(list, open) : undefined);
  const exact = Array.from(values, ([value, list]) => [value, build(list, settled)] as const);
  const begun = Array.from(prefixes, ([prefix, list]) => [prefix, build(list, cut.has(prefix) ? open : settled)] as const);
  return {
    kind: 'split',
    path: JSON.parse(path) as string[],
    texts: new TextTable(exact.filter((entry): entry is [string, Branch<Rule>] => typeof entry[0] === 'string')),
    others: new Map(exact.filter(([value]) => typeof value !== 'string')),
    prefixes: begun.length > 0 ? new TextTable(begun) : undefined,
    present: some(present),
    silent: some(silent),
  };
}

export function buildIndex<Rule>(entries: readonly Entry<Rule>[]): Branch<Rule> {
  return build(entries, { used: new Set(), settled: new Set() });
}
