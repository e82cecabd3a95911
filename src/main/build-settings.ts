import { readFileSync } from 'node:fs';
import { messageOf, PipewrightError } from '../kernel/errors.ts';
import type { Settings } from '../kernel/options.ts';
import type { RuntimeSettings } from '../runner/runtimes.ts';
import { parseImageMap, type ImageMap } from '../runtimes/docker/image-names.ts';

function readImages(path: string): ImageMap {
  if (path === '') return {};
  try {
    return parseImageMap(readFileSync(path, 'utf8'), path);
  } catch (error) {
    throw new PipewrightError('InvalidSettings', `--build-images: ${messageOf(error)}`, { cause: error });
  }
}

type BuildSettings = Pick<Settings, 'buildRuntime' | 'buildIsolation' | 'buildNetwork' | 'buildImages' | 'warmContainers'>;

/** What the runner is told of builds' runtimes. Throws (InvalidSettings) where the file of images is none. */
export function buildSettings({
  buildRuntime: runtime,
  buildIsolation: isolation = 'auto',
  buildNetwork,
  buildImages,
  warmContainers,
}: BuildSettings): RuntimeSettings {
  // Elsewhere than on Linux the engine is in a virtual machine, whose network is not ours.
  const own = process.platform === 'linux' ? 'host' : 'bridge';
  return {
    runtime,
    isolation,
    network: buildNetwork === 'auto' ? own : buildNetwork,
    images: readImages(buildImages),
    spares: warmContainers,
  };
}
