import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { dirname, join } from 'node:path';
import { messageOf } from '../kernel/errors.ts';
import type { Logger } from '../kernel/log.ts';
import { DockerRuntime } from '../runtimes/docker/runtime.ts';
import { ProcessRuntime } from '../runtimes/process/runtime.ts';
import { Runner } from '../runner/runner.ts';
import { Runtimes } from '../runner/runtimes.ts';

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

export interface RunnerPlace {
  /** Its work folder, made where it is not there. */
  readonly folder: string;
  readonly log: Logger;
  /** Builds at once. */
  readonly capacity?: number;
  readonly fleetArn?: string;
}

/** A runner with its runtimes on this machine. It may be connected once `swept` has settled: then what an earlier life left is gone. */
export function makeRunner({ folder, log, capacity = Math.max(8, availableParallelism() * 4), fleetArn }: RunnerPlace) {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const runnerId = identity(folder);
  const host = new ProcessRuntime(folder, { own: [dirname(folder)] });
  const { DOCKER_HOST, DOCKER_CONFIG, XDG_RUNTIME_DIR, HOME, PIPEWRIGHT_TEST_GIT_PROTOCOLS: gitProtocols } = process.env;
  const env = { DOCKER_HOST, DOCKER_CONFIG, XDG_RUNTIME_DIR, HOME };
  const runtimes = new Runtimes({ process: host, docker: new DockerRuntime({ folder, owner: runnerId, env, log }) });
  const runner = new Runner({
    runnerId,
    instanceId: randomUUID(),
    folder,
    capacity,
    runtimes,
    log,
    ...(fleetArn !== undefined && { fleetArn }),
    ...(gitProtocols && { gitProtocols }),
  });
  const swept = runner.sweep().then(() => host.warm());
  swept.catch((error: unknown) => log.error('sweeping failed', { error: messageOf(error) }));
  return { runner, runnerId, swept };
}
