import { unreachable } from '../kernel/errors.ts';
import type { ContainerSettings, DockerRuntime } from '../runtimes/docker/runtime.ts';
import type { Runtime } from '../runtimes/runtime.ts';
import type { BuildJob } from '../services/pipewright/api.gen.ts';

export interface RuntimeSettings extends ContainerSettings {
  readonly runtime: 'auto' | 'process' | 'docker';
}

/** Where a build runs, and what its log says of it first. */
export interface Chosen {
  readonly runtime: Runtime;
  readonly notices: readonly string[];
}

/** Environments of AWS that are a container; in the others commands run on the machine itself, or need another operating system. */
const CONTAINERS = new Set(['LINUX_CONTAINER', 'ARM_CONTAINER', 'LINUX_GPU_CONTAINER', 'LINUX_LAMBDA_CONTAINER', 'ARM_LAMBDA_CONTAINER']);

function onHost({ image = 'host', environment: { privilegedMode } }: BuildJob, why: string): readonly string[] {
  if (image === 'host') return [];
  return [
    `No container engine is used here (${why}): the build runs on the host itself, not in the image ${image}.`,
    ...(privilegedMode ? ['privilegedMode has no effect on the host.'] : []),
    'It can read what the user that runs the server can read.',
  ];
}

/** The runtimes of this machine, and which of them a build gets. */
export class Runtimes {
  readonly #process: Runtime;
  readonly #docker: DockerRuntime;
  #mode: RuntimeSettings['runtime'] = 'auto';

  constructor(runtimes: { readonly process: Runtime; readonly docker: DockerRuntime }) {
    this.#process = runtimes.process;
    this.#docker = runtimes.docker;
  }

  configure({ runtime, ...containers }: RuntimeSettings): void {
    this.#mode = runtime;
    this.#docker.configure(containers);
  }

  async choose(job: BuildJob): Promise<Chosen> {
    const host = (why: string): Chosen => ({ runtime: this.#process, notices: onHost(job, why) });
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

  close(): Promise<void> {
    return this.#docker.close();
  }
}
