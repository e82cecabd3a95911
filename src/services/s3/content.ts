import { createHash } from 'node:crypto';
import { PipewrightError } from '../../kernel/errors.ts';
import { SliceBody } from '../../ports/blobs.ts';
import type { ByteStream, Slice } from '../../ports/blobs.ts';
import { s3Errors } from './errors.ts';
import type { S3Tools } from './tools.ts';

/** 5 GiB: the most that one PutObject or UploadPart takes. */
const LARGEST = 5 * 1024 ** 3;

export interface Content {
  readonly slices: readonly Slice[];
  readonly size: number;
  /** Lower-case hex. */
  readonly md5: string;
}

async function md5Of(stream: ByteStream): Promise<string> {
  const hash = createHash('md5');
  for await (const chunk of stream) hash.update(chunk);
  return hash.digest('hex');
}

/** Keeps the blobs until the reference to them is committed. False where one is gone. */
export async function keepAll(tools: S3Tools, slices: readonly Slice[]): Promise<boolean> {
  for (const sha256 of new Set(slices.map((slice) => slice.sha256))) {
    if (!(await tools.blobs.keep(sha256))) return false;
  }
  return true;
}

/** What a request says of its body. */
export interface Claims {
  readonly ContentMD5?: string | undefined;
  /** Bytes. */
  readonly ContentLength?: number | undefined;
}

/** Stores a body: bytes that lie in blobs already stay where they are. Throws EntityTooLarge (before a byte is read, where it is declared), BadDigest. */
export async function storeBody(
  tools: S3Tools,
  body: ByteStream | undefined,
  { ContentMD5: contentMd5, ContentLength = 0 }: Claims,
): Promise<Content> {
  // The frames of aws-chunked count in what is declared: less than a sixtieth.
  if (ContentLength > LARGEST + LARGEST / 60) throw s3Errors.entityTooLarge();
  const content = body instanceof SliceBody ? await refer(tools, body) : await put(tools, body ?? new Uint8Array());
  const matches = contentMd5 === undefined || Buffer.from(contentMd5, 'base64').toString('hex') === content.md5;
  if (!matches) throw s3Errors.badDigest('Content-MD5');
  return content;
}

async function refer(tools: S3Tools, body: SliceBody): Promise<Content> {
  if (!(await keepAll(tools, body.slices))) throw new PipewrightError('NoSuchBlob', 'a slice of the body is gone');
  return { slices: body.slices, size: body.size, md5: body.md5 ?? (await md5Of(body)) };
}

async function put(tools: S3Tools, body: ByteStream | Uint8Array): Promise<Content> {
  try {
    const { sha256, size, md5 } = await tools.blobs.put(body, { limit: LARGEST });
    return { slices: [{ sha256, offset: 0, length: size }], size, md5 };
  } catch (error) {
    throw error instanceof PipewrightError && error.code === 'EntityTooLarge' ? s3Errors.entityTooLarge() : error;
  }
}

/** The part of the slices from `start` to before `end`. */
export function cut(slices: readonly Slice[], start: number, end: number): Slice[] {
  const result: Slice[] = [];
  let at = 0;
  for (const { sha256, offset, length } of slices) {
    const from = Math.max(start, at);
    const to = Math.min(end, at + length);
    if (from < to) result.push({ sha256, offset: offset + from - at, length: to - from });
    at += length;
  }
  return result;
}
