import { quote } from '../../kernel/shell-quote.ts';
import type { ShellKind } from '../shell/driver.ts';
import type { Checkpoint } from '../shell/shell.ts';
import { MEETING } from './programs.ts';

/** Where a paused build stands. */
export type Standing =
  | { readonly kind: 'running' }
  /** It does not run a build: people and commands come to it. */
  | { readonly kind: 'sandbox' }
  /** At a command of its own, which wrote down what it knew. */
  | { readonly kind: 'breakpoint'; readonly temporary: string }
  /** Behind a command that failed. */
  | { readonly kind: 'command'; readonly checkpoint: Checkpoint | undefined };

function place(standing: Standing): readonly string[] {
  switch (standing.kind) {
    case 'running':
      return ['echo "The build is not paused: this shell knows what the build began with."'];
    case 'sandbox':
      return [];
    case 'breakpoint': {
      const at = (name: string): string => quote(`${standing.temporary}/${name}`);
      return [`. ${at(MEETING.variables)} 2>/dev/null`, `cd -- "$(cat ${at(MEETING.folder)})"`];
    }
    case 'command': {
      const { checkpoint } = standing;
      return checkpoint ? [`. ${quote(checkpoint.file)} 2>/dev/null`, `cd -- ${quote(checkpoint.cwd)}`] : [];
    }
  }
}

/** What a debugging shell reads first: it knows what the build knows where it stands, and is a shell to work in. */
export function setupOf(kind: ShellKind, standing: Standing): string {
  const name = standing.kind === 'sandbox' ? '[sandbox]' : '[build]';
  const lines = [
    ...place(standing),
    // The build's own settings: a failing command must not end this shell.
    'set +eux',
    'unset HISTFILE',
    ...(kind === 'bash'
      ? [
          'set +o pipefail; { set -o emacs; set -o history; set -m; shopt -s expand_aliases checkwinsize; } 2>/dev/null',
          `PROMPT_COMMAND= PS1='${name} \\w \\$ '`,
        ]
      : [`PS1='${name} $ '`]),
  ];
  return `${lines.join('\n')}\n`;
}
