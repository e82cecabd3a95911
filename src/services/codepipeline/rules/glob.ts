/** Takes one character. */
type Test = (char: string) => boolean;

/** States are numbers; 0 is the start, the last one made is the end. */
interface Automaton {
  readonly steps: (readonly [test: Test, to: number])[][];
  /** Where a state leads without a character. */
  readonly free: number[][];
}

const notSlash: Test = (char) => char !== '/';
const any: Test = () => true;

function addState(automaton: Automaton): number {
  automaton.steps.push([]);
  automaton.free.push([]);
  return automaton.steps.length - 1;
}

/** `[abc]`, `[a-z]`, `[!a]`, read from behind the bracket; undefined where it is not closed (then it stands for itself). */
function readClass(pattern: string, start: number): { readonly test: Test; readonly next: number } | undefined {
  const negated = pattern[start] === '!' || pattern[start] === '^';
  const from = negated ? start + 1 : start;
  const end = pattern.indexOf(']', from + 1);
  if (end < 0) return undefined;
  const inner = Array.from(pattern.slice(from, end));
  const ranges: [string, string][] = [];
  for (let i = 0; i < inner.length; i++) {
    if (inner[i + 1] === '-' && i + 2 < inner.length) {
      ranges.push([inner[i]!, inner[i + 2]!]);
      i += 2;
    } else ranges.push([inner[i]!, inner[i]!]);
  }
  const inside = (char: string) => ranges.some(([low, high]) => low <= char && char <= high);
  return { test: (char) => char !== '/' && inside(char) !== negated, next: end + 1 };
}

class Compiler {
  readonly automaton: Automaton = { steps: [], free: [] };
  readonly #pattern: string;
  #at = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
    addState(this.automaton);
  }

  /** Reads up to the end, or inside braces up to `,` or `}`; answers the state it ends in. */
  sequence(start: number, inBraces: boolean): number {
    let state = start;
    while (this.#at < this.#pattern.length) {
      const char = this.#pattern[this.#at]!;
      if (inBraces && (char === ',' || char === '}')) break;
      state = this.#item(state, char, inBraces);
    }
    return state;
  }

  #item(state: number, char: string, inBraces: boolean): number {
    if (char === '*') return this.#stars(state);
    if (char === '{' && !inBraces && this.#pattern.includes('}', this.#at)) return this.#braces(state);
    this.#at += 1;
    if (char === '?') return this.#one(state, notSlash);
    if (char === '[') {
      const found = readClass(this.#pattern, this.#at);
      if (found) {
        this.#at = found.next;
        return this.#one(state, found.test);
      }
    }
    // A backslash at the end stands for itself.
    if (char === '\\' && this.#at < this.#pattern.length) return this.#literal(state);
    this.#at -= 1;
    return this.#literal(state);
  }

  #literal(state: number): number {
    const char = String.fromCodePoint(this.#pattern.codePointAt(this.#at)!);
    this.#at += char.length;
    return this.#one(state, (other) => other === char);
  }

  #one(state: number, test: Test): number {
    const next = addState(this.automaton);
    this.automaton.steps[state]!.push([test, next]);
    return next;
  }

  /** `**` crosses slashes. As a whole segment it stands for any number of folders, none included. */
  #stars(state: number): number {
    const start = this.#at;
    while (this.#pattern[this.#at] === '*') this.#at += 1;
    const double = this.#at - start > 1;
    const loop = addState(this.automaton);
    this.automaton.free[state]!.push(loop);
    this.automaton.steps[loop]!.push([double ? any : notSlash, loop]);
    const segment = double && (start === 0 || this.#pattern[start - 1] === '/') && this.#pattern[this.#at] === '/';
    if (!segment) return loop;
    this.#at += 1;
    const next = this.#one(loop, (char) => char === '/');
    this.automaton.free[state]!.push(next);
    return next;
  }

  #braces(state: number): number {
    const end = addState(this.automaton);
    do {
      this.#at += 1;
      const branch = addState(this.automaton);
      this.automaton.free[state]!.push(branch);
      this.automaton.free[this.sequence(branch, true)]!.push(end);
    } while (this.#pattern[this.#at] === ',');
    this.#at += 1;
    return end;
  }
}

/** All states that these lead to without a character. */
function closure({ free }: Automaton, states: Iterable<number>): Set<number> {
  const found = new Set(states);
  for (const state of found) for (const next of free[state]!) found.add(next);
  return found;
}

/**
 * A pattern of a trigger's filter: `*` stays inside a segment, `**` crosses them, `?`, `[ ]` with `!` for none of them, `{a,b}` not
 * nested, `\` before a character that is meant itself. Whole names match, in time that grows with name times pattern and no faster: names
 * come from strangers. https://docs.aws.amazon.com/codepipeline/latest/userguide/syntax-glob.html
 */
export function glob(pattern: string): (name: string) => boolean {
  const compiler = new Compiler(pattern);
  const end = compiler.sequence(0, false);
  const { automaton } = compiler;
  return (name) => {
    let states = closure(automaton, [0]);
    for (const char of name) {
      const next = [...states].flatMap((state) => automaton.steps[state]!.flatMap(([test, to]) => (test(char) ? [to] : [])));
      if (next.length === 0) return false;
      states = closure(automaton, next);
    }
    return states.has(end);
  };
}
