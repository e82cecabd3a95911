import { runInNewContext } from 'node:vm';

/** What both know by the same letter after a backslash; Java's others (`\A`, `\h`, `\R`, `\v`, …) are not JavaScript's. */
const SHARED = /^[dDwWsSbBtnrfxukpPc1-9]$/;
const SYNTAX = /^[\^$\\.*+?()[\]{}|/-]$/;
/** Longest that one evaluation may take, ms: an expression can be written so that it would never end, and the server waits for it. */
const LONGEST_MS = 100;
/** A machine that is busy with something else is no fault of the expression: it is tried again so often. */
const MOST_TRIES = 20;

const literal = (text: string): string => text.replace(/[\^$\\.*+?()[\]{}|/]/g, '\\$&');

interface Translated {
  readonly source: string;
  readonly flags: string;
}

/** Java's expression in JavaScript's words; undefined where it has none. */
function translate(expression: string): Translated | undefined {
  const [whole = '', flags = ''] = /^\(\?([ism]+)\)/.exec(expression) ?? [];
  const text = expression.slice(whole.length);
  let source = '';
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    const next = text[at + 1] ?? '';
    if (character !== '\\') {
      source += character;
    } else if (next === 'Q') {
      const end = text.indexOf('\\E', at + 2);
      source += literal(text.slice(at + 2, end === -1 ? undefined : end));
      at = end === -1 ? text.length : end + 1;
    } else {
      const escaped = escape(next, text.slice(0, at));
      if (escaped === undefined) return undefined;
      source += escaped;
      at++;
    }
  }
  return { source, flags: [...new Set(flags)].join('') };
}

/** Java lets every character that is no letter or digit be escaped, JavaScript those that mean something. */
function escape(character: string, before: string): string | undefined {
  if (character === '-') return before.lastIndexOf('[') > before.lastIndexOf(']') ? '\\-' : '-';
  if (SYNTAX.test(character) || SHARED.test(character)) return `\\${character}`;
  return character === '' || /[a-zA-Z0-9]/.test(character) ? undefined : character;
}

/**
 * Java's `String.matches`: whether the expression takes the whole text. Undefined where it cannot be told: what only Java's expressions
 * know (possessive quantifiers, `&&` in classes), what is no expression at all, and what takes too long.
 * https://docs.oracle.com/en/java/javase/17/docs/api/java.base/java/util/regex/Pattern.html
 */
export function matches(text: string, expression: string): boolean | undefined {
  const translated = translate(expression);
  if (!translated) return undefined;
  const given = { source: `^(?:${translated.source})$`, flags: `${translated.flags.replace('m', '')}u`, text };
  for (let tries = 1; ; tries++) {
    const before = process.cpuUsage();
    try {
      return runInNewContext('new RegExp(source, flags).test(text)', given, { timeout: LONGEST_MS }) as boolean;
    } catch (error) {
      const timedOut = (error as { code?: unknown }).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
      const worked = process.cpuUsage(before).user / 1000 > LONGEST_MS / 2;
      if (!timedOut || worked || tries === MOST_TRIES) return undefined;
    }
  }
}
