import { isObject } from '../../kernel/json.ts';
import type { ServiceModel } from '../model.ts';
import { decodeStructure, serializationError } from './decode.ts';
import type { Format } from './decode.ts';
import { parseBase64, timestampFormatOf } from './scalar-text.ts';
import type { Member, Shape } from './shape.ts';
import { formatTimestamp, parseTimestamp } from './timestamps.ts';
import type { Violations } from './violations.ts';

/** How Coral's JSON reader names what it found. */
function tokenOf(value: unknown): string {
  if (typeof value === 'string') return 'STRING_VALUE';
  if (typeof value === 'number') return Number.isInteger(value) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE';
  return value === true ? 'TRUE_VALUE' : 'FALSE_VALUE';
}

function wrongType(node: unknown, type: string): never {
  if (Array.isArray(node)) throw serializationError('Start of list found where not expected');
  if (isObject(node)) throw serializationError('Start of structure or map found where not expected.');
  throw serializationError(`${tokenOf(node)} can not be converted to ${type}`);
}

function number(member: Member, node: unknown): number {
  const { type } = member.shape;
  const whole = type === 'integer' || type === 'long';
  if (typeof node !== 'number') wrongType(node, type === 'long' ? 'a Long' : whole ? 'an Integer' : 'a Double');
  if (whole && !Number.isInteger(node)) wrongType(node, type === 'long' ? 'a Long' : 'an Integer');
  if (type === 'integer' && Math.abs(node) > 2 ** 31) throw serializationError('NUMBER_VALUE can not be converted to an Integer');
  return node;
}

function timestamp(node: unknown): number {
  const ms = typeof node === 'number' || typeof node === 'string' ? parseTimestamp(String(node)) : undefined;
  return ms ?? wrongType(node, 'milliseconds since epoch');
}

function scalar(node: unknown, member: Member): unknown {
  switch (member.shape.type) {
    case 'string':
    case 'character':
      return typeof node === 'string' ? node : wrongType(node, 'a String');
    case 'boolean':
      return typeof node === 'boolean' ? node : wrongType(node, 'Boolean');
    case 'integer':
    case 'long':
    case 'float':
    case 'double':
      return number(member, node);
    case 'timestamp':
      return timestamp(node);
    case 'blob':
      return (typeof node === 'string' ? parseBase64(node) : undefined) ?? wrongType(node, 'a ByteBuffer');
    case 'structure':
    case 'list':
    case 'map':
      return wrongType(node, member.shape.type);
  }
}

function keyOf(member: Member): string {
  return member.locationName ?? member.name;
}

export const jsonFormat: Format<unknown> = {
  structure(node) {
    if (Array.isArray(node)) throw serializationError('Start of list found where not expected');
    if (!isObject(node)) throw serializationError('Expected start of structure or map');
  },
  member(node, member) {
    const key = keyOf(member);
    // `hasOwn`: a member named `constructor` is absent unless it was sent. JSON null means absent.
    return Object.hasOwn(node as object, key) ? ((node as Record<string, unknown>)[key] ?? undefined) : undefined;
  },
  items(node) {
    if (!Array.isArray(node))
      throw serializationError(isObject(node) ? 'Start of structure or map found where not expected.' : 'Expected list or null');
    return node.filter((item) => item !== null);
  },
  entries(node) {
    if (!isObject(node)) throw serializationError('Expected map or null');
    return Object.entries(node).filter(([, item]) => item !== null);
  },
  scalar,
  document: (node) => node,
};

/** Parses a body; empty means no members, as some clients send it for operations without input. */
export function parseJson(body: Uint8Array): unknown {
  if (body.byteLength === 0) return {};
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) as unknown;
  } catch {
    throw serializationError('The request body is not valid JSON');
  }
}

export function decodeJson(shape: Shape, body: Uint8Array, violations?: Violations): Record<string, unknown> {
  return decodeStructure(jsonFormat, shape, parseJson(body), violations);
}

function encodeTimestamp(member: Member, ms: number): string | number {
  const format = timestampFormatOf(member, 'unixTimestamp');
  return format === 'unixTimestamp' ? ms / 1000 : formatTimestamp(ms, format);
}

/** A value as JSON has it: unknown members dropped, undefined ones omitted. */
function encodeValue(member: Member, value: unknown): unknown {
  const { shape } = member;
  if (shape.document) return value;
  if (shape.type === 'structure') return encodeJsonMembers(shape.members, value as Record<string, unknown>);
  if (shape.type === 'list') return (value as readonly unknown[]).map((item) => encodeValue(shape.element, item));
  if (shape.type === 'map') return mapValues(value as Record<string, unknown>, (item) => encodeValue(shape.value, item));
  if (shape.type === 'timestamp') return encodeTimestamp(member, value as number);
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  return value;
}

function mapValues(map: Record<string, unknown>, encode: (value: unknown) => unknown): Record<string, unknown> {
  return Object.fromEntries(Object.entries(map).flatMap(([key, value]) => (value === undefined ? [] : [[key, encode(value)]])));
}

export function encodeJsonMembers(members: readonly Member[], value: Record<string, unknown>): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const member of members) {
    const item = value[member.name];
    if (item !== undefined && item !== null) result[keyOf(member)] = encodeValue(member, item);
  }
  return result;
}

/** The media type of a JSON service's messages. */
export function jsonContentType(model: ServiceModel): string {
  return model.protocol === 'json' ? `application/x-amz-json-${model.jsonVersion ?? '1.0'}` : 'application/json';
}
