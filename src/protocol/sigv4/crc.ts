import { crc32 } from 'node:zlib';

/** A checksum that grows with the bytes. `digest` answers base64 of its big-endian value, as S3's headers carry it. */
export interface Checksum {
  update(bytes: Uint8Array): void;
  digest(): string;
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

export function crc32Checksum(): Checksum {
  let crc = 0;
  return {
    update(bytes) {
      crc = crc32(bytes, crc);
    },
    digest: () => uint32(crc).toString('base64'),
  };
}

let castagnoli: Uint32Array | undefined;

function castagnoliTable(): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
    return crc;
  });
}

/** CRC-32C (Castagnoli, RFC 3720 appendix B.4). */
export function crc32cChecksum(): Checksum {
  const table = (castagnoli ??= castagnoliTable());
  let crc = -1;
  return {
    update(bytes) {
      let value = crc;
      for (let i = 0; i < bytes.length; i++) value = table[(value ^ bytes[i]!) & 0xff]! ^ (value >>> 8);
      crc = value;
    },
    digest: () => uint32(~crc).toString('base64'),
  };
}

let nvme: { readonly high: Uint32Array; readonly low: Uint32Array } | undefined;

/** The table as two halves: BigInt arithmetic per byte would be thirty times slower. */
function nvmeTable(): { high: Uint32Array; low: Uint32Array } {
  const [high, low] = [new Uint32Array(256), new Uint32Array(256)];
  for (let byte = 0; byte < 256; byte++) {
    let crc = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ 0x9a6c9329ac4bc9b5n : crc >> 1n;
    high[byte] = Number(crc >> 32n);
    low[byte] = Number(crc & 0xffffffffn);
  }
  return { high, low };
}

/** CRC-64/NVME (the checksum of S3's own choice: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html). */
export function crc64nvmeChecksum(): Checksum {
  const table = (nvme ??= nvmeTable());
  let high = -1;
  let low = -1;
  return {
    update(bytes) {
      let [h, l] = [high, low];
      for (let i = 0; i < bytes.length; i++) {
        const at = (l ^ bytes[i]!) & 0xff;
        l = ((l >>> 8) | (h << 24)) ^ table.low[at]!;
        h = (h >>> 8) ^ table.high[at]!;
      }
      [high, low] = [h, l];
    },
    digest: () => Buffer.concat([uint32(~high), uint32(~low)]).toString('base64'),
  };
}
