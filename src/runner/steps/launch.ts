import { quote } from '../../kernel/shell-quote.ts';

/** A program that a step starts. */
export interface Launch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Seconds after which it is ended. */
  readonly timeout?: number;
}

/** Names that a shell can export; the others are handed over by env(1). */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Bash sets these itself, and refuses to have them set. */
const READ_ONLY = new Set(['UID', 'EUID', 'PPID', 'BASHOPTS', 'SHELLOPTS', 'BASH_VERSINFO']);

export const isExportable = (name: string): boolean => NAME.test(name) && !READ_ONLY.has(name);

/** Seconds between the SIGTERM and the SIGKILL of what ran out of time. */
const GRACE = 5;

/**
 * What the build's shell is to run: the program in a subshell, so that neither its folder nor its variables stay. The environment goes
 * through the script (a file only the build may read), not through arguments that others can.
 */
export function launchScript({ argv, env, cwd, timeout }: Launch): string {
  const entries = Object.entries(env);
  const exports = entries.filter(([name]) => isExportable(name)).map(([name, value]) => `export ${name}=${quote(value)}`);
  const odd = entries.filter(([name]) => !isExportable(name)).map(([name, value]) => quote(`${name}=${value}`));
  const words = [
    ...(timeout === undefined ? [] : ['timeout', '-k', String(GRACE), String(timeout)]),
    ...(odd.length > 0 ? ['env', ...odd] : []),
    ...argv.map(quote),
  ];
  const lines = ['(', 'set +eux', `cd -- ${quote(cwd)} || exit 1`, ...exports, `exec ${words.join(' ')}`, ')'];
  return lines.join('\n');
}
