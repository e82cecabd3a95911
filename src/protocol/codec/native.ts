import { isObject } from '../../kernel/json.ts';
import type { ByteStream } from '../../ports/blobs.ts';
import { serializationError } from './decode.ts';
import type { Format } from './decode.ts';
import type { Member } from './shape.ts';

async function* once(bytes: Uint8Array): ByteStream {
  yield bytes;
}

function isStream(value: unknown): value is ByteStream {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Bytes or text where a stream is wanted become a stream of one chunk. */
export function toStream(value: unknown): ByteStream {
  if (isStream(value)) return value;
  if (value instanceof Uint8Array) return once(value);
  if (typeof value === 'string') return once(Buffer.from(value));
  throw serializationError('Expected a stream, bytes or text');
}

const JS_TYPE: Readonly<Record<string, string>> = {
  string: 'string',
  character: 'string',
  boolean: 'boolean',
  integer: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  timestamp: 'number',
};

function scalar(node: unknown, member: Member): unknown {
  const { shape } = member;
  if (shape.type === 'blob') return member.streaming || shape.streaming ? toStream(node) : blob(node, member);
  if (typeof node !== JS_TYPE[shape.type]) throw serializationError(`${member.label} is ${typeof node}, not ${shape.type}`);
  return node;
}

function blob(node: unknown, member: Member): Uint8Array {
  if (node instanceof Uint8Array) return node;
  throw serializationError(`${member.label} is no Uint8Array`);
}

/** Values as TypeScript holds them: calls from inside go through the same walk as bytes from the wire. */
export const nativeFormat: Format<unknown> = {
  structure(node) {
    if (!isObject(node)) throw serializationError('Expected a structure');
  },
  member(node, member) {
    return Object.hasOwn(node as object, member.name) ? ((node as Record<string, unknown>)[member.name] ?? undefined) : undefined;
  },
  items(node) {
    if (!Array.isArray(node)) throw serializationError('Expected a list');
    return node as unknown[];
  },
  entries(node) {
    if (!isObject(node)) throw serializationError('Expected a map');
    return Object.entries(node).filter(([, value]) => value !== undefined);
  },
  scalar,
  document: (node) => node,
};
