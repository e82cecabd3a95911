/** Cuts a line into words as a shell does with its quotes and backslashes, and nothing else of a shell. */
export function wordsOf(line: string): readonly string[] {
  const found: string[] = [];
  const piece = /\s+|"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)|([^\s"'\\]+|["'\\])/gs;
  let word: string | undefined;
  for (const [all, double, single, escaped, plain] of line.matchAll(piece)) {
    if (double === undefined && single === undefined && escaped === undefined && plain === undefined) {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else word = (word ?? '') + (double?.replace(/\\(["\\$`])/g, '$1') ?? single ?? escaped ?? plain ?? all);
  }
  return word === undefined ? found : [...found, word];
}
