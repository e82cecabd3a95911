import { InvalidPattern } from './pattern.ts';

/**
 * The literal pieces between the asterisks, escapes undone: `a*b\*` gives ['a', 'b*']. Throws InvalidPattern.
 * Positions in messages count the opening quotation mark, as EventBridge's do.
 */
export function wildcardPieces(text: string): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  for (let at = 0; at < text.length; at++) {
    const char = text[at]!;
    if (char === '\\') {
      const next = text[++at];
      if (next !== '*' && next !== '\\') throw new InvalidPattern(`Invalid escape character at pos ${at}`);
      piece += next;
    } else if (char === '*') {
      if (text[at + 1] === '*') throw new InvalidPattern(`Consecutive wildcard characters at pos ${at + 1}`);
      pieces.push(piece);
      piece = '';
    } else piece += char;
  }
  return [...pieces, piece];
}

/** Each piece is looked for once, from left to right, and never given up again: no pattern makes this run wild. */
export function matchesPieces(pieces: readonly string[], value: string): boolean {
  const first = pieces[0]!;
  const last = pieces.at(-1)!;
  if (pieces.length === 1) return value === first;
  if (value.length < first.length + last.length || !value.startsWith(first) || !value.endsWith(last)) return false;
  const end = value.length - last.length;
  let from = first.length;
  for (let index = 1; index < pieces.length - 1; index++) {
    const piece = pieces[index]!;
    const found = value.indexOf(piece, from);
    if (found === -1) return false;
    from = found + piece.length;
    if (from > end) return false;
  }
  return true;
}
