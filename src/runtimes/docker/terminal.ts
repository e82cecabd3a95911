import type { Terminal, TerminalSpec } from '../runtime.ts';
import type { EngineClient } from './engine/client.ts';

/** The exit status of what was killed with its container. */
const KILLED = 137;

/**
 * A program at a terminal in a container that runs already:
 * https://docs.docker.com/reference/api/engine/version/v1.44/#tag/Exec. The engine makes the terminal.
 */
export async function execTerminal(client: EngineClient, container: string, spec: TerminalSpec): Promise<Terminal> {
  const { command, args, env, cwd, columns, rows } = spec;
  const body = {
    AttachStdin: true,
    AttachStdout: true,
    AttachStderr: true,
    Tty: true,
    Cmd: [command, ...args],
    Env: Object.entries({ TERM: 'xterm-256color', ...env }).map(([name, value]) => `${name}=${value}`),
    WorkingDir: cwd,
    User: '0:0',
  };
  const { Id } = await client.json<{ Id: string }>('POST', `/containers/${container}/exec`, { body });
  const { socket, head } = await client.hijack(`/exec/${Id}/start`, undefined, { Detach: false, Tty: true });
  const resize = async (width: number, height: number): Promise<void> => {
    await client.json('POST', `/exec/${Id}/resize?w=${width}&h=${height}`);
  };
  if (head.length > 0) spec.onOutput(head);
  socket.on('data', (chunk: Buffer) => spec.onOutput(chunk));
  // The close that follows tells all.
  socket.on('error', () => undefined);
  const exit = new Promise<number | undefined>((resolve) => {
    socket.once('close', () => {
      client.json<{ ExitCode?: number | null }>('GET', `/exec/${Id}/json`).then(
        ({ ExitCode }) => resolve(ExitCode === KILLED ? undefined : (ExitCode ?? undefined)),
        // The container is no more.
        () => resolve(undefined),
      );
    });
  });
  // The engine may not have begun it yet; its size is then the usual one.
  await resize(columns, rows).catch(() => undefined);
  return {
    write: (bytes) => void (socket.writable && socket.write(bytes)),
    // To a terminal the end of input is a character.
    end: () => void (socket.writable && socket.write('\x04')),
    resize,
    // Its terminal hangs up, and the shell with it.
    close: async () => void socket.destroy(),
    exit,
  };
}
