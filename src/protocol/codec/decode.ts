import { ApiError } from '../errors.ts';
import type { Member, Shape } from './shape.ts';
import type { Violations } from './violations.ts';

/** Deeper input than any model needs is refused before it costs stack. */
const MAX_DEPTH = 64;

/** How one format holds values: the walk below is the same for all of them. `N` is a node of the parsed text. */
export interface Format<N> {
  /** Fails where the node is no structure. */
  structure(node: N): void;
  /** The node of a structure's member, or undefined where it is absent (or null). */
  member(node: N, member: Member): N | undefined;
  items(node: N, list: Member): readonly N[];
  entries(node: N, map: Member): readonly (readonly [string, N])[];
  /** A string, number, boolean, timestamp (epoch ms) or blob. */
  scalar(node: N, member: Member): unknown;
  /** Free-form JSON. */
  document(node: N): unknown;
}

/** The text was parsed, but holds another type than the model's. */
export function serializationError(message: string): ApiError {
  return new ApiError('SerializationException', message, 400);
}

/** `violations` is absent where the other side is trusted to keep its model: a client reading answers. */
interface Walk<N> {
  readonly format: Format<N>;
  readonly violations: Violations | undefined;
}

function structure<N>(walk: Walk<N>, shape: Shape, node: N, path: string, depth: number): Record<string, unknown> {
  walk.format.structure(node);
  const result: Record<string, unknown> = {};
  for (const member of shape.members) decodeMember(walk, member, node, { result, path, depth });
  return result;
}

interface Target {
  readonly result: Record<string, unknown>;
  readonly path: string;
  readonly depth: number;
}

function decodeMember<N>(walk: Walk<N>, member: Member, node: N, { result, path, depth }: Target): void {
  const at = path ? `${path}.${member.label}` : member.label;
  const found = walk.format.member(node, member);
  if (found === undefined) {
    if (member.required) walk.violations?.missing(member, at);
    return;
  }
  result[member.name] = value(walk, member, found, at, depth + 1);
}

function isSimple(shape: Shape): boolean {
  return shape.type !== 'structure' && shape.type !== 'list' && shape.type !== 'map';
}

function list<N>(walk: Walk<N>, member: Member, node: N, path: string, depth: number): unknown[] {
  const { element } = member.shape;
  const simple = isSimple(element.shape);
  const items = walk.format.items(node, member).map((item, index) => {
    return simple ? walk.format.scalar(item, element) : value(walk, element, item, `${path}.${index + 1}.member`, depth + 1);
  });
  if (simple) walk.violations?.checkParts(member, path, items, items, [element, 'Member']);
  return items;
}

function map<N>(walk: Walk<N>, member: Member, node: N, path: string, depth: number): Record<string, unknown> {
  const { key, value: part } = member.shape;
  const simple = isSimple(part.shape);
  const entries = walk.format.entries(node, member).map(([name, item]) => {
    return [name, simple ? walk.format.scalar(item, part) : value(walk, part, item, `${path}.${name}.member`, depth + 1)] as const;
  });
  // fromEntries defines own properties: a key `__proto__` stays a key.
  const result = Object.fromEntries(entries);
  walk.violations?.checkParts(member, path, result, Object.keys(result), [key, 'Map keys']);
  if (simple) walk.violations?.checkParts(member, path, result, Object.values(result), [part, 'Map value']);
  return result;
}

function value<N>(walk: Walk<N>, member: Member, node: N, path: string, depth: number): unknown {
  if (depth > MAX_DEPTH) throw serializationError('The request is nested too deeply');
  const decoded = unchecked(walk, member, node, path, depth);
  walk.violations?.check(member, path, decoded);
  return decoded;
}

function unchecked<N>(walk: Walk<N>, member: Member, node: N, path: string, depth: number): unknown {
  const { shape } = member;
  if (shape.document) return walk.format.document(node);
  if (shape.type === 'structure') return structure(walk, shape, node, path, depth);
  if (shape.type === 'list') return list(walk, member, node, path, depth);
  if (shape.type === 'map') return map(walk, member, node, path, depth);
  return walk.format.scalar(node, member);
}

/** Decodes a structure and checks it in the same pass. Unknown members are dropped. */
export function decodeStructure<N>(format: Format<N>, shape: Shape, node: N, violations?: Violations): Record<string, unknown> {
  return structure({ format, violations }, shape, node, '', 0);
}

/** Decodes one member's value, at the path of its own name: what HTTP bindings place outside the body. */
export function decodeValue<N>(format: Format<N>, member: Member, node: N, violations?: Violations): unknown {
  return value({ format, violations }, member, node, member.label, 0);
}
