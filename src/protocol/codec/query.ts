import { decodeStructure, serializationError } from './decode.ts';
import type { Format } from './decode.ts';
import { formatScalar, parseScalar } from './scalar-text.ts';
import type { Member, Shape } from './shape.ts';
import type { Violations } from './violations.ts';

/** A form's dotted names as a tree: `Tags.member.1.Key=x`. */
export interface QueryNode {
  text?: string;
  readonly children: Map<string, QueryNode>;
}

const MAX_DEPTH = 64;

/** Parses form fields. The first of two equal names counts, as the later one could be smuggled in. */
export function queryTree(fields: Iterable<readonly [string, string]>): QueryNode {
  const root: QueryNode = { children: new Map() };
  for (const [name, text] of fields) {
    const parts = name.split('.');
    if (parts.length > MAX_DEPTH) throw serializationError('The request is nested too deeply');
    let node = root;
    for (const part of parts) {
      let next = node.children.get(part);
      if (!next) node.children.set(part, (next = { children: new Map() }));
      node = next;
    }
    node.text ??= text;
  }
  return root;
}

function numbered(node: QueryNode | undefined): QueryNode[] {
  return [...(node?.children ?? [])]
    .filter(([name]) => /^\d{1,9}$/.test(name))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, child]) => child);
}

function isFlat(member: Member): boolean {
  return (member.flattened ?? member.shape.flattened) === true;
}

function listName(member: Member): string {
  return member.shape.element.locationName ?? 'member';
}

export const queryFormat: Format<QueryNode> = {
  structure() {},
  member(node, member) {
    const flatName = isFlat(member) ? member.shape.element.locationName : undefined;
    return node.children.get(member.locationName ?? flatName ?? member.name);
  },
  items(node, list) {
    return isFlat(list) ? numbered(node) : numbered(node.children.get(listName(list)));
  },
  entries(node, map) {
    const { key, value } = map.shape;
    return numbered(isFlat(map) ? node : node.children.get('entry')).flatMap((entry) => {
      const name = entry.children.get(key.locationName ?? 'key')?.text;
      const item = entry.children.get(value.locationName ?? 'value');
      return name !== undefined && item ? [[name, item] as const] : [];
    });
  },
  scalar: (node, member) => parseScalar(member, node.text ?? ''),
  document: (node) => node.text,
};

export function decodeQuery(shape: Shape, fields: Iterable<readonly [string, string]>, violations?: Violations): Record<string, unknown> {
  return decodeStructure(queryFormat, shape, queryTree(fields), violations);
}

type Put = (name: string, text: string) => void;

function encodeValue(member: Member, value: unknown, name: string, put: Put): void {
  const { shape } = member;
  if (shape.type === 'structure') encodeMembers(shape.members, value as Record<string, unknown>, `${name}.`, put);
  else if (shape.type === 'list') encodeList(member, value as readonly unknown[], name, put);
  else if (shape.type === 'map') encodeMap(member, value as Record<string, unknown>, name, put);
  else put(name, formatScalar(member, value, 'body'));
}

function encodeList(member: Member, items: readonly unknown[], name: string, put: Put): void {
  if (items.length === 0) put(name, '');
  const base = isFlat(member) ? name : `${name}.${listName(member)}`;
  items.forEach((item, index) => encodeValue(member.shape.element, item, `${base}.${index + 1}`, put));
}

function encodeMap(member: Member, map: Record<string, unknown>, name: string, put: Put): void {
  const { key, value } = member.shape;
  const base = isFlat(member) ? name : `${name}.entry`;
  Object.entries(map).forEach(([at, item], index) => {
    put(`${base}.${index + 1}.${key.locationName ?? 'key'}`, at);
    encodeValue(value, item, `${base}.${index + 1}.${value.locationName ?? 'value'}`, put);
  });
}

function encodeMembers(members: readonly Member[], value: Record<string, unknown>, prefix: string, put: Put): void {
  for (const member of members) {
    const item = value[member.name];
    const flatName = isFlat(member) ? member.shape.element.locationName : undefined;
    if (item !== undefined && item !== null) encodeValue(member, item, prefix + (member.locationName ?? flatName ?? member.name), put);
  }
}

/** An input as form fields, for clients. */
export function encodeQuery(shape: Shape, value: Record<string, unknown>, fields: URLSearchParams): void {
  encodeMembers(shape.members, value, '', (name, text) => fields.append(name, text));
}
