import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { ChecksumName, Checksums } from './attributes.ts';

/** Every part but the last: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html. */
const SMALLEST_PART = 5 * 1024 * 1024;

export interface StoredPart {
  readonly number: number;
  readonly etag: string;
  readonly size: number;
  readonly checksums: Checksums;
}

export interface ListedPart {
  readonly PartNumber?: number;
  readonly ETag?: string;
}

export type Selection =
  | { readonly kind: 'parts'; readonly parts: readonly StoredPart[] }
  | { readonly kind: 'empty' | 'order' | 'missing' | 'small' };

/** The stored parts that a completion lists, or the rule that it breaks. */
export function selectParts(listed: readonly ListedPart[], stored: readonly StoredPart[]): Selection {
  if (listed.length === 0) return { kind: 'empty' };
  const byNumber = new Map(stored.map((part) => [part.number, part]));
  const parts: StoredPart[] = [];
  for (const { PartNumber, ETag } of listed) {
    if (PartNumber === undefined) return { kind: 'missing' };
    if (PartNumber <= (parts.at(-1)?.number ?? 0)) return { kind: 'order' };
    const part = byNumber.get(PartNumber);
    if (!part || part.etag !== ETag?.replaceAll('"', '')) return { kind: 'missing' };
    parts.push(part);
  }
  return parts.slice(0, -1).some(({ size }) => size < SMALLEST_PART) ? { kind: 'small' } : { kind: 'parts', parts };
}

/** S3's ETag of an object made of parts: the MD5 of the parts' MD5s, and how many they are. */
export function multipartEtag(parts: readonly { readonly etag: string }[]): string {
  const hash = createHash('md5');
  for (const { etag } of parts) hash.update(Buffer.from(etag, 'hex'));
  return `${hash.digest('hex')}-${parts.length}`;
}

const COMPOSITE: Partial<Record<ChecksumName, (bytes: Buffer) => Buffer>> = {
  ChecksumCRC32: (bytes) => {
    const sum = Buffer.alloc(4);
    sum.writeUInt32BE(crc32(bytes));
    return sum;
  },
  ChecksumSHA1: (bytes) => createHash('sha1').update(bytes).digest(),
  ChecksumSHA256: (bytes) => createHash('sha256').update(bytes).digest(),
};

/**
 * Checksums of the parts' checksums, where every part has one, in S3's form `base64-N`
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html, composite checksums).
 */
export function compositeChecksums(parts: readonly StoredPart[]): Checksums {
  const result: Checksums = {};
  for (const [name, digest] of Object.entries(COMPOSITE) as [ChecksumName, (bytes: Buffer) => Buffer][]) {
    const values = parts.flatMap(({ checksums }) => checksums[name] ?? []);
    if (values.length !== parts.length) continue;
    result[name] = `${digest(Buffer.concat(values.map((value) => Buffer.from(value, 'base64')))).toString('base64')}-${parts.length}`;
  }
  return result;
}
