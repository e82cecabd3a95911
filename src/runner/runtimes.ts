import { unreachable } from '../kernel/errors.ts';
import type { ContainerSettings, DockerRuntime } from '../runtimes/docker/runtime.ts';
import type { IsolationMode, ProcessRuntime } from '../runtimes/process/runtime.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import type { BuildJob } from '../services/pipewright/api.gen.ts';

export interface RuntimeSettings extends ContainerSettings {
  readonly runtime: 'auto' | 'process' | 'docker';
  readonly isolation: IsolationMode;
}

/** Where a build runs, and what its log says of it first. */
export interface Chosen {
  readonly runtime: Runtime;
  readonly notices: readonly string[];
}

/** Environments of AWS that are a container; in the others commands run on the machine itself, or need another operating system. */
const CONTAINERS = new Set(['LINUX_CONTAINER', 'ARM_CONTAINER', 'LINUX_GPU_CONTAINER', 'LINUX_LAMBDA_CONTAINER', 'ARM_LAMBDA_CONTAINER']);

/** What a build's log says first where it is not isolated. */
export const notIsolated = (why: string): string =>
  `This build is not isolated (${why}): it can read and write what the user that runs it can.`;

/** `open`: why it is not isolated. */
function onHost({ image = 'host', environment: { privilegedMode } }: BuildJob, why: string, open: string | undefined): readonly string[] {
  const exposed = open === undefined ? [] : [notIsolated(open)];
  if (image === 'host') return exposed;
  return [
    ...exposed,
    `No container engine is used here (${why}): the build runs on the host itself, not in the image ${image}.`,
    ...(privilegedMode && open !== undefined ? ['privilegedMode has no effect on the host.'] : []),
  ];
}

/** The runtimes of this machine, and which of them a build gets. */
export class Runtimes {
  readonly #process: ProcessRuntime;
  readonly #docker: DockerRuntime;
  #mode: RuntimeSettings['runtime'] = 'auto';

  constructor(runtimes: { readonly process: ProcessRuntime; readonly docker: DockerRuntime }) {
    this.#process = runtimes.process;
    this.#docker = runtimes.docker;
  }

  configure({ runtime, isolation, ...containers }: RuntimeSettings): void {
    this.#mode = runtime;
    this.#process.configure(isolation);
    this.#docker.configure(containers);
  }

  async choose(job: BuildJob): Promise<Chosen> {
    const host = async (why: string): Promise<Chosen> => {
      const detected = await this.#process.isolation();
      return { runtime: this.#process, notices: onHost(job, why, 'missing' in detected ? detected.missing : undefined) };
    };
    const docker: Chosen = { runtime: this.#docker, notices: [] };
    // No command of the user runs in it: its own folders are all it needs.
    if (job.batchPart) return { runtime: this.#process, notices: [] };
    if ((job.image ?? 'host') === 'host') return host('');
    switch (this.#mode) {
      case 'process':
        return host('--build-runtime process');
      case 'docker':
        return docker;
      case 'auto': {
        if (!CONTAINERS.has(job.environment.type)) return host(`environment type ${job.environment.type}`);
        const missing = await this.#docker.missing();
        return missing === undefined ? docker : host(missing);
      }
      default:
        return unreachable(this.#mode);
    }
  }

  /** Ends what an earlier life of the runner left; the ids of its builds. */
  async sweep(): Promise<readonly string[]> {
    return (await Promise.all([this.#process.sweep(), this.#docker.sweep()])).flat();
  }

  /** Removes what was made ahead. */
  async close(): Promise<void> {
    await Promise.all([this.#process.close(), this.#docker.close()]);
  }
}
