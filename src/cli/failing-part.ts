const AGENT = /^\[Container\] \d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d(\.\d+)? /;

/** A line of a build's output; the agent's own without their time. */
export function withoutStamp(line: string): string {
  return line.replace(AGENT, '');
}

/** Of a failed build's output the phase that failed, from its beginning; all of it where none says so. */
export function failingPart(lines: readonly string[]): readonly string[] {
  const bare = lines.map(withoutStamp);
  const phase = bare.findLast((line, index) => lines[index] !== line && /^Phase complete: \w+ State: FAILED/.test(line))?.split(' ', 3)[2];
  const start = bare.findLastIndex((line, index) => lines[index] !== line && line === `Entering phase ${phase}`);
  return bare.slice(Math.max(0, start));
}
