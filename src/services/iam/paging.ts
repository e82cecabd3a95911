import { ApiError } from '../../protocol/errors.ts';
import { decodePageToken, encodePageToken } from '../../protocol/page-token.ts';

const DEFAULT_ITEMS = 100;

export interface PageRequest {
  readonly Marker?: string;
  readonly MaxItems?: number;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** What every paged answer of IAM ends with. */
  readonly rest: { readonly IsTruncated: boolean; readonly Marker?: string };
}

/** One page of a listing whose rows carry their own place in it. `scope` names the listing and its filters. */
export async function page<Row extends { readonly cursor: string }>(
  scope: string,
  { Marker, MaxItems }: PageRequest,
  read: (after: string, limit: number) => Promise<readonly Row[]>,
): Promise<Page<Row>> {
  const after = decodePageToken(scope, Marker, () => new ApiError('ValidationError', 'Invalid Marker.', 400));
  const limit = MaxItems ?? DEFAULT_ITEMS;
  const found = await read(String(after ?? ''), limit + 1);
  const rows = found.slice(0, limit);
  if (found.length <= limit) return { rows, rest: { IsTruncated: false } };
  return { rows, rest: { IsTruncated: true, Marker: encodePageToken(scope, rows.at(-1)!.cursor) } };
}
