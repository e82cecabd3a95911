import { randomBytes, randomFillSync } from 'node:crypto';
import type { Clock } from './clock.ts';

/** Where identity comes from; injected, so that scenarios can be replayed. */
export interface Ids {
  /** A UUID whose text order is the order of its making (RFC 9562, version 7 with a counter). */
  uuid(): string;
  /** `bytes` random bytes as lower-case hex: tokens and secrets. */
  hex(bytes: number): string;
  /** `length` random characters of A–Z and 2–7, as in AWS's access key and principal ids. */
  base32(length: number): string;
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function formatUuid(bytes: Buffer): string {
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}

/** Random bytes from a pool: asking the system for sixteen at a time costs every request twenty microseconds. */
function randomPool(): (bytes: number) => Buffer {
  const pool = Buffer.alloc(4096);
  let used = pool.length;
  return (bytes) => {
    if (bytes > pool.length) return randomBytes(bytes);
    if (used + bytes > pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    used += bytes;
    // A copy: secrets do not stay where the next ones are drawn.
    const drawn = Buffer.from(pool.subarray(used - bytes, used));
    pool.fill(0, used - bytes, used);
    return drawn;
  };
}

export function randomIds(clock: Clock): Ids {
  const random = randomPool();
  let lastMs = 0;
  let counter = 0;
  return {
    uuid() {
      // RFC 9562 §6.2, method 1: twelve counter bits keep ids of one millisecond in order; a full counter borrows the next.
      const now = clock.now();
      if (now > lastMs) [lastMs, counter] = [now, 0];
      else if (++counter > 0xfff) [lastMs, counter] = [lastMs + 1, 0];
      const bytes = random(16);
      bytes.writeUIntBE(lastMs, 0, 6);
      bytes.writeUInt16BE(0x7000 | counter, 6);
      bytes[8] = 0x80 | (bytes[8]! & 0x3f);
      return formatUuid(bytes);
    },
    hex: (bytes) => random(bytes).toString('hex'),
    base32: (length) => Array.from(random(length), (byte) => BASE32[byte & 31]).join(''),
  };
}

/** Ids that count up: the same run gives the same ids. For scenarios and tests. */
export function countingIds(): Ids {
  let n = 0;
  return {
    uuid: () => `00000000-0000-7000-8000-${(++n).toString(16).padStart(12, '0')}`,
    hex: (bytes) => (++n).toString(16).padStart(bytes * 2, '0'),
    base32: (length) =>
      String(++n)
        .replace(/\d/g, (digit) => BASE32[Number(digit)]!)
        .padStart(length, 'A'),
  };
}
