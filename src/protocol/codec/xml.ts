import type { XmlNamespace } from '../model.ts';
import { decodeStructure } from './decode.ts';
import type { Format } from './decode.ts';
import { formatScalar, parseScalar } from './scalar-text.ts';
import type { Member, Shape } from './shape.ts';
import type { Violations } from './violations.ts';
import type { XmlElement } from './xml-parser.ts';

function isFlat(member: Member): boolean {
  return (member.flattened ?? member.shape.flattened) === true;
}

/** The element of a member: its own name, else (flattened lists) its elements' name, else the member's. */
export function elementName(member: Member): string {
  const flatName = isFlat(member) && member.shape.type === 'list' ? member.shape.element.locationName : undefined;
  return member.locationName ?? flatName ?? member.name;
}

/** The root of a payload is the member's own name where the model gives one, else its shape's (`CopyObjectResult`). */
export function payloadRoot(member: Member): string {
  return member.locationName ?? (member.shape.locationName ? elementName(member) : member.shape.name);
}

/** A flattened list or map has no element of its own: its node is an element that collects its siblings. */
function collect(node: XmlElement, name: string): XmlElement | undefined {
  const children = node.children.filter((child) => child.name === name);
  return children.length === 0 ? undefined : { name, attributes: new Map(), children, text: '' };
}

function attribute(node: XmlElement, name: string): XmlElement | undefined {
  const text = node.attributes.get(name.slice(name.indexOf(':') + 1));
  return text === undefined ? undefined : { name, attributes: new Map(), children: [], text };
}

export const xmlFormat: Format<XmlElement> = {
  structure() {},
  member(node, member) {
    const name = elementName(member);
    if (member.xmlAttribute) return attribute(node, name);
    if (isFlat(member)) return collect(node, name);
    return node.children.find((child) => child.name === name);
  },
  items(node, list) {
    if (isFlat(list)) return node.children;
    const name = list.shape.element.locationName ?? 'member';
    return node.children.filter((child) => child.name === name);
  },
  entries(node, map) {
    const { key, value } = map.shape;
    const entries = isFlat(map) ? node.children : node.children.filter((child) => child.name === 'entry');
    return entries.flatMap((entry) => {
      const name = entry.children.find((child) => child.name === (key.locationName ?? 'key'))?.text;
      const item = entry.children.find((child) => child.name === (value.locationName ?? 'value'));
      return name !== undefined && item ? [[name, item] as const] : [];
    });
  },
  scalar: (node, member) => parseScalar(member, node.text),
  document: (node) => node.text,
};

export function decodeXml(shape: Shape, root: XmlElement, violations?: Violations): Record<string, unknown> {
  return decodeStructure(xmlFormat, shape, root, violations);
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** Markup, and the characters that XML cannot hold as they are. */
const UNSAFE = /[&<>"]|[^\P{Cc}\t\n]|[\ufffe\uffff]/gu;

/** Text for an element or attribute. Carriage returns and control characters survive as references, as S3 writes them. */
export function escapeXml(text: string): string {
  return text.replace(UNSAFE, (char) => ESCAPES[char] ?? `&#x${char.charCodeAt(0).toString(16)};`);
}

function namespace(value: XmlNamespace | undefined): string {
  return value ? ` xmlns${value.prefix ? `:${value.prefix}` : ''}="${escapeXml(value.uri)}"` : '';
}

function attributesOf(shape: Shape, value: Record<string, unknown>): string {
  return shape.members
    .filter((member) => member.xmlAttribute && value[member.name] !== undefined)
    .map((member) => ` ${elementName(member)}="${escapeXml(String(value[member.name]))}"`)
    .join('');
}

function encodeElement(member: Member, value: unknown, name: string): string {
  const { shape } = member;
  const space = namespace(member.xmlNamespace ?? shape.xmlNamespace);
  if (shape.type === 'structure') {
    const fields = value as Record<string, unknown>;
    return `<${name}${space}${attributesOf(shape, fields)}>${encodeXmlMembers(shape.members, fields)}</${name}>`;
  }
  if (shape.type === 'list') return encodeList(member, value as readonly unknown[], name);
  if (shape.type === 'map') return encodeMap(member, value as Record<string, unknown>, name);
  return `<${name}${space}>${escapeXml(formatScalar(member, value, 'body'))}</${name}>`;
}

function encodeList(member: Member, items: readonly unknown[], name: string): string {
  const { element } = member.shape;
  const itemName = isFlat(member) ? name : (element.locationName ?? 'member');
  const body = items.map((item) => encodeElement(element, item, itemName)).join('');
  return isFlat(member) ? body : `<${name}>${body}</${name}>`;
}

function encodeMap(member: Member, map: Record<string, unknown>, name: string): string {
  const { key, value } = member.shape;
  const flat = isFlat(member);
  const entries = Object.entries(map).map(([at, item]) => {
    const body = encodeElement(key, at, key.locationName ?? 'key') + encodeElement(value, item, value.locationName ?? 'value');
    return flat ? `<${name}>${body}</${name}>` : `<entry>${body}</entry>`;
  });
  return flat ? entries.join('') : `<${name}>${entries.join('')}</${name}>`;
}

/** The members of a structure as elements, in the model's order. */
export function encodeXmlMembers(members: readonly Member[], value: Record<string, unknown>): string {
  return members
    .filter((member) => !member.xmlAttribute && value[member.name] !== undefined && value[member.name] !== null)
    .map((member) => encodeElement(member, value[member.name], elementName(member)))
    .join('');
}

/** A whole structure as one element. */
export function encodeXmlStructure(shape: Shape, value: Record<string, unknown>, name: string, space?: XmlNamespace): string {
  return `<${name}${namespace(space ?? shape.xmlNamespace)}${attributesOf(shape, value)}>${encodeXmlMembers(shape.members, value)}</${name}>`;
}
