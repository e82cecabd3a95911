import { quote } from '../../kernel/shell-quote.ts';

export type ShellKind = 'bash' | 'sh';

/** What a shell knew, in a file. */
export interface Carried {
  readonly file: string;
  readonly whose: 'own' | 'another';
}

export interface DriverFiles {
  readonly script: string;
  readonly state: string;
  /** What to go on from. */
  readonly carried?: Carried | undefined;
  /** Of the workspace: where it is given, answers go to the standard output behind it. For printf. */
  readonly answerMark?: string | undefined;
  /** A folder of programs, the last on the PATH. */
  readonly programs?: string | undefined;
}

interface Answers {
  /** The descriptor that is open for them at the start. */
  readonly to: 1 | 3;
  readonly mark: string;
}

/**
 * What the long-lived shell runs. It reads an order for each command from a descriptor of its own (`run`, or `keep`: the same, but what the
 * shell knows is written down first), sources the script that holds the command
 * (as CodeBuild's agent does, whose error messages name script.sh too), and answers `status<TAB>working directory`. Anything else ends it.
 * Sourcing in one process is what keeps the working directory, unexported variables and functions between commands and phases.
 *
 * - Both descriptors are closed for the commands, which so can neither read orders nor forge answers by accident.
 * - The driver's own standard error is discarded, so that `set -x` shows the build's commands only.
 * - `exit`, `set -e` and syntax errors end the shell: the trap writes down what it knew, and the next shell starts from that. A trap of
 *   the user's takes its place, an `exec` or a signal passes it over: hence `keep`.
 */
export function driver(kind: ShellKind, { script, state, carried, answerMark, programs }: DriverFiles): string {
  const answers: Answers = answerMark === undefined ? { to: 3, mark: '' } : { to: 1, mark: answerMark };
  const path = programs === undefined ? '' : `PATH=$PATH:${quote(programs)}; export PATH\n`;
  const before = carried === undefined ? '' : goingOn(carried);
  return path + before + (kind === 'bash' ? bash : posix)(quote(script), quote(state), answers);
}

const goingOn = ({ file, whose }: Carried): string =>
  whose === 'own' ? `\n{ . ${quote(file)}; } 2>/dev/null\ncd -- "$PWD" 2>/dev/null || :\n` : asAnother(quote(file));

/** Of the other user's variables, those that say who it was are left. */
const asAnother = (file: string): string => `
__pipewright_home=$HOME; __pipewright_user=\${USER-}
{ . ${file}; } 2>/dev/null
export HOME="$__pipewright_home"
if [ -n "$__pipewright_user" ]; then export USER="$__pipewright_user" LOGNAME="$__pipewright_user"; else unset USER LOGNAME; fi
unset __pipewright_home __pipewright_user
cd -- "$PWD" 2>/dev/null || :
`;

const bash = (script: string, state: string, { to, mark }: Answers): string => `
exec 198<&3 199>&${to} 197>&2 3<&-
if [ -f ${state} ]; then . ${state} 2>/dev/null; command rm -f ${state}; fi
__pipewright_save() { { declare -p; declare -f; printf 'cd -- %q\\n' "$PWD"; set +o; shopt -p; } >|${state} 2>/dev/null; }
trap __pipewright_save EXIT
while IFS= read -r __pipewright_order <&198; do
  case $__pipewright_order in run) ;; keep) __pipewright_save || : ;; *) break ;; esac
  . ${script} 2>&197 197>&- 198<&- 199>&-
  printf '${mark}%s\\t%s\\n' "$?" "$PWD" >&199
done 2>/dev/null
trap - EXIT
`;

/** A POSIX shell has single-digit descriptors only; after an \`exit\` it keeps what was exported. */
const posix = (script: string, state: string, { to, mark }: Answers): string => `
exec 8<&3 9>&${to} 7>&2 3<&-
if [ -f ${state} ]; then . ${state} 2>/dev/null; command rm -f ${state}; cd -- "$PWD"; fi
__pipewright_save() { { export -p; set +o; } >|${state} 2>/dev/null; }
trap __pipewright_save EXIT
while IFS= read -r __pipewright_order <&8; do
  case $__pipewright_order in run) ;; keep) __pipewright_save || : ;; *) break ;; esac
  . ${script} 2>&7 7>&- 8<&- 9>&-
  printf '${mark}%s\\t%s\\n' "$?" "$PWD" >&9
done 2>/dev/null
trap - EXIT
`;
