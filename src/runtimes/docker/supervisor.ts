import { quote } from '../../kernel/shell-quote.ts';

/** What the container's main process tells us between the output, each after the mark. */
export type Message =
  | { readonly kind: 'ready'; readonly bash: boolean }
  /** For whoever holds the workload's control channel. */
  | { readonly kind: 'answer'; readonly text: string }
  | { readonly kind: 'exit'; readonly code: number };

/** Begins with a NUL: no terminal output does, and `ps` or `cat /proc/1/cmdline` in a build show it as the escape that it is in the scripts. */
export const markOf = (token: string): string => `\0${token} `;
/** The same for a shell's printf; the token must not begin with a digit, which would belong to the escape. */
export const printfMark = (token: string): string => `\\000${token} `;

/**
 * The main process of a build's container: it reads orders from the standard input that we are attached to, and runs the programs of the
 * build one after the other, so that what they install outlives them. A program begins within a millisecond, where the engine's own
 * `exec` takes forty. While one runs, the orders on the input are for it (descriptor 3). As process 1 it also reaps what was orphaned.
 */
export function supervisor(token: string): string {
  const tell = printfMark(token);
  return `
exec 3<&0 </dev/null 2>&1
b=sh; command -v bash >/dev/null 2>&1 && b=bash
printf '${tell}ready %s\\n' "$b"
while IFS= read -r order <&3; do
  case $order in
    start\\ *)
      (. "\${order#start }")
      printf '${tell}exit %s\\n' "$?" ;;
  esac
done
`;
}

/** Names that a shell can export; the others are handed over by env(1). */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Bash sets these itself, and refuses to have them set. */
const READ_ONLY = new Set(['UID', 'EUID', 'PPID', 'BASHOPTS', 'SHELLOPTS', 'BASH_VERSINFO']);

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/**
 * The file that starts a program, and removes itself first: it holds the environment, which so is in no argument that others can read.
 * `otherwise`: where it starts when its own folder is gone.
 */
export function startFile(
  { command, args, env, cwd }: Program,
  { file, otherwise }: { readonly file: string; readonly otherwise: string },
): { readonly path: string; readonly text: string } {
  const entries = Object.entries(env);
  const sayable = (name: string): boolean => NAME.test(name) && !READ_ONLY.has(name);
  const odd = entries.filter(([name]) => !sayable(name)).map(([name, value]) => quote(`${name}=${value}`));
  const words = [...(odd.length > 0 ? ['env', ...odd] : []), ...[command, ...args].map(quote)];
  const lines = [
    `command rm -f -- ${quote(file)}`,
    `cd -- ${quote(cwd)} 2>/dev/null || cd -- ${quote(otherwise)} || exit 126`,
    ...entries.filter(([name]) => sayable(name)).map(([name, value]) => `export ${name}=${quote(value)}`),
    `exec ${words.join(' ')}`,
  ];
  return { path: file, text: `${lines.join('\n')}\n` };
}

export function parseMessage(text: string): Message | undefined {
  const space = text.indexOf(' ');
  const [kind, rest] = [text.slice(0, space), text.slice(space + 1)];
  if (kind === 'ready') return { kind, bash: rest === 'bash' };
  if (kind === 'answer') return { kind, text: rest };
  if (kind === 'exit') return { kind, code: Number(rest) };
  return undefined;
}
