import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf } from '../kernel/errors.ts';
import { jsonLogger } from '../kernel/log.ts';
import { DockerRuntime } from '../runtimes/docker/runtime.ts';
import { ProcessRuntime } from '../runtimes/process/runtime.ts';
import { Runner } from '../runner/runner.ts';
import { Runtimes } from '../runner/runtimes.ts';
import { readSettings } from '../runner/settings.ts';
import { listen } from '../runner/spawner/listen.ts';

/** The id of this work folder's runner, kept in it. */
function identity(folder: string): string {
  const file = join(folder, 'runner-id');
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const id = randomUUID();
    writeFileSync(file, id, { mode: 0o600 });
    return id;
  }
}

/** The runner child: `runner.js SOCKET FOLDER`. It starts programs for the server at once, and builds as soon as the server has said where it is. */
export async function main([socket, folder]: readonly string[]): Promise<void> {
  if (!socket || !folder) throw new TypeError('runner SOCKET FOLDER');
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const log = jsonLogger((line) => void process.stderr.write(line), Date.now);
  const runnerId = identity(folder);
  const host = new ProcessRuntime(folder, { own: [dirname(folder)] });
  const { DOCKER_HOST, DOCKER_CONFIG, XDG_RUNTIME_DIR, HOME } = process.env;
  const env = { DOCKER_HOST, DOCKER_CONFIG, XDG_RUNTIME_DIR, HOME };
  const runtimes = new Runtimes({ process: host, docker: new DockerRuntime({ folder, owner: runnerId, env, log }) });
  const capacity = Math.max(8, availableParallelism() * 4);
  const gitProtocols = process.env['PIPEWRIGHT_TEST_GIT_PROTOCOLS'];
  const runner = new Runner({ runnerId, instanceId: randomUUID(), folder, capacity, runtimes, log, ...(gitProtocols && { gitProtocols }) });
  const swept = runner.sweep().then(() => host.warm());
  swept.catch((error: unknown) => log.error('sweeping failed', { error: messageOf(error) }));
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
