import type { ServiceModel, XmlNamespace } from '../model.ts';
import type { ByteStream } from '../../ports/blobs.ts';
import { bindingsOf, isStreaming } from './bindings.ts';
import { encodeJsonMembers } from './json.ts';
import { toStream } from './native.ts';
import { formatScalar } from './scalar-text.ts';
import type { Member, Shape } from './shape.ts';
import { encodeXmlMembers, encodeXmlStructure, escapeXml, payloadRoot } from './xml.ts';

export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

export interface EncodedRest {
  readonly labels: Record<string, string>;
  readonly query: URLSearchParams;
  readonly headers: Record<string, string>;
  status?: number;
  body?: Uint8Array | ByteStream;
}

/** How the root element of an XML body is called. */
export interface Root {
  readonly name: string;
  readonly namespace: XmlNamespace | undefined;
  /** The only member is the root itself (S3's GetBucketLocation). */
  readonly unwrapped?: boolean;
}

/** Header values are Latin-1 on the wire; S3 shows metadata beyond it as RFC 2047 words. Line breaks never pass. */
function headerText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what must not reach a header
  return /^[\t\x20-\x7e]*$/.test(text) ? text : `=?UTF-8?B?${Buffer.from(text).toString('base64')}?=`;
}

function listText(member: Member, items: readonly unknown[], place: 'header' | 'query'): string[] {
  return items.map((item) => formatScalar(member.shape.element, item, place));
}

function placeQuery(out: EncodedRest, member: Member, name: string, value: unknown): void {
  if (member.shape.type === 'map') for (const [key, item] of Object.entries(value as Record<string, string>)) out.query.append(key, item);
  else if (member.shape.type === 'list') for (const text of listText(member, value as unknown[], 'query')) out.query.append(name, text);
  else out.query.append(name, formatScalar(member, value, 'query'));
}

function placeHeader(out: EncodedRest, member: Member, name: string, value: unknown): void {
  const text = Array.isArray(value) ? listText(member, value, 'header').join(',') : formatScalar(member, value, 'header');
  out.headers[name.toLowerCase()] = headerText(text);
}

function place(out: EncodedRest, member: Member, value: unknown): void {
  const name = member.locationName ?? member.name;
  switch (member.location) {
    case 'uri':
      out.labels[name] = formatScalar(member, value, 'query');
      return;
    case 'querystring':
      return placeQuery(out, member, name, value);
    case 'header':
      return placeHeader(out, member, name, value);
    case 'headers':
      for (const [key, text] of Object.entries(value as Record<string, string>))
        out.headers[`${name}${key}`.toLowerCase()] = headerText(text);
      return;
    case 'statusCode':
      out.status = Number(value);
      return;
    case undefined:
  }
}

function bytesOf(text: string): Uint8Array {
  return Buffer.from(text);
}

function contentType(out: EncodedRest, type: string): void {
  out.headers['content-type'] ??= type;
}

function encodePayload(model: ServiceModel, member: Member, value: unknown, namespace: XmlNamespace | undefined, out: EncodedRest): void {
  if (isStreaming(member)) {
    out.body = value instanceof Uint8Array ? value : typeof value === 'string' ? bytesOf(value) : toStream(value);
  } else if (member.shape.type === 'blob') out.body = value as Uint8Array;
  else if (member.shape.type === 'string') out.body = bytesOf(String(value));
  else if (model.protocol === 'rest-json') {
    contentType(out, 'application/json');
    out.body = bytesOf(JSON.stringify(encodeJsonMembers(member.shape.members, value as Record<string, unknown>)));
  } else {
    contentType(out, 'application/xml');
    const xml = encodeXmlStructure(member.shape, value as Record<string, unknown>, payloadRoot(member), member.xmlNamespace ?? namespace);
    out.body = bytesOf(XML_DECLARATION + xml);
  }
}

function encodeBody(model: ServiceModel, members: readonly Member[], value: Record<string, unknown>, root: Root, out: EncodedRest): void {
  if (model.protocol === 'rest-json') {
    contentType(out, 'application/json');
    out.body = bytesOf(JSON.stringify(encodeJsonMembers(members, value)));
    return;
  }
  contentType(out, 'application/xml');
  const inner = root.unwrapped
    ? escapeXml(formatScalar(members[0]!, value[members[0]!.name] ?? '', 'body'))
    : encodeXmlMembers(members, value);
  const space = root.namespace ? ` xmlns="${escapeXml(root.namespace.uri)}"` : '';
  out.body = bytesOf(`${XML_DECLARATION}<${root.name}${space}>${inner}</${root.name}>`);
}

/** Spreads a structure over an HTTP message. */
export function encodeRest(model: ServiceModel, shape: Shape, value: Record<string, unknown>, root: Root): EncodedRest {
  const { placed, payload, body } = bindingsOf(shape);
  const out: EncodedRest = { labels: {}, query: new URLSearchParams(), headers: {} };
  for (const member of placed) {
    const item = value[member.name];
    if (item !== undefined && item !== null) place(out, member, item);
  }
  if (payload) {
    const item = value[payload.name];
    if (item !== undefined && item !== null) encodePayload(model, payload, item, root.namespace, out);
  } else if (body.length > 0) encodeBody(model, body, value, root, out);
  return out;
}
