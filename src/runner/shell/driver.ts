export type ShellKind = 'bash' | 'sh';

/**
 * What the long-lived shell runs. It reads a line for each command from a descriptor of its own, sources the script that holds the command
 * (as CodeBuild's agent does, whose error messages name script.sh too), and answers `status<TAB>working directory`.
 * Sourcing in one process is what keeps the working directory, unexported variables and functions between commands and phases.
 *
 * - Both descriptors are closed for the commands, which so can neither read orders nor forge answers by accident.
 * - The driver's own standard error is discarded, so that `set -x` shows the build's commands only.
 * - `exit`, `set -e` and syntax errors end the shell: the trap writes down what it knew, and the next shell starts from that.
 */
export function driver(kind: ShellKind, script: string, state: string): string {
  return kind === 'bash' ? bash(quote(script), quote(state)) : posix(quote(script), quote(state));
}

export const quote = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

const bash = (script: string, state: string): string => `
exec 198<&3 199>&3 197>&2 3<&-
if [ -f ${state} ]; then . ${state} 2>/dev/null; command rm -f ${state}; fi
__pipewright_save() { { declare -p; declare -f; printf 'cd -- %q\\n' "$PWD"; set +o; shopt -p; } >|${state} 2>/dev/null; }
trap __pipewright_save EXIT
while IFS= read -r __pipewright_order <&198; do
  . ${script} 2>&197 197>&- 198<&- 199>&-
  printf '%s\\t%s\\n' "$?" "$PWD" >&199
done 2>/dev/null
trap - EXIT
`;

/** A POSIX shell has single-digit descriptors only; after an \`exit\` it keeps what was exported. */
const posix = (script: string, state: string): string => `
exec 8<&3 9>&3 7>&2 3<&-
if [ -f ${state} ]; then . ${state} 2>/dev/null; command rm -f ${state}; cd -- "$PWD"; fi
__pipewright_save() { { export -p; set +o; } >|${state} 2>/dev/null; }
trap __pipewright_save EXIT
while IFS= read -r __pipewright_order <&8; do
  . ${script} 2>&7 7>&- 8<&- 9>&-
  printf '%s\\t%s\\n' "$?" "$PWD" >&9
done 2>/dev/null
trap - EXIT
`;
