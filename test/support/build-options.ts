import type { Settings } from '../../src/kernel/options.ts';

type BuildOptions = Pick<Settings, 'buildRuntime' | 'buildIsolation' | 'buildNetwork' | 'buildImages' | 'warmContainers' | 'actionsUrl'>;

/** Builds on the host, whatever engine this machine has, unless the environment says otherwise: a server in a process of its own reads it too. */
export function buildOptions(): BuildOptions {
  const {
    PIPEWRIGHT_BUILD_ISOLATION: isolation,
    PIPEWRIGHT_BUILD_RUNTIME: runtime,
    PIPEWRIGHT_BUILD_NETWORK,
    PIPEWRIGHT_BUILD_IMAGES,
    PIPEWRIGHT_WARM_CONTAINERS,
    PIPEWRIGHT_ACTIONS_URL: actionsUrl,
  } = process.env;
  return {
    buildRuntime: runtime === 'auto' || runtime === 'docker' ? runtime : 'process',
    buildIsolation: isolation === 'off' || isolation === 'required' ? isolation : 'auto',
    buildNetwork: PIPEWRIGHT_BUILD_NETWORK ?? 'auto',
    buildImages: PIPEWRIGHT_BUILD_IMAGES ?? '',
    warmContainers: Number(PIPEWRIGHT_WARM_CONTAINERS ?? 0),
    ...(actionsUrl !== undefined && { actionsUrl }),
  };
}
