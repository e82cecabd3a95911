/** What a step wrote into GITHUB_ENV, GITHUB_OUTPUT or GITHUB_STATE cannot be read. */
export class CommandFileError extends Error {}

/**
 * Reads `NAME=value` lines, and values of several lines: `NAME<<DELIMITER`, the lines, `DELIMITER`.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#multiline-strings
 */
export function parseCommandFile(text: string): readonly (readonly [name: string, value: string])[] {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const found: (readonly [string, string])[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (heredoc >= 0 && (equals < 0 || heredoc < equals)) {
      const delimiter = line.slice(heredoc + 2);
      const end = delimiter === '' ? -1 : lines.indexOf(delimiter, at + 1);
      if (end < 0) throw new CommandFileError(`Line ${at + 1} begins a value that has no end`);
      found.push(named(line.slice(0, heredoc), lines.slice(at + 1, end).join('\n'), at));
      at = end;
    } else if (equals >= 0) found.push(named(line.slice(0, equals), line.slice(equals + 1), at));
    else throw new CommandFileError(`Line ${at + 1} is neither NAME=value nor NAME<<DELIMITER`);
  }
  return found;
}

function named(name: string, value: string, at: number): readonly [string, string] {
  if (name === '') throw new CommandFileError(`Line ${at + 1} has no name`);
  if (name.includes('\0') || value.includes('\0')) throw new CommandFileError(`Line ${at + 1} holds a NUL character`);
  return [name, value];
}

/** One path a line. */
export const parsePathFile = (text: string): readonly string[] =>
  text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => line !== '');
