/**
 * Opaque page tokens: they carry the cursor and the listing it belongs to, so that a token of one listing (or of another
 * filter) is refused by the next. They are not secrets: a forged one only moves the reader within what he may list.
 */
export function encodePageToken(scope: string, cursor: string | number): string {
  return Buffer.from(JSON.stringify([scope, cursor])).toString('base64url');
}

/** The cursor of a token of this scope; throws `invalid()` for anything else. Undefined for no token. */
export function decodePageToken(scope: string, token: string | undefined, invalid: () => Error): string | number | undefined {
  if (token === undefined) return undefined;
  const parsed = parse(token);
  if (!Array.isArray(parsed) || parsed.length !== 2 || parsed[0] !== scope) throw invalid();
  const cursor: unknown = parsed[1];
  if (typeof cursor !== 'string' && typeof cursor !== 'number') throw invalid();
  return cursor;
}

function parse(token: string): unknown {
  try {
    return JSON.parse(Buffer.from(token, 'base64url').toString());
  } catch {
    return undefined;
  }
}
