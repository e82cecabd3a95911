import { Script, createContext } from 'node:vm';

/** Flags that Java's patterns may carry in front, and JavaScript's cannot. */
const LEADING_FLAGS = /^\(\?([ims]+)\)/;

/** The pattern as JavaScript has it; undefined where it is none. */
export function compile(pattern: string): RegExp | undefined {
  const flags = LEADING_FLAGS.exec(pattern);
  try {
    return new RegExp(pattern.slice(flags?.[0].length ?? 0), [...new Set(flags?.[1])].join(''));
  } catch {
    return undefined;
  }
}

const LONGEST_TEXT = 100_000;
const LONGEST_MS = 100;
const test = new Script('new RegExp(source, flags).test(text)');
const place = createContext(Object.create(null) as object);

/**
 * Whether the pattern is found in the text. Anybody may write a commit message: one that keeps a careless pattern busy for too long
 * does not hold the server up, and is not matched.
 */
export function matches({ source, flags }: RegExp, text: string): boolean {
  Object.assign(place, { source, flags, text: text.slice(0, LONGEST_TEXT) });
  try {
    return test.runInContext(place, { timeout: LONGEST_MS }) === true;
  } catch {
    return false;
  }
}
