/**
 * Patterns of the models whose nested repetition takes a backtracking matcher exponential time, and linear ones that accept the same
 * texts: a run of visible characters and spaces, with tabs allowed anywhere.
 */
const LINEAR: Readonly<Record<string, string>> = {
  '^[ \\t]*[\\x20-\\x7E]+([ \\t]+[\\x20-\\x7E]+)*[ \\t]*$': '\\t*[\\x20-\\x7E][\\t\\x20-\\x7E]*',
  '^[ \\t]*[^\\x00-\\x1F:\\x7F]+([ \\t]+[^\\x00-\\x1F:\\x7F]+)*[ \\t]*$': '\\t*[^\\x00-\\x1F:\\x7F](?:\\t|[^\\x00-\\x1F:\\x7F])*',
};

const compiled = new Map<string, RegExp | undefined>();

function compile(pattern: string): RegExp | undefined {
  const source = `^(?:${LINEAR[pattern] ?? pattern})$`;
  for (const flags of ['u', '']) {
    try {
      return new RegExp(source, flags);
    } catch {
      // The models' patterns are Java's; some escapes are errors under `u` only. What compiles neither way is skipped.
    }
  }
  return undefined;
}

/** The matcher of a model's pattern, for whole values as in AWS; undefined where JavaScript cannot express the pattern. */
export function patternOf(pattern: string): RegExp | undefined {
  if (!compiled.has(pattern)) compiled.set(pattern, compile(pattern));
  return compiled.get(pattern);
}
