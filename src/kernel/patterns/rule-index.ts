import { compilePattern, type Matcher } from './match.ts';
import type { Node, Scalar, Test } from './pattern.ts';
import { dotted, isMembers } from './step.ts';

type Members = Readonly<Record<string, unknown>>;

/** What rules can be found by: a field of the pattern that has to be there. */
interface Key {
  readonly path: readonly string[];
  /** The values, and the beginnings of values, that it takes; undefined where they cannot be listed. */
  readonly listed: { readonly values: readonly Scalar[]; readonly prefixes: readonly string[] } | undefined;
}

interface Entry<Rule> {
  readonly rule: Rule;
  readonly matches: Matcher;
  /** By path. */
  readonly keys: ReadonlyMap<string, Key>;
  /** The search that last looked at this entry: an entry that several branches hold is tried once. */
  seen: number;
}

type Branch<Rule> =
  | { readonly kind: 'list'; readonly entries: readonly Entry<Rule>[] }
  | {
      readonly kind: 'split';
      readonly path: readonly string[];
      readonly values: ReadonlyMap<Scalar, Branch<Rule>>;
      readonly prefixes: ReadonlyMap<string, Branch<Rule>>;
      /** The lengths of the prefixes. */
      readonly lengths: readonly number[];
      /** Rules that need some value here. */
      readonly present: Branch<Rule> | undefined;
      /** Rules that say nothing of this field, or do without it. */
      readonly others: Branch<Rule> | undefined;
    };

/** So few rules are tried one by one. */
const FEW = 3;
/** Every length that prefixes are filed under costs a look. */
const MOST_LENGTHS = 12;
/** A rule with more values than this would be in too many branches. */
const MOST_VALUES = 50;

function listed(tests: readonly Test[]): Key['listed'] {
  const values: Scalar[] = [];
  const prefixes: string[] = [];
  for (const test of tests) {
    if (test.kind === 'equals') values.push(test.value);
    else if (test.kind === 'prefix' && !test.ignoreCase) prefixes.push(test.text);
    else return undefined;
  }
  return tests.length > MOST_VALUES ? undefined : { values, prefixes };
}

function keysOf(node: Node): ReadonlyMap<string, Key> {
  const keys = new Map<string, Key>();
  const walk = ({ fields }: Node, names: readonly string[]): void => {
    for (const field of fields) {
      const path = [...names, field.name];
      if (field.kind === 'object') walk(field.node, path);
      else if (!field.tests.some((test) => test.kind === 'exists' && !test.exists))
        keys.set(JSON.stringify(path), { path, listed: listed(field.tests) });
    }
  };
  walk(node, []);
  return keys;
}

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

function build<Rule>(entries: readonly Entry<Rule>[], used: ReadonlySet<string>): Branch<Rule> {
  const path = entries.length > FEW ? bestPath(entries, used) : undefined;
  if (path === undefined) return { kind: 'list', entries };
  const values = new Map<Scalar, Entry<Rule>[]>();
  const prefixes = new Map<string, Entry<Rule>[]>();
  const lengths = lengthsOf(entries.flatMap(({ keys }) => keys.get(path)?.listed?.prefixes ?? []));
  const present: Entry<Rule>[] = [];
  const others: Entry<Rule>[] = [];
  let names: readonly string[] = [];
  for (const entry of entries) {
    const key = entry.keys.get(path);
    if (key) names = key.path;
    if (!key?.listed) {
      (key ? present : others).push(entry);
      continue;
    }
    for (const value of key.listed.values) file(values, value, entry);
    for (const prefix of key.listed.prefixes) {
      const length = lengths.findLast((each) => each <= prefix.length);
      file(prefixes, prefix.slice(0, length), entry);
    }
  }
  const below = new Set([...used, path]);
  const grown = <K>(map: Map<K, Entry<Rule>[]>) => new Map([...map].map(([key, list]) => [key, build(list, below)] as const));
  const some = (list: readonly Entry<Rule>[]) => (list.length > 0 ? build(list, below) : undefined);
  return {
    kind: 'split',
    path: names,
    values: grown(values),
    prefixes: grown(prefixes),
    lengths,
    present: some(present),
    others: some(others),
  };
}

/**
 * The values at a path: one, or an array of them where there are arrays on the way or at its end. What it gives too much (members
 * that every object inherits) only makes rules be tried in vain.
 */
function valuesAt(object: unknown, path: readonly string[]): unknown {
  let value = object;
  for (let at = 0; at < path.length; at++) {
    if (typeof value !== 'object' || value === null) return undefined;
    if (Array.isArray(value))
      return value.flat(Infinity).map((item: unknown) => (isMembers(item) ? valuesAt(item, path.slice(at)) : undefined));
    const name = path[at]!;
    const next = (value as Members)[name];
    value = next === undefined && at < path.length - 1 ? dotted(value as Members, name) : next;
  }
  return value;
}

/**
 * Finds the rules that an event fits. Rules are filed by the field that tells the most of them apart (of many rules that is the
 * source or the detail type), those that share its value by the next, and so on; what is left is tried one by one.
 */
export class RuleIndex<Rule> {
  readonly #root: Branch<Rule>;
  #search = 0;

  constructor(rules: Iterable<readonly [Rule, Node]>) {
    const entries = Array.from(rules, ([rule, node]): Entry<Rule> => ({
      rule,
      matches: compilePattern(node),
      keys: keysOf(node),
      seen: 0,
    }));
    this.#root = build(entries, new Set());
  }

  /** In no particular order, each once. */
  match(event: object): Rule[] {
    const found: Rule[] = [];
    this.#search++;
    this.#visit(this.#root, event as Members, found);
    return found;
  }

  #visit(branch: Branch<Rule>, event: Members, found: Rule[]): void {
    if (branch.kind === 'split') {
      const value = valuesAt(event, branch.path);
      if (value !== undefined) this.#look(branch, value, event, found);
      if (branch.others) this.#visit(branch.others, event, found);
      return;
    }
    for (const entry of branch.entries) {
      if (entry.seen === this.#search) continue;
      entry.seen = this.#search;
      if (entry.matches(event)) found.push(entry.rule);
    }
  }

  #look(branch: Branch<Rule> & { kind: 'split' }, value: unknown, event: Members, found: Rule[]): void {
    if (Array.isArray(value)) {
      for (const item of value) this.#look(branch, item, event, found);
      return;
    }
    if (branch.present) this.#visit(branch.present, event, found);
    const exact = branch.values.get(value as Scalar);
    if (exact) this.#visit(exact, event, found);
    if (typeof value !== 'string') return;
    for (const length of branch.lengths) {
      const prefixed = length <= value.length ? branch.prefixes.get(value.slice(0, length)) : undefined;
      if (prefixed) this.#visit(prefixed, event, found);
    }
  }
}
