export interface Conditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  /** Epoch ms. */
  readonly ifModifiedSince?: number | undefined;
  readonly ifUnmodifiedSince?: number | undefined;
}

export interface Validators {
  /** Without quotes. */
  readonly etag: string;
  /** Epoch ms. */
  readonly modified: number;
}

/** Whether one of the listed tags (`*`, `"a", "b"`, or bare) is this one; weak tags compare as strong ones do. */
export function matchesTag(header: string, etag: string): boolean {
  return header.split(',').some((item) => {
    const tag = item.trim().replace(/^W\//, '').replaceAll('"', '');
    return tag === '*' || tag === etag;
  });
}

/** HTTP dates have whole seconds. */
const second = (ms: number): number => Math.floor(ms / 1000);

/**
 * What a read's conditions say, in the order of RFC 9110 §13.2.2, as S3 has it
 * (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-reads.html): entity tags decide before dates do.
 */
export function checkRead(
  conditions: Conditions,
  { etag, modified }: Validators,
): 'proceed' | 'notModified' | 'If-Match' | 'If-Unmodified-Since' {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined) {
    if (!matchesTag(ifMatch, etag)) return 'If-Match';
  } else if (ifUnmodifiedSince !== undefined && second(modified) > second(ifUnmodifiedSince)) return 'If-Unmodified-Since';
  if (ifNoneMatch !== undefined) return matchesTag(ifNoneMatch, etag) ? 'notModified' : 'proceed';
  if (ifModifiedSince !== undefined && second(modified) <= second(ifModifiedSince)) return 'notModified';
  return 'proceed';
}

/** A write's condition: the object must be (or not be) there. S3 takes If-None-Match with `*` only. */
export type WriteCondition =
  | { readonly kind: 'none' }
  | { readonly kind: 'absent' }
  | { readonly kind: 'tag'; readonly etag: string }
  | { readonly kind: 'unsupported' };

export function writeCondition(ifMatch: string | undefined, ifNoneMatch: string | undefined): WriteCondition {
  if (ifMatch !== undefined && ifNoneMatch !== undefined) return { kind: 'unsupported' };
  if (ifNoneMatch !== undefined) return ifNoneMatch.trim() === '*' ? { kind: 'absent' } : { kind: 'unsupported' };
  if (ifMatch === undefined) return { kind: 'none' };
  return { kind: 'tag', etag: ifMatch.trim().replaceAll('"', '') };
}
