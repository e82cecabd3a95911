import type { Node } from 'yaml';
import type { Entry, Tree } from './tree.ts';

type MaybeNode = Node | null | undefined;

/** A mapping's entries by key; an absent or empty value reads as an empty mapping, another kind is an error. */
export function mapping(tree: Tree, node: MaybeNode, name: string): ReadonlyMap<string, Entry> {
  if (tree.isNull(node)) return new Map();
  const entries = tree.entries(node);
  if (!entries) tree.fail(node, `Expected ${name} to be a mapping at line ${tree.position(node).line}`);
  return new Map((entries ?? []).map((entry) => [entry.key, entry]));
}

/** Text, or undefined where it is absent or empty. */
export function scalar(tree: Tree, entry: Entry | undefined, name: string): string | undefined {
  if (!entry || tree.isNull(entry.value)) return undefined;
  const text = tree.text(entry.value);
  if (text === undefined) tree.fail(entry.value, `Expected ${name} to be of string type at line ${tree.position(entry.value).line}`);
  return text;
}

/** One scalar or a list of them; empty items are dropped. */
export function texts(tree: Tree, entry: Entry | undefined, name: string): readonly string[] {
  if (!entry || tree.isNull(entry.value)) return [];
  const found: string[] = [];
  for (const [index, item] of (tree.items(entry.value) ?? [entry.value]).entries()) {
    if (tree.isNull(item)) continue;
    const text = tree.text(item);
    if (text === undefined) tree.fail(item, `Expected ${name}[${index}] to be of string type at line ${tree.position(item).line}`);
    else found.push(text);
  }
  return found;
}

/** A mapping of names to texts: environment variables, runtime versions. An empty value is the empty text. */
export function textMap(tree: Tree, entry: Entry | undefined, name: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { key, value } of mapping(tree, entry?.value, name).values()) {
    const text = tree.isNull(value) ? '' : tree.text(value);
    if (text === undefined) tree.fail(value, `Expected ${name}.${key} to be of string type at line ${tree.position(value).line}`);
    else found[key] = text;
  }
  return found;
}

export function yesNo(tree: Tree, entry: Entry | undefined, name: string): boolean {
  const text = scalar(tree, entry, name);
  return text !== undefined && isYes(tree, entry?.value, text, name);
}

/** What a text means where yes or no is expected; `node`: where it stands. */
export function isYes(tree: Tree, node: MaybeNode, text: string, name: string): boolean {
  if (['yes', 'true', 'on'].includes(text.toLowerCase())) return true;
  if (!['no', 'false', 'off'].includes(text.toLowerCase())) tree.warn(node, `${name} is neither yes nor no; it counts as no.`);
  return false;
}
