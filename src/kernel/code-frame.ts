/** Where something is wrong in a text: 1-based, `endColumn` exclusive. */
export interface Located {
  readonly message: string;
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
  readonly hint?: string;
}

/** Lines shown before and after the one at fault. */
const AROUND = 2;
/** Longer lines are cut: a frame is for a terminal. */
const WIDEST = 160;

function numbered(text: string, number: number, width: number, mark: string): string {
  return `${mark} ${String(number).padStart(width)} | ${text.slice(0, WIDEST)}`.trimEnd();
}

/**
 * The message with the lines it is about and carets under the place:
 *
 *     buildspec.yml:6:9: Expected Commands[0] to be of string type
 *         5 |     commands:
 *     >   6 |       - echo "Hello: world"
 *           |         ^^^^^^^^^^^^^^^^^^^
 *
 * `colour` paints the parts (picocolors or similar); without it the text is plain.
 */
export function codeFrame(
  file: string,
  source: string,
  found: Located,
  colour: (part: 'error' | 'hint', text: string) => string = (_, text) => text,
): string {
  const lines = source.split(/\r?\n/);
  const first = Math.max(1, found.line - AROUND);
  const last = Math.min(lines.length, found.line + AROUND);
  const width = String(last).length + 2;
  const frame: string[] = [`${file}:${found.line}:${found.column}: ${colour('error', found.message)}`];
  for (let number = first; number <= last; number++) {
    const text = (lines[number - 1] ?? '').replaceAll('\t', ' ');
    frame.push(numbered(text, number, width, number === found.line ? '>' : ' '));
    if (number === found.line && found.column <= WIDEST) frame.push(carets(found, text, width, colour));
  }
  if (found.hint) frame.push(colour('hint', `  ${found.hint}`));
  return frame.join('\n');
}

function carets(found: Located, text: string, width: number, colour: (part: 'error' | 'hint', text: string) => string): string {
  const end = Math.min(found.endColumn, text.length + 1, WIDEST + 1);
  const length = Math.max(1, end - found.column);
  return `  ${' '.repeat(width)} | ${' '.repeat(found.column - 1)}${colour('error', '^'.repeat(length))}`;
}
