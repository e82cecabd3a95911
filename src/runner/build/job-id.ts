import type { BuildJob } from '../../services/pipewright/api.gen.ts';

/** A build's id as runtimes know its workload: what follows the project's name. */
export function idOf({ buildId }: Pick<BuildJob, 'buildId'>): string {
  return buildId.slice(buildId.lastIndexOf(':') + 1);
}
