import type { ServerSideEncryption } from '../api.gen.ts';

/** Members that an object keeps as they were given, and gives back under the same names. */
const KEPT = [
  'CacheControl',
  'ContentDisposition',
  'ContentEncoding',
  'ContentLanguage',
  'ContentType',
  'Expires',
  'WebsiteRedirectLocation',
  'ServerSideEncryption',
  'SSEKMSKeyId',
  'BucketKeyEnabled',
  'StorageClass',
  'Metadata',
] as const;

export const CHECKSUMS = ['ChecksumCRC32', 'ChecksumCRC32C', 'ChecksumCRC64NVME', 'ChecksumSHA1', 'ChecksumSHA256'] as const;

export type ChecksumName = (typeof CHECKSUMS)[number];
export type Checksums = Partial<Record<ChecksumName, string>>;

/** What is stored of an object beside its bytes; JSON. */
export interface Attributes {
  readonly CacheControl?: string;
  readonly ContentDisposition?: string;
  readonly ContentEncoding?: string;
  readonly ContentLanguage?: string;
  readonly ContentType?: string;
  readonly Expires?: number;
  readonly WebsiteRedirectLocation?: string;
  readonly ServerSideEncryption?: ServerSideEncryption;
  readonly SSEKMSKeyId?: string;
  readonly BucketKeyEnabled?: boolean;
  readonly StorageClass?: string;
  readonly Metadata?: Readonly<Record<string, string>>;
}

type Given = { readonly [K in keyof Attributes]?: Attributes[K] | undefined };

/** The kept members of a request. Metadata names are header names: lower case. */
export function keptOf(input: Given): Attributes {
  const kept = Object.fromEntries(KEPT.flatMap((name) => (input[name] === undefined ? [] : [[name, input[name]]]))) as Attributes;
  if (kept.Metadata === undefined) return kept;
  return { ...kept, Metadata: Object.fromEntries(Object.entries(kept.Metadata).map(([name, value]) => [name.toLowerCase(), value])) };
}

/** How many bytes of user metadata there are; S3 takes 2048. */
export function metadataBytes(metadata: Readonly<Record<string, string>> = {}): number {
  return Object.entries(metadata).reduce((sum, [name, value]) => sum + Buffer.byteLength(name) + Buffer.byteLength(value), 0);
}

/** As GetObject and HeadObject show them: the type that S3 assumes, no word about the standard storage class. */
export function shownAttributes({ StorageClass, ...attributes }: Attributes): Attributes & { readonly ContentType: string } {
  return {
    ServerSideEncryption: 'AES256',
    ...attributes,
    ContentType: attributes.ContentType ?? 'binary/octet-stream',
    ...(StorageClass !== undefined && StorageClass !== 'STANDARD' && { StorageClass }),
  };
}
