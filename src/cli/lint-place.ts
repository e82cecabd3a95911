import { isMap, isNode, isScalar, isSeq, visit, type Document, type LineCounter, type Node, type YAMLMap } from 'yaml';
import type { Located } from '../kernel/code-frame.ts';

export type Place = Pick<Located, 'line' | 'column' | 'endColumn'>;
type Path = readonly (string | number)[];

/** Where a node stands, 1-based; what goes on over several lines is marked at its beginning. */
export function placeOf(node: Node | undefined, lines: LineCounter): Place {
  const [from, to] = node?.range ?? [0, 1];
  const start = lines.linePos(from);
  const end = lines.linePos(to);
  const oneLine = end.line === start.line && end.col > start.col;
  return { line: start.line, column: start.col, endColumn: oneLine ? end.col : start.col + 1 };
}

function keyNode(map: unknown, key: string | number | undefined): Node | undefined {
  if (!isMap(map)) return undefined;
  const pair = map.items.find((item) => isScalar(item.key) && item.key.value === key);
  return isNode(pair?.key) ? pair.key : undefined;
}

/** The value at a path, or its key; the nearest thing above where it is not there. */
export function nodeAt(document: Document, path: Path, atKey: boolean): Node | undefined {
  const parent: unknown = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  if (atKey && path.length > 0) return keyNode(parent, path.at(-1)) ?? (isNode(parent) ? parent : undefined);
  const node: unknown = path.length === 0 ? document.contents : document.getIn(path, true);
  return isNode(node) ? node : isNode(parent) ? parent : undefined;
}

const NAME = "'?([A-Za-z0-9.@_-]+)'?";

/** How a sentence names a stage's condition, and where that stands. */
const CONDITIONS = { BEFORE_ENTRY: 'beforeEntry', ON_SUCCESS: 'onSuccess', ON_FAILURE: 'onFailure' } as const;

/**
 * What a sentence of the validation is about. It knows the pipeline, not its text: it names the action, or the stage, its condition and
 * that one's rule, and in it the word that is wrong.
 */
export function mentioned(root: Node, message: string): Node {
  const names = (what: string) => [...message.matchAll(new RegExp(`${what}${NAME}`, 'gi'))].map((match) => match[1]!);
  const stage = named(root, 'stages', names('stage(?:Name=\\[| name | )'));
  const condition = conditionIn(stage, message);
  const action = named(root, 'actions', names('action(?:Name=\\[| )'));
  const rule = named(condition ?? root, 'rules', names('rule '));
  const within = action ?? rule ?? condition ?? stage;
  const own = within?.get('name', true);
  const known = new Set([action, rule, stage].map((found) => found?.get('name')));
  return word(within ?? root, message, known) ?? (isNode(own) ? own : (within ?? root));
}

function conditionIn(stage: YAMLMap | undefined, message: string): YAMLMap | undefined {
  for (const [type, key] of Object.entries(CONDITIONS)) {
    const node = message.includes(type) ? stage?.get(key, true) : undefined;
    if (isMap(node)) return node;
  }
  return undefined;
}

/** The last stage, action or rule of one of these names: of two, the later one is in the way. */
function named(root: Node, list: 'stages' | 'actions' | 'rules', names: readonly string[]): YAMLMap | undefined {
  let found: YAMLMap | undefined;
  visit(root, {
    Pair(_key, pair) {
      if (!isScalar(pair.key) || pair.key.value !== list || !isSeq(pair.value)) return;
      found = pair.value.items.findLast((item): item is YAMLMap => isMap(item) && names.includes(String(item.get('name')))) ?? found;
    },
  });
  return found;
}

/**
 * The key or text below a node that the sentence quotes, or the longest that it mentions; of equals the first, unless it was used more
 * than once. What only says of whom it speaks is left out.
 */
function word(node: Node, message: string, known: ReadonlySet<unknown>): Node | undefined {
  const words = new Set(message.split(/[^A-Za-z0-9_.@-]+/).map((text) => text.replace(/\.+$/, '')));
  const later = message.includes('more than once');
  let best: { readonly node: Node; readonly weight: number } | undefined;
  visit(node, {
    Scalar(_key, scalar) {
      const { value } = scalar;
      if (typeof value !== 'string' || value.length < 2 || known.has(value)) return;
      const quoted = message.includes(`'${value}'`);
      if (!quoted && !words.has(value)) return;
      const weight = value.length + (quoted ? message.length : 0);
      if (!best || weight > best.weight || (later && weight === best.weight)) best = { node: scalar, weight };
    },
  });
  return best?.node;
}
