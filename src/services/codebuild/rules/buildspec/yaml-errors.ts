import type { ErrorCode, LineCounter, YAMLError } from 'yaml';
import type { Finding } from './types.ts';

/**
 * CodeBuild reads YAML with libyaml's words ("found character that cannot start any token at line 3"), which people search for;
 * the parser's own sentence becomes the hint.
 */
const LIBYAML: Partial<Record<ErrorCode, string>> = {
  TAB_AS_INDENT: 'found character that cannot start any token',
  BAD_SCALAR_START: 'found character that cannot start any token',
  BLOCK_AS_IMPLICIT_KEY: 'mapping values are not allowed in this context',
  MULTILINE_IMPLICIT_KEY: "could not find expected ':'",
  MISSING_CHAR: "could not find expected ':'",
  BAD_INDENT: 'did not find expected key',
  UNEXPECTED_TOKEN: 'did not find expected key',
  BLOCK_IN_FLOW: "did not find expected ',' or ']'",
  BAD_ALIAS: 'did not find expected alphabetic or numeric character',
  BAD_DQ_ESCAPE: 'found unknown escape character',
};

/** Where the parser's own sentence does not say what to write instead. */
const HINTS: Partial<Record<ErrorCode, string>> = {
  BAD_DQ_ESCAPE: 'In double quotes a backslash begins an escape: write \\\\ for one, or use single quotes.',
};

const CONFLICT = /^(<{7}|={7}|>{7})( |$)/;

function conflictMarkers(text: string): Finding[] {
  const lines = text.split('\n');
  if (!lines.some((line) => line.startsWith('<<<<<<< '))) return [];
  const index = lines.findIndex((line) => CONFLICT.test(line));
  const hint = 'This file still holds the markers of a merge conflict: choose one side and remove the lines <<<<<<<, ======= and >>>>>>>.';
  return [
    {
      message: `could not find expected ':' at line ${index + 1}`,
      line: index + 1,
      column: 1,
      endColumn: lines[index]!.trimEnd().length + 1,
      hint,
    },
  ];
}

function finding(error: YAMLError, lines: LineCounter): Finding {
  const from = lines.linePos(error.pos[0]);
  const to = lines.linePos(error.pos[1]);
  const line = Math.max(from.line, 1);
  const column = Math.max(from.col, 1);
  const own = error.message.split('\n')[0]!;
  const words = LIBYAML[error.code];
  const endColumn = to.line === from.line && to.col > column ? to.col : column + 1;
  return { message: `${words ?? own} at line ${line}`, line, column, endColumn, ...(words ? { hint: HINTS[error.code] ?? own } : {}) };
}

/** Syntax errors. Only the first document counts, as with CodeBuild, so that a second one is no error. */
export function yamlFindings(errors: readonly YAMLError[], lines: LineCounter, text: string): Finding[] {
  const real = errors.filter((error) => error.code !== 'MULTIPLE_DOCS');
  const conflicts = conflictMarkers(text);
  if (conflicts.length > 0) return conflicts;
  return real.map((error) => finding(error, lines));
}
