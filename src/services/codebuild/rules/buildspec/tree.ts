import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Alias,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml';
import { propertiesOf, unknownAlias, type Properties } from './aliases.ts';
import type { Finding, TextTree } from './types.ts';
import { yamlFindings } from './yaml-errors.ts';

/** Nodes read at most, aliases counted each time: a file of nested aliases must not read for ever. */
const MOST_NODES = 100_000;

type MaybeNode = Node | null | undefined;
export interface Entry {
  readonly key: string;
  readonly keyNode: Node;
  readonly value: MaybeNode;
}

/** A YAML file read as text: positions, aliases and merge keys resolved, no scalar ever becomes a number or a date. */
export class Tree {
  readonly errors: Finding[] = [];
  readonly warnings: Finding[] = [];
  readonly root: MaybeNode;
  readonly #lines = new LineCounter();
  readonly #meant: Properties['meant'];
  readonly #text: string;
  #read = 0;

  constructor(given: string) {
    // A carriage return by itself ends a line, too; our parser does not know of it.
    const text = given.replace(/\r(?!\n)/g, '\n');
    this.#text = text;
    const document = parseDocument(text, {
      schema: 'failsafe',
      uniqueKeys: false,
      lineCounter: this.#lines,
      prettyErrors: false,
      logLevel: 'silent',
    });
    this.errors.push(...yamlFindings(document.errors, this.#lines, text));
    const { meant, unknown, tagged } = propertiesOf(document);
    this.#meant = meant;
    if (this.errors.length === 0) for (const alias of unknown) this.#unknown(alias);
    for (const node of tagged)
      this.warn(node, `${node.tag ?? ''} at the beginning is a tag in YAML and no part of the text: put the whole in quotes.`);
    this.root = this.resolve(document.contents);
  }

  #unknown(alias: Alias): void {
    const { message, hint } = unknownAlias(alias);
    this.fail(alias, `${message} at line ${this.position(alias).line}`, hint);
  }

  resolve(node: MaybeNode): MaybeNode {
    if (++this.#read > MOST_NODES) throw new RangeError('too many nodes');
    return isAlias(node) ? this.#meant.get(node) : node;
  }

  isNull(node: MaybeNode): boolean {
    const seen = this.resolve(node);
    if (!seen) return true;
    if (!isScalar<unknown>(seen) || (seen.type !== 'PLAIN' && seen.type !== undefined)) return false;
    return typeof seen.value !== 'string' || /^(~|null|Null|NULL)?$/.test(seen.value);
  }

  isMap = (node: MaybeNode): boolean => isMap(this.resolve(node));

  /** The scalar as it was written: `1.20` stays `1.20`. Undefined where it is no scalar. */
  text(node: MaybeNode): string | undefined {
    const seen = this.resolve(node);
    return isScalar<unknown>(seen) && typeof seen.value === 'string' && !this.isNull(seen) ? seen.value : undefined;
  }

  items(node: MaybeNode): readonly MaybeNode[] | undefined {
    const seen = this.resolve(node);
    return isSeq(seen) ? ((seen as YAMLSeq<Node>).items as readonly MaybeNode[]) : undefined;
  }

  /** The entries of a mapping, `<<` merged in; a key given twice counts the last time and is warned of. */
  entries(node: MaybeNode): readonly Entry[] | undefined {
    const seen = this.resolve(node);
    if (!isMap(seen)) return undefined;
    const found = new Map<string, Entry>();
    const merged = new Set<string>();
    for (const pair of (seen as YAMLMap<Node, Node>).items as readonly Pair<Node, Node>[]) {
      const key = this.text(pair.key);
      if (key === undefined) continue;
      if (key === '<<' && this.#merge(pair.value, found, merged)) continue;
      if (found.has(key) && !merged.delete(key)) this.warn(pair.key, `The key ${key} is given twice; the later one counts.`);
      found.set(key, { key, keyNode: pair.key, value: pair.value });
    }
    return [...found.values()];
  }

  #merge(value: MaybeNode, found: Map<string, Entry>, merged: Set<string>): boolean {
    const sources = this.items(value) ?? [value];
    if (!sources.every((source) => isMap(this.resolve(source)))) return false;
    for (const entry of sources.flatMap((source) => this.entries(source) ?? [])) {
      if (found.has(entry.key)) continue;
      found.set(entry.key, entry);
      merged.add(entry.key);
    }
    return true;
  }

  tree(node: MaybeNode): TextTree {
    const items = this.items(node);
    if (items) return items.map((item) => this.tree(item));
    const entries = this.entries(node);
    if (entries) return Object.fromEntries(entries.map((entry) => [entry.key, this.tree(entry.value)]));
    return this.text(node) ?? null;
  }

  position(node: MaybeNode): Omit<Finding, 'message'> {
    const range = node?.range ?? [0, 0, 0];
    const from = this.#lines.linePos(range[0]);
    const to = this.#lines.linePos(range[1]);
    const lineEnd = this.#text.indexOf('\n', range[0]);
    const rest = this.#text.slice(range[0], lineEnd === -1 ? undefined : lineEnd).trimEnd().length;
    // What goes on over several lines is marked to the end of its first.
    const endColumn = to.line === from.line && to.col > from.col ? to.col : from.col + Math.max(rest, 1);
    return { line: Math.max(from.line, 1), column: Math.max(from.col, 1), endColumn: Math.max(endColumn, 2) };
  }

  fail(node: MaybeNode, message: string, hint?: string): void {
    this.errors.push({ message, ...this.position(node), ...(hint === undefined ? {} : { hint }) });
  }

  warn(node: MaybeNode, message: string): void {
    this.warnings.push({ message, ...this.position(node) });
  }
}
