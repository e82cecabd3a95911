import { jsonLogger } from '../kernel/log.ts';
import { readSettings } from '../runner/settings.ts';
import { listen } from '../runner/spawner/listen.ts';
import { makeRunner } from './make-runner.ts';

/** The runner child: `runner.js SOCKET FOLDER`. It starts programs for the server at once, and builds as soon as the server has said where it is. */
export async function main([socket, folder]: readonly string[]): Promise<void> {
  if (!socket || !folder) throw new TypeError('runner SOCKET FOLDER');
  const log = jsonLogger((line) => void process.stderr.write(line), Date.now);
  const { runner, runnerId, swept } = makeRunner({ folder, log });
  let connected = 0;
  const leave = (): void => void runner.stop().finally(() => process.exit(0));
  await listen(socket, {
    configure(settings) {
      connected++;
      const known = readSettings(settings);
      void swept.finally(() => runner.connect(known));
      return { runnerId, pid: process.pid };
    },
    shutdown: leave,
    abandoned() {
      const before = connected;
      void runner.abandoned().then(() => connected === before && leave());
    },
  });
  // A server that died before it ever spoke to us will not come back to this socket.
  process.stdin.resume().on('close', () => connected === 0 && leave());
  // The server's end of these may be gone while we finish its builds.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, leave);
  process.stdout.write('listening\n');
}
