import { quote } from '../../kernel/shell-quote.ts';
import type { Runtime, Terminal } from '../../runtimes/runtime.ts';
import type { ShellKind } from '../shell/driver.ts';

export interface TerminalWish {
  readonly runtime: Runtime;
  /** The workload's id. */
  readonly id: string;
  readonly kind: ShellKind;
  /** What the shell reads first. */
  readonly setup: string;
  /** A path, unused so far, for the terminal's own notes. */
  readonly notes: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly columns: number;
  readonly rows: number;
  onOutput(chunk: Uint8Array): void;
}

function interactive(kind: ShellKind, setup: string): string {
  return kind === 'bash' ? `exec bash --rcfile ${quote(setup)} -i` : `ENV=${quote(setup)} exec sh -i`;
}

const PYTHON = 'import pty, os, sys; sys.exit(os.WEXITSTATUS(pty.spawn(sys.argv[1:])))';

/**
 * Gives a shell a terminal by what the machine has: script of util-linux, or Python's pty; without either the shell reads lines and
 * cannot be interrupted, and says so. No module with native code is needed.
 */
function withTerminal({ kind, setup, notes, columns, rows }: TerminalWish): string {
  const shell = interactive(kind, setup);
  const inner = quote(`stty sane rows ${rows} cols ${columns} 2>/dev/null; tty >${quote(`${notes}.tty`)}; ${shell}`);
  return `
exec <&3 3<&-
echo $$ >${quote(`${notes}.pid`)}
export TERM="\${TERM:-xterm-256color}"
if script --version 2>/dev/null | grep -q util-linux; then exec script -qefc ${inner} /dev/null; fi
if command -v python3 >/dev/null 2>&1; then exec python3 -c ${quote(PYTHON)} sh -c ${inner}; fi
echo 'There is neither script (util-linux) nor python3 here: this shell has no terminal. It reads line by line.'
${shell} 2>&1
`;
}

/** A terminal in the build's own surroundings: where the runtime has none of its own, out of one more program there. */
export async function openTerminal(wish: TerminalWish): Promise<Terminal> {
  const { runtime, id, env, cwd, kind, setup, notes, columns, rows } = wish;
  const onOutput = (chunk: Uint8Array): void => wish.onOutput(chunk);
  if (runtime.terminal)
    return runtime.terminal({ id, command: 'sh', args: ['-c', interactive(kind, setup)], env, cwd, columns, rows, onOutput });
  const start = (script: string, heard: (chunk: Uint8Array) => void) =>
    runtime.start({ id, command: 'sh', args: ['-c', script], env, cwd, onOutput: heard });
  const workload = await start(withTerminal(wish), onOutput);
  const aside = async (script: string): Promise<void> => {
    const { control, exit } = await start(script, () => undefined);
    control.end();
    await exit.catch(() => undefined);
  };
  return {
    write: (bytes) => void workload.control.write(bytes),
    end: () => void workload.control.end(),
    exit: workload.exit.then(
      ({ code }) => code ?? undefined,
      () => undefined,
    ),
    resize: (width, height) => aside(`stty -F "$(cat ${quote(`${notes}.tty`)})" rows ${height} cols ${width}`),
    // Not the workload's own stop: that ends all of the build.
    close: () => aside(`kill -HUP "$(cat ${quote(`${notes}.pid`)})"`),
  };
}
