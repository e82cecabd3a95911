/** Bytes of something. */
export interface Span {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/**
 * The one range that a Range header asks for, of `size` bytes. Undefined means "all of it": for no header, other units, several
 * ranges and text that is no range (RFC 9110 §14.2 lets them be ignored, and S3 does). Unsatisfiable ranges are told apart.
 */
export function parseRange(header: string | undefined, size: number): Span | 'unsatisfiable' | undefined {
  const match = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/.exec(header ?? '');
  if (!match || (match[1] === '' && match[2] === '')) return undefined;
  const [, first = '', last = ''] = match;
  if (first === '') {
    const length = Math.min(Number(last), size);
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size };
  }
  const start = Number(first);
  const end = last === '' ? size : Math.min(Number(last) + 1, size);
  if (last !== '' && Number(last) < start) return undefined;
  return start >= size ? 'unsatisfiable' : { start, end };
}
