import { dirname } from 'node:path';
import { quote } from '../../kernel/shell-quote.ts';

/** A program that a step starts. */
export interface Launch {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Empty files in one new folder, for what it tells its runner. */
  readonly files: readonly string[];
  /** Seconds after which it is ended. */
  readonly timeout?: number;
}

/** Names that a shell can export; the others are handed over by env(1). */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Bash sets these itself, and refuses to have them set. */
const READ_ONLY = new Set(['UID', 'EUID', 'PPID', 'BASHOPTS', 'SHELLOPTS', 'BASH_VERSINFO']);

export const isExportable = (name: string): boolean => NAME.test(name) && !READ_ONLY.has(name);

/** Its exit status where it ran out of time. */
export const OUT_OF_TIME = 124;

/**
 * Runs a program in a process group of its own, and ends all of that after so many seconds ($0): timeout(1) of busybox ends one process.
 * The program's own status otherwise.
 */
const WATCH = `
exec 9>&2 2>/dev/null
fired=
trap fired=1 USR1
setsid "$@" 2>&9 9>&- & p=$!
(
  exec 9>&-
  trap 'kill $s; exit' TERM
  sleep "$0" & s=$!
  wait $s
  kill -USR1 $$
  kill -TERM -$p
  for i in 1 2 3 4 5; do kill -0 -$p || exit; sleep 1; done
  kill -KILL -$p
) & w=$!
wait $p; s=$?
if [ -n "$fired" ]; then wait $p; wait $w; exit ${OUT_OF_TIME}; fi
kill $w
exit $s
`;

/**
 * What the build's shell is to run: the program in a subshell, so that neither its folder nor its variables stay. The environment goes
 * through the script (a file only the build may read), not through arguments that others can.
 */
export function launchScript({ argv, env, cwd, files, timeout }: Launch): string {
  const entries = Object.entries(env);
  const exports = entries.filter(([name]) => isExportable(name)).map(([name, value]) => `export ${name}=${quote(value)}`);
  const odd = entries.filter(([name]) => !isExportable(name)).map(([name, value]) => quote(`${name}=${value}`));
  const words = [
    ...(timeout === undefined ? [] : ['sh', '-c', quote(WATCH), String(timeout)]),
    ...(odd.length > 0 ? ['env', ...odd] : []),
    ...argv.map(quote),
  ];
  const made = files.map((file) => `: >|${quote(file)}`);
  const folder = files[0] === undefined ? [] : [`mkdir -m 777 ${quote(dirname(files[0]))} || exit 1`];
  const lines = ['(', 'set +eux', ...folder, ...made, `cd -- ${quote(cwd)} || exit 1`, ...exports, `exec ${words.join(' ')}`, ')'];
  return lines.join('\n');
}
