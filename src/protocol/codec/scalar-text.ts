import type { TimestampFormat } from '../model.ts';
import { serializationError } from './decode.ts';
import type { Member } from './shape.ts';
import { formatTimestamp, parseTimestamp } from './timestamps.ts';

/** Where a text stands decides how its timestamps are written. */
export type TextPlace = 'body' | 'header' | 'query';

const DEFAULT_FORMAT: Readonly<Record<TextPlace, TimestampFormat>> = { body: 'iso8601', header: 'rfc822', query: 'iso8601' };

export function timestampFormatOf(member: Member, fallback: TimestampFormat): TimestampFormat {
  return member.timestampFormat ?? member.shape.timestampFormat ?? fallback;
}

function bad(member: Member, type: string): never {
  throw serializationError(`The value of ${member.label} can not be converted to ${type}`);
}

function integer(member: Member, text: string): number {
  if (!/^[-+]?\d{1,19}$/.test(text)) bad(member, member.shape.type === 'long' ? 'a Long' : 'an Integer');
  const number = Number(text);
  if (member.shape.type === 'integer' && Math.abs(number) > 2 ** 31) bad(member, 'an Integer');
  return number;
}

function float(member: Member, text: string): number {
  if (/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,3})?$/.test(text)) return Number(text);
  if (text === 'NaN' || text === 'Infinity' || text === '-Infinity') return Number(text);
  return bad(member, 'a Double');
}

function boolean(member: Member, text: string): boolean {
  const lower = text.toLowerCase();
  if (lower === 'true' || lower === '1') return true;
  if (lower === 'false' || lower === '0') return false;
  return bad(member, 'a Boolean');
}

/** Base64 as AWS takes it: standard alphabet, padding optional; anything else is refused rather than skipped. */
export function parseBase64(text: string): Uint8Array | undefined {
  const compact = text.replace(/\s+/g, '');
  return /^[A-Za-z0-9+/]*={0,2}$/.test(compact) && compact.replace(/=+$/, '').length % 4 !== 1 ? Buffer.from(compact, 'base64') : undefined;
}

/** The value of a text in a form, an XML element, a header or a URI. */
export function parseScalar(member: Member, text: string): unknown {
  switch (member.shape.type) {
    case 'integer':
    case 'long':
      return integer(member, text.trim());
    case 'float':
    case 'double':
      return float(member, text.trim());
    case 'boolean':
      return boolean(member, text.trim());
    case 'timestamp':
      return parseTimestamp(text) ?? bad(member, 'a timestamp');
    case 'blob':
      return parseBase64(text) ?? bad(member, 'a blob');
    case 'string':
    case 'character':
      return text;
    case 'structure':
    case 'list':
    case 'map':
      return bad(member, `a ${member.shape.type}`);
  }
}

export function formatScalar(member: Member, value: unknown, place: TextPlace): string {
  if (member.shape.type === 'timestamp') return formatTimestamp(Number(value), timestampFormatOf(member, DEFAULT_FORMAT[place]));
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64');
  return String(value);
}
