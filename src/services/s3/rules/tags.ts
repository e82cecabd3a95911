import type { Tag, TagSet } from '../api.gen.ts';

/** Tags of the `x-amz-tagging` header, `a=1&b=2`. */
export function parseTagHeader(header: string): Tag[] {
  return Array.from(new URLSearchParams(header), ([Key, Value]) => ({ Key, Value }));
}

const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** The first rule that the tags break, in S3's words; undefined where there is none. `most` is 10 for objects, 50 for buckets. */
export function tagProblem(tags: TagSet, most: number): string | undefined {
  if (tags.length > most) return `Object tags cannot be greater than ${most}`;
  if (new Set(tags.map(({ Key }) => Key)).size < tags.length) return 'Cannot provide multiple Tags with the same key';
  for (const { Key, Value } of tags) {
    if (Key.length === 0 || Key.length > 128 || !ALLOWED.test(Key)) return 'The TagKey you have provided is invalid';
    if (Value.length > 256 || !ALLOWED.test(Value)) return 'The TagValue you have provided is invalid';
    if (Key.toLowerCase().startsWith('aws:')) return 'System tags cannot be added/updated by requester';
  }
  return undefined;
}
