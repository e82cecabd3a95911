import { createHash } from 'node:crypto';

/**
 * A message of the data channel, as Session Manager's agent and plugin exchange them: a header of 116 bytes, the payload's length and the payload,
 * all big-endian (https://github.com/aws/amazon-ssm-agent, agent/session/contracts/agentmessage.go, describes the fields).
 */
export interface Frame {
  /** `input_stream_data` and the like. */
  readonly type: string;
  readonly schemaVersion: number;
  /** Epoch ms. */
  readonly created: number;
  readonly sequence: number;
  /** Bit 0: the first of a stream; bit 1: the last. */
  readonly flags: bigint;
  /** A UUID. */
  readonly id: string;
  readonly payloadType: number;
  readonly payload: Uint8Array;
}

/** Bytes that are no message; its text may be told to whoever sent them. */
export class BadFrame extends Error {
  override readonly name = 'BadFrame';
}

const TYPE_BYTES = 32;
const DIGEST_BYTES = 32;
/** Of the header without the payload's length. */
const HEADER_BYTES = 116;
const PAYLOAD_AT = HEADER_BYTES + 4;

const AT = { type: 4, schemaVersion: 36, created: 40, sequence: 48, flags: 56, id: 64, digest: 80, payloadType: 112, payloadLength: 116 };

/** A UUID is on the wire with its second half first. */
function putId(into: Buffer, id: string): void {
  const bytes = Buffer.from(id.replaceAll('-', ''), 'hex');
  bytes.copy(into, AT.id, 8, 16);
  bytes.copy(into, AT.id + 8, 0, 8);
}

function idIn(bytes: Buffer): string {
  const hex = bytes.toString('hex', AT.id + 8, AT.id + 16) + bytes.toString('hex', AT.id, AT.id + 8);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Clients fill up with spaces behind the type, or with zeros before it. */
function typeIn(bytes: Buffer): string {
  const type = bytes.toString('latin1', AT.type, AT.type + TYPE_BYTES).replace(/^[\0 ]+|[\0 ]+$/g, '');
  if (!/^[a-z_]+$/.test(type)) throw new BadFrame('The message has no type.');
  return type;
}

function safeNumber(value: bigint, what: string): number {
  if (value < 0n || value > BigInt(Number.MAX_SAFE_INTEGER)) throw new BadFrame(`The message's ${what} is out of range.`);
  return Number(value);
}

export function encodeFrame({ type, schemaVersion, created, sequence, flags, id, payloadType, payload }: Frame): Buffer {
  const bytes = Buffer.alloc(PAYLOAD_AT + payload.length);
  bytes.writeUInt32BE(HEADER_BYTES, 0);
  bytes.fill(' ', AT.type, AT.type + TYPE_BYTES, 'latin1');
  bytes.write(type, AT.type, TYPE_BYTES, 'latin1');
  bytes.writeUInt32BE(schemaVersion, AT.schemaVersion);
  bytes.writeBigUInt64BE(BigInt(created), AT.created);
  bytes.writeBigInt64BE(BigInt(sequence), AT.sequence);
  bytes.writeBigUInt64BE(flags, AT.flags);
  putId(bytes, id);
  createHash('sha256').update(payload).digest().copy(bytes, AT.digest, 0, DIGEST_BYTES);
  bytes.writeUInt32BE(payloadType, AT.payloadType);
  bytes.writeUInt32BE(payload.length, AT.payloadLength);
  bytes.set(payload, PAYLOAD_AT);
  return bytes;
}

/**
 * Throws BadFrame. The payload's digest is not looked at: AWS's agent does not either, and clients are about that send something else
 * there; what they send has come over TCP, checked.
 */
export function decodeFrame(bytes: Buffer): Frame {
  if (bytes.length < PAYLOAD_AT) throw new BadFrame(`A message has at least ${PAYLOAD_AT} bytes, this one has ${bytes.length}.`);
  const headerLength = bytes.readUInt32BE(0);
  if (headerLength !== HEADER_BYTES) throw new BadFrame(`A message's header has ${HEADER_BYTES} bytes, this one says ${headerLength}.`);
  const length = bytes.readUInt32BE(AT.payloadLength);
  const payload = bytes.subarray(PAYLOAD_AT);
  if (length !== payload.length) throw new BadFrame(`The message says that its payload has ${length} bytes, and has ${payload.length}.`);
  return {
    type: typeIn(bytes),
    schemaVersion: bytes.readUInt32BE(AT.schemaVersion),
    created: safeNumber(bytes.readBigUInt64BE(AT.created), 'date'),
    sequence: safeNumber(bytes.readBigInt64BE(AT.sequence), 'sequence number'),
    flags: bytes.readBigUInt64BE(AT.flags),
    id: idIn(bytes),
    payloadType: bytes.readUInt32BE(AT.payloadType),
    payload,
  };
}
