import { quote } from '../../kernel/shell-quote.ts';
import { startLines, type Program } from '../start-file.ts';

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
 * What a shell says of a program that a signal ended (`Killed`) is its own word, not the build's.
 */
export function supervisor(token: string): string {
  const tell = printfMark(token);
  return `
exec 3<&0 </dev/null 2>/dev/null
b=sh; command -v bash >/dev/null 2>&1 && b=bash
printf '${tell}ready %s\\n' "$b"
while IFS= read -r order <&3; do
  case $order in
    start\\ *)
      (exec 2>&1; . "\${order#start }")
      printf '${tell}exit %s\\n' "$?" ;;
  esac
done
`;
}

/** The file that starts a program, and removes itself first. */
export function startFile(
  program: Program,
  where: { readonly file: string; readonly otherwise: string },
): { readonly path: string; readonly text: string } {
  const lines = [`command rm -f -- ${quote(where.file)}`, ...startLines(program, where.otherwise)];
  return { path: where.file, text: `${lines.join('\n')}\n` };
}

export function parseMessage(text: string): Message | undefined {
  const space = text.indexOf(' ');
  const [kind, rest] = [text.slice(0, space), text.slice(space + 1)];
  if (kind === 'ready') return { kind, bash: rest === 'bash' };
  if (kind === 'answer') return { kind, text: rest };
  if (kind === 'exit') return { kind, code: Number(rest) };
  return undefined;
}
