import { ApiError } from '../errors.ts';
import type { ServiceModel } from '../model.ts';
import type { ByteStream } from '../../ports/blobs.ts';
import { bindingsOf, isStreaming } from './bindings.ts';
import { decodeStructure, decodeValue } from './decode.ts';
import type { Format } from './decode.ts';
import { decodeJson, jsonFormat, parseJson } from './json.ts';
import { toStream } from './native.ts';
import { parseScalar } from './scalar-text.ts';
import type { Member, Shape } from './shape.ts';
import { parseTimestamp } from './timestamps.ts';
import type { Violations } from './violations.ts';
import { decodeXml, payloadRoot, xmlFormat } from './xml.ts';
import { parseXml, XmlError } from './xml-parser.ts';
import type { XmlElement } from './xml-parser.ts';

/** An HTTP message whose members are still texts. Header names are lower case. */
export interface RestMessage {
  readonly labels: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
  readonly status?: number;
  /** A stream only where the payload is one. */
  readonly body: Uint8Array | ByteStream;
}

type Texts = readonly string[] | Readonly<Record<string, string>>;

/** Texts of headers, labels and query parameters: a list for a list, one for anything else. */
const textFormat: Format<Texts> = {
  structure() {},
  member: () => undefined,
  items: (node) => (node as readonly string[]).map((text) => [text]),
  entries: (node) => Object.entries(node).map(([key, text]) => [key, [text as string]] as const),
  scalar: (node, member) => parseScalar(member, (node as readonly string[])[0] ?? ''),
  document: (node) => node,
};

function split(header: string): string[] {
  return header.split(',').map((item) => item.trim());
}

function prefixed(headers: Readonly<Record<string, string>>, prefix: string): Record<string, string> | undefined {
  const lower = prefix.toLowerCase();
  const found = Object.entries(headers).filter(([name]) => name.startsWith(lower));
  return found.length === 0 ? undefined : Object.fromEntries(found.map(([name, text]) => [name.slice(lower.length), text]));
}

function headerTexts(member: Member, text: string | undefined): Texts | undefined {
  if (text === undefined) return undefined;
  if (member.shape.type === 'list') return split(text);
  return text === '' && member.shape.type !== 'string' ? undefined : [text];
}

function queryTexts(member: Member, query: URLSearchParams, name: string): Texts | undefined {
  if (member.shape.type === 'map') return Object.fromEntries(query);
  const all = query.getAll(name);
  return all.length === 0 ? undefined : all;
}

function textsOf(member: Member, message: RestMessage): Texts | undefined {
  const name = member.locationName ?? member.name;
  switch (member.location) {
    case 'uri':
      return Object.hasOwn(message.labels, name) ? [message.labels[name]!] : undefined;
    case 'querystring':
      return queryTexts(member, message.query, name);
    case 'header':
      return headerTexts(member, message.headers[name.toLowerCase()]);
    case 'headers':
      return prefixed(message.headers, name);
    case 'statusCode':
      return message.status === undefined ? undefined : [String(message.status)];
    case undefined:
      return undefined;
  }
}

/** As HTTP asks (RFC 9110 §13.1.3), and S3 does: a date that cannot be read is as if it were not there. */
function isUnreadableDate(member: Member, texts: Texts): boolean {
  return member.shape.type === 'timestamp' && Array.isArray(texts) && parseTimestamp(String(texts[0])) === undefined;
}

function decodePlaced(member: Member, message: RestMessage, result: Record<string, unknown>, violations?: Violations): void {
  const texts = textsOf(member, message);
  if (texts === undefined || isUnreadableDate(member, texts)) {
    if (member.required && texts === undefined) violations?.missing(member, member.label);
    return;
  }
  result[member.name] = decodeValue(textFormat, member, texts, violations);
}

/** Parses an XML body, or answers S3's error for a bad one. */
export function parseXmlBody(body: Uint8Array): XmlElement {
  try {
    return parseXml(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    if (error instanceof XmlError || error instanceof TypeError) throw malformedXml();
    throw error;
  }
}

export function malformedXml(): ApiError {
  return new ApiError('MalformedXML', 'The XML you provided was not well-formed or did not validate against our published schema', 400);
}

function decodePayload(model: ServiceModel, member: Member, body: Uint8Array, violations?: Violations): unknown {
  if (member.shape.type === 'blob') return body;
  if (member.shape.type === 'string') return new TextDecoder().decode(body);
  if (model.protocol !== 'rest-xml') return decodeValue(jsonFormat, member, parseJson(body), violations);
  const root = parseXmlBody(body);
  // A request with another root would pass for one that says nothing, and empty what it configures.
  if (violations && root.name !== payloadRoot(member)) throw malformedXml();
  return decodeValue(xmlFormat, member, root, violations);
}

function decodeBody(model: ServiceModel, members: readonly Member[], body: Uint8Array, violations?: Violations): Record<string, unknown> {
  const shape = { members } as Shape;
  if (model.protocol === 'rest-json') return decodeJson(shape, body, violations);
  if (body.byteLength > 0) return decodeXml(shape, parseXmlBody(body), violations);
  return decodeStructure(xmlFormat, shape, { name: '', attributes: new Map(), children: [], text: '' }, violations);
}

/** The members of a REST message, decoded and (with `violations`) checked. */
export function decodeRest(model: ServiceModel, shape: Shape, message: RestMessage, violations?: Violations): Record<string, unknown> {
  const { placed, payload, body } = bindingsOf(shape);
  const result: Record<string, unknown> = {};
  for (const member of placed) decodePlaced(member, message, result, violations);
  if (isStreaming(payload)) return { ...result, [payload!.name]: toStream(message.body) };
  const bytes = message.body as Uint8Array;
  if (payload && bytes.byteLength > 0) result[payload.name] = decodePayload(model, payload, bytes, violations);
  else if (payload?.required) violations?.missing(payload, payload.label);
  return body.length > 0 ? { ...decodeBody(model, body, bytes, violations), ...result } : result;
}
