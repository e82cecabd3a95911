import { s3Errors } from './errors.ts';
import { grantsOfHeaders, ownerOf } from './rules/acl.ts';
import type { GrantHeaders } from './rules/acl.ts';
import { CHECKSUMS, keptOf, metadataBytes } from './rules/attributes.ts';
import type { Attributes, Checksums } from './rules/attributes.ts';
import { parseTagHeader, tagProblem } from './rules/tags.ts';
import type { Tag } from './api.gen.ts';
import type { BucketRow } from './tables.ts';
import type { Call } from './tools.ts';

const LONGEST_KEY = 1024;
const MOST_METADATA = 2048;

/** JSON of a valid set of object tags. Throws InvalidTag. */
export function tagsJson(tags: readonly Tag[]): string | null {
  const problem = tagProblem(tags, 10);
  if (problem !== undefined) throw s3Errors.invalidTag(problem);
  return tags.length === 0 ? null : JSON.stringify(tags);
}

/** JSON of the grants that the request's ACL headers mean; null for none. */
export function aclJson(bucket: BucketRow, headers: GrantHeaders): string | null {
  const grants = grantsOfHeaders(headers, ownerOf(bucket.account));
  if (grants === 'malformed') throw s3Errors.invalidArgument('The ACL that was given is not valid', 'x-amz-acl', headers.ACL);
  return grants ? JSON.stringify(grants) : null;
}

type Given = { readonly [K in keyof Attributes]?: Attributes[K] | undefined } & GrantHeaders & {
    readonly Key: string;
    readonly Tagging?: string;
  };

/** What a request says of an object beside its bytes, as it is stored. Throws KeyTooLongError, InvalidURI, MetadataTooLarge, InvalidTag, InvalidArgument. */
export function factsOf(
  bucket: BucketRow,
  input: Given,
): { readonly attributes: Attributes; readonly tags: string | null; readonly acl: string | null } {
  if (Buffer.byteLength(input.Key) > LONGEST_KEY) throw s3Errors.keyTooLong();
  if (climbsOut(input.Key)) throw s3Errors.invalidUri();
  if (metadataBytes(input.Metadata) > MOST_METADATA) throw s3Errors.metadataTooLarge();
  return {
    attributes: keptOf(input),
    tags: input.Tagging === undefined ? null : tagsJson(parseTagHeader(input.Tagging)),
    acl: aclJson(bucket, input),
  };
}

/**
 * The checksums that came with a body: in members of the input, or as trailers, which are complete once the body has been read.
 * Whoever read the body from the wire has verified them.
 */
export function checksumsOf({ ctx }: Call, input: { readonly [K in (typeof CHECKSUMS)[number]]?: string }): Checksums {
  const found: Checksums = {};
  for (const name of CHECKSUMS) {
    const value = input[name] ?? ctx.wire?.trailers[`x-amz-checksum-${name.slice('Checksum'.length).toLowerCase()}`];
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** Whether a key, read as a path, leads above its bucket. Nothing here makes paths of keys; those who download them may. */
function climbsOut(key: string): boolean {
  let depth = 0;
  for (const segment of key.split('/')) {
    if (segment === '..' && --depth < 0) return true;
    if (segment !== '..' && segment !== '.' && segment !== '') depth++;
  }
  return false;
}
