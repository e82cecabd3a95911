import type { Span } from '../../../kernel/byte-range.ts';

/** `x-amz-copy-source-range` must lie in the source, with both ends given. */
export function parseCopyRange(header: string, size: number): Span | 'malformed' | 'unsatisfiable' {
  const match = /^bytes=(\d+)-(\d+)$/.exec(header);
  if (!match || Number(match[2]) < Number(match[1])) return 'malformed';
  const span = { start: Number(match[1]), end: Number(match[2]) + 1 };
  return span.end > size ? 'unsatisfiable' : span;
}
