import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BadFrame, decodeFrame, encodeFrame, type Frame } from './frame.ts';

const frames: fc.Arbitrary<Frame> = fc.record({
  type: fc.stringMatching(/^[a-z_]{1,32}$/),
  schemaVersion: fc.nat(),
  created: fc.maxSafeNat(),
  sequence: fc.maxSafeNat(),
  flags: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
  id: fc.uuid(),
  payloadType: fc.nat(),
  payload: fc.uint8Array({ maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
});

const SAMPLE: Frame = {
  type: 'input_stream_data',
  schemaVersion: 1,
  created: 1_700_000_000_000,
  sequence: 7,
  flags: 1n,
  id: '00112233-4455-6677-8899-aabbccddeeff',
  payloadType: 1,
  payload: Buffer.from('ls\r'),
};

/** What a decoder makes of bytes: a message or a BadFrame, and nothing else. */
function outcome(bytes: Buffer): 'message' | 'bad' {
  try {
    decodeFrame(bytes);
    return 'message';
  } catch (error) {
    if (error instanceof BadFrame) return 'bad';
    throw error;
  }
}

describe('a frame', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(frames, (frame) => {
        expect(decodeFrame(encodeFrame(frame))).toEqual(frame);
      }),
    );
  });

  it('has its fields where the plugin looks for them', () => {
    const bytes = encodeFrame(SAMPLE);
    expect(bytes.length).toBe(123);
    expect(bytes.readUInt32BE(0)).toBe(116);
    expect(bytes.toString('latin1', 4, 36)).toBe('input_stream_data'.padEnd(32, ' '));
    expect(bytes.readUInt32BE(36)).toBe(1);
    expect(bytes.readBigUInt64BE(40)).toBe(1_700_000_000_000n);
    expect(bytes.readBigInt64BE(48)).toBe(7n);
    expect(bytes.readBigUInt64BE(56)).toBe(1n);
    // The id's second half comes first.
    expect(bytes.toString('hex', 64, 80)).toBe('8899aabbccddeeff0011223344556677');
    expect(bytes.subarray(80, 112)).toEqual(createHash('sha256').update('ls\r').digest());
    expect(bytes.readUInt32BE(112)).toBe(1);
    expect(bytes.readUInt32BE(116)).toBe(3);
    expect(bytes.toString('latin1', 120)).toBe('ls\r');
  });

  it('may have zeros before its type', () => {
    const bytes = encodeFrame(SAMPLE);
    bytes.fill(0, 4, 36).write('acknowledge', 25, 'latin1');
    expect(decodeFrame(bytes).type).toBe('acknowledge');
  });

  it('is refused where it is none, whatever the bytes are', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void outcome(Buffer.from(bytes))));
    fc.assert(
      fc.property(frames, fc.nat(200), (frame, cut) => {
        const bytes = encodeFrame(frame);
        expect(outcome(bytes.subarray(0, Math.max(0, bytes.length - 1 - cut)))).toBe('bad');
      }),
    );
    // Broken at one place, it is a message all the same, or is refused.
    fc.assert(
      fc.property(frames, fc.nat(119), fc.nat(255), (frame, at, byte) => {
        const bytes = encodeFrame(frame);
        bytes[at] = byte;
        outcome(bytes);
      }),
    );
  });

  it.each([
    ['a header of another length', (bytes: Buffer) => bytes.writeUInt32BE(0, 0), /header has 116 bytes, this one says 0/],
    ['no type', (bytes: Buffer) => bytes.fill(0, 4, 36), /no type/],
    ['a payload of another length', (bytes: Buffer) => bytes.writeUInt32BE(2 ** 31, 116), /payload has 2147483648 bytes, and has 3/],
    ['a negative number', (bytes: Buffer) => bytes.writeBigInt64BE(-1n, 48), /sequence number is out of range/],
  ])('is refused for %s, which is said', (_what, breakIt, message) => {
    const bytes = encodeFrame(SAMPLE);
    breakIt(bytes);
    expect(() => decodeFrame(bytes)).toThrow(message);
  });
});
